-- Task lists of a node or a pool, over all history: in the list's order, so that a page costs a page. Only of attempts that have ended, so that an attempt costs one entry
-- in each, at its end and none at the submit; those that are open are few, and found as before.
CREATE INDEX ix_task_ended_node ON task (node_name, status_rank, start_order DESC, submit_time DESC, name DESC, partition DESC, retry_id DESC)
    WHERE node_name IS NOT NULL AND status NOT IN ('SUBMITTING', 'WAITING', 'PROCESSING', 'SCHEDULING', 'INITIALIZING', 'RUNNING');
CREATE INDEX ix_task_ended_pool ON task (pool, status_rank, start_order DESC, submit_time DESC, name DESC, partition DESC, retry_id DESC)
    WHERE pool IS NOT NULL AND status NOT IN ('SUBMITTING', 'WAITING', 'PROCESSING', 'SCHEDULING', 'INITIALIZING', 'RUNNING');
