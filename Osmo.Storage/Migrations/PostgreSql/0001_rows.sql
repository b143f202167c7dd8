-- One table per row kind. Columns that lists filter on are generated from the document, so those documents are jsonb, parsed once per write;
-- where (almost) nothing is generated the document is json, and comes back byte by byte. Text compares by code point (COLLATE "C"), as times and ids need.

CREATE TABLE workflow (
    partition    text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    version      bigint NOT NULL,
    document     jsonb NOT NULL,
    workflow_id  text COLLATE "C" NOT NULL GENERATED ALWAYS AS (document ->> 'workflowId') STORED,
    submitted_by text COLLATE "C" NOT NULL GENERATED ALWAYS AS (document ->> 'user') STORED,
    pool         text COLLATE "C" GENERATED ALWAYS AS (document ->> 'pool') STORED,
    backend      text COLLATE "C" GENERATED ALWAYS AS (document ->> 'backend') STORED,
    priority     text COLLATE "C" GENERATED ALWAYS AS (document ->> 'priority') STORED,
    app_name     text COLLATE "C" GENERATED ALWAYS AS (document ->> 'appName') STORED,
    app_version  bigint GENERATED ALWAYS AS ((document ->> 'appVersion')::bigint) STORED,
    status       text COLLATE "C" NOT NULL GENERATED ALWAYS AS (document ->> 'status') STORED,
    submit_time  text COLLATE "C" NOT NULL GENERATED ALWAYS AS (document ->> 'submitTime') STORED,
    wake_at      text COLLATE "C" GENERATED ALWAYS AS (document ->> 'wakeAt') STORED,
    PRIMARY KEY (partition, id)
);
CREATE UNIQUE INDEX ux_workflow_id ON workflow (workflow_id);
-- With what a walk over all workflows most often filters by, so that it need not visit the rows.
CREATE INDEX ix_workflow_time ON workflow (submit_time, partition) INCLUDE (status, workflow_id);
CREATE INDEX ix_workflow_user ON workflow (submitted_by, submit_time, partition);
CREATE INDEX ix_workflow_pool ON workflow (pool, submit_time, partition);
CREATE INDEX ix_workflow_status ON workflow (status, submit_time, partition);
CREATE INDEX ix_workflow_ongoing ON workflow (submitted_by, submit_time, partition) WHERE status IN ('PENDING', 'RUNNING', 'WAITING');
CREATE INDEX ix_workflow_app ON workflow (app_name, submit_time, partition) WHERE app_name IS NOT NULL;
CREATE INDEX ix_workflow_wake ON workflow (wake_at) WHERE wake_at IS NOT NULL;

-- The labels of the heads, kept by the database itself: a selector finds its few workflows without reading all documents.
CREATE TABLE workflow_label (
    partition   text COLLATE "C" NOT NULL,
    key         text COLLATE "C" NOT NULL,
    value       text COLLATE "C" NOT NULL,
    submit_time text COLLATE "C" NOT NULL,
    PRIMARY KEY (partition, key)
);
CREATE INDEX ix_workflow_label ON workflow_label (key, value, submit_time, partition);

CREATE FUNCTION keep_workflow_labels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM workflow_label WHERE partition = OLD.partition;
    END IF;
    IF TG_OP <> 'DELETE' AND jsonb_typeof(NEW.document -> 'labels') = 'object' THEN
        INSERT INTO workflow_label (partition, key, value, submit_time)
        SELECT NEW.partition, l.key, l.value, NEW.document ->> 'submitTime' FROM jsonb_each_text(NEW.document -> 'labels') l WHERE l.value IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tr_workflow_label_insert AFTER INSERT ON workflow FOR EACH ROW
    WHEN (NEW.document -> 'labels' <> '{}') EXECUTE FUNCTION keep_workflow_labels();
CREATE TRIGGER tr_workflow_label_update AFTER UPDATE ON workflow FOR EACH ROW
    WHEN (OLD.document -> 'labels' IS DISTINCT FROM NEW.document -> 'labels' OR OLD.document -> 'submitTime' IS DISTINCT FROM NEW.document -> 'submitTime')
    EXECUTE FUNCTION keep_workflow_labels();
CREATE TRIGGER tr_workflow_label_delete AFTER DELETE ON workflow FOR EACH ROW
    WHEN (OLD.document -> 'labels' <> '{}') EXECUTE FUNCTION keep_workflow_labels();

CREATE TABLE task (
    partition    text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    version      bigint NOT NULL,
    document     jsonb NOT NULL,
    workflow_id  text COLLATE "C" NOT NULL GENERATED ALWAYS AS (document ->> 'workflowId') STORED,
    submitted_by text COLLATE "C" NOT NULL GENERATED ALWAYS AS (document ->> 'user') STORED,
    pool         text COLLATE "C" GENERATED ALWAYS AS (document ->> 'pool') STORED,
    priority     text COLLATE "C" GENERATED ALWAYS AS (document ->> 'priority') STORED,
    name         text COLLATE "C" NOT NULL GENERATED ALWAYS AS (document ->> 'name') STORED,
    retry_id     bigint NOT NULL GENERATED ALWAYS AS (coalesce((document ->> 'retryId')::bigint, 0)) STORED,
    status       text COLLATE "C" NOT NULL GENERATED ALWAYS AS (document ->> 'status') STORED,
    -- contract: api-rest §8.7, the order of the task list; a task that has not started stands before those that have.
    status_rank  integer NOT NULL GENERATED ALWAYS AS
                 (CASE document ->> 'status' WHEN 'SCHEDULING' THEN 0 WHEN 'INITIALIZING' THEN 1 WHEN 'RUNNING' THEN 2 ELSE 3 END) STORED,
    start_order  text COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(document ->> 'startTime', '~')) STORED,
    submit_time  text COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(document ->> 'submitTime', '')) STORED,
    node_name    text COLLATE "C" GENERATED ALWAYS AS (document ->> 'nodeName') STORED,
    storage      double precision NOT NULL GENERATED ALWAYS AS (coalesce((document ->> 'storage')::double precision, 0)) STORED,
    cpu          integer NOT NULL GENERATED ALWAYS AS (coalesce((document ->> 'cpu')::integer, 0)) STORED,
    memory       double precision NOT NULL GENERATED ALWAYS AS (coalesce((document ->> 'memory')::double precision, 0)) STORED,
    gpu          integer NOT NULL GENERATED ALWAYS AS (coalesce((document ->> 'gpu')::integer, 0)) STORED,
    PRIMARY KEY (partition, id)
);
CREATE INDEX ix_task_order ON task (status_rank, start_order DESC, submit_time DESC, name DESC, partition DESC, retry_id DESC);
CREATE INDEX ix_task_user ON task (submitted_by, status_rank, start_order DESC, submit_time DESC, name DESC, partition DESC, retry_id DESC);
CREATE INDEX ix_task_open ON task (status, submitted_by)
    WHERE status IN ('SUBMITTING', 'WAITING', 'PROCESSING', 'SCHEDULING', 'INITIALIZING', 'RUNNING');
CREATE INDEX ix_task_running ON task (pool, priority) INCLUDE (gpu) WHERE status = 'RUNNING';
CREATE INDEX ix_task_node ON task (node_name)
    WHERE node_name IS NOT NULL AND status IN ('SUBMITTING', 'WAITING', 'PROCESSING', 'SCHEDULING', 'INITIALIZING', 'RUNNING');

CREATE TABLE job (
    partition    text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    version      bigint NOT NULL,
    document     json NOT NULL,
    job_order    bigint NOT NULL GENERATED ALWAYS AS (coalesce((document ->> 'order')::bigint, 0)) STORED,
    PRIMARY KEY (partition, id)
);
CREATE INDEX ix_job_order ON job (partition, job_order, id);

CREATE TABLE workflow_group
    (partition text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, version bigint NOT NULL, document json NOT NULL, PRIMARY KEY (partition, id));
CREATE TABLE plan      (LIKE workflow_group INCLUDING ALL);
CREATE TABLE spec      (LIKE workflow_group INCLUDING ALL);
CREATE TABLE backend   (LIKE workflow_group INCLUDING ALL);
CREATE TABLE node      (LIKE workflow_group INCLUDING ALL);
CREATE TABLE log_chunk (LIKE workflow_group INCLUDING ALL);
CREATE TABLE document  (LIKE workflow_group INCLUDING ALL);
CREATE INDEX ix_node_host ON node (id);

-- The highest job number ever given for a workflow name.
CREATE TABLE workflow_name (name text COLLATE "C" NOT NULL PRIMARY KEY, last_number integer NOT NULL);

-- Makes a write that found no row fail its statement, so that a whole batch needs no second round trip to look at its counts.
CREATE FUNCTION require_row(row_count bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF row_count = 0 THEN
        RAISE EXCEPTION 'the row is gone or has another version' USING ERRCODE = 'OC001';
    END IF;
END $$;
