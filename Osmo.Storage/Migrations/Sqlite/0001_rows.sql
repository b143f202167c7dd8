-- One table per row kind. Columns that lists filter on are generated from the document; they stand before it,
-- so that reading them never walks the overflow pages of a large document.

CREATE TABLE workflow (
    partition    TEXT NOT NULL,
    id           TEXT NOT NULL,
    version      INTEGER NOT NULL,
    workflow_id  TEXT NOT NULL GENERATED ALWAYS AS (document ->> '$.workflowId') STORED,
    submitted_by TEXT NOT NULL GENERATED ALWAYS AS (document ->> '$.user') STORED,
    pool         TEXT GENERATED ALWAYS AS (document ->> '$.pool') STORED,
    backend      TEXT GENERATED ALWAYS AS (document ->> '$.backend') STORED,
    priority     TEXT GENERATED ALWAYS AS (document ->> '$.priority') STORED,
    app_name     TEXT GENERATED ALWAYS AS (document ->> '$.appName') STORED,
    app_version  INTEGER GENERATED ALWAYS AS (document ->> '$.appVersion') STORED,
    status       TEXT NOT NULL GENERATED ALWAYS AS (document ->> '$.status') STORED,
    submit_time  TEXT NOT NULL GENERATED ALWAYS AS (document ->> '$.submitTime') STORED,
    wake_at      TEXT GENERATED ALWAYS AS (document ->> '$.wakeAt') STORED,
    document     TEXT NOT NULL,
    PRIMARY KEY (partition, id)
);
CREATE UNIQUE INDEX ux_workflow_id ON workflow (workflow_id);
-- With what a walk over all workflows most often filters by, so that it need not visit the rows.
CREATE INDEX ix_workflow_time ON workflow (submit_time, partition, status, workflow_id);
CREATE INDEX ix_workflow_user ON workflow (submitted_by, submit_time, partition);
CREATE INDEX ix_workflow_pool ON workflow (pool, submit_time, partition);
CREATE INDEX ix_workflow_status ON workflow (status, submit_time, partition);
CREATE INDEX ix_workflow_ongoing ON workflow (submitted_by, submit_time, partition) WHERE status IN ('PENDING', 'RUNNING', 'WAITING');
CREATE INDEX ix_workflow_app ON workflow (app_name, submit_time, partition) WHERE app_name IS NOT NULL;
CREATE INDEX ix_workflow_wake ON workflow (wake_at) WHERE wake_at IS NOT NULL;

-- The labels of the heads, kept by the database itself: a selector finds its few workflows without reading all documents.
CREATE TABLE workflow_label (
    partition   TEXT NOT NULL,
    key         TEXT NOT NULL,
    value       TEXT NOT NULL,
    submit_time TEXT NOT NULL,
    PRIMARY KEY (partition, key)
) WITHOUT ROWID;
CREATE INDEX ix_workflow_label ON workflow_label (key, value, submit_time, partition);

CREATE TRIGGER tr_workflow_label_insert AFTER INSERT ON workflow WHEN (NEW.document -> '$.labels') IS NOT NULL
BEGIN
    INSERT INTO workflow_label (partition, key, value, submit_time)
    SELECT NEW.partition, l.key, l.value, NEW.submit_time FROM json_each(NEW.document, '$.labels') l WHERE l.value IS NOT NULL;
END;
CREATE TRIGGER tr_workflow_label_update AFTER UPDATE ON workflow
WHEN (OLD.document -> '$.labels') IS NOT (NEW.document -> '$.labels') OR OLD.submit_time <> NEW.submit_time
BEGIN
    DELETE FROM workflow_label WHERE partition = OLD.partition;
    INSERT INTO workflow_label (partition, key, value, submit_time)
    SELECT NEW.partition, l.key, l.value, NEW.submit_time FROM json_each(NEW.document, '$.labels') l WHERE l.value IS NOT NULL;
END;
CREATE TRIGGER tr_workflow_label_delete AFTER DELETE ON workflow
BEGIN
    DELETE FROM workflow_label WHERE partition = OLD.partition;
END;

CREATE TABLE task (
    partition    TEXT NOT NULL,
    id           TEXT NOT NULL,
    version      INTEGER NOT NULL,
    workflow_id  TEXT NOT NULL GENERATED ALWAYS AS (document ->> '$.workflowId') STORED,
    submitted_by TEXT NOT NULL GENERATED ALWAYS AS (document ->> '$.user') STORED,
    pool         TEXT GENERATED ALWAYS AS (document ->> '$.pool') STORED,
    priority     TEXT GENERATED ALWAYS AS (document ->> '$.priority') STORED,
    name         TEXT NOT NULL GENERATED ALWAYS AS (document ->> '$.name') STORED,
    retry_id     INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(document ->> '$.retryId', 0)) STORED,
    status       TEXT NOT NULL GENERATED ALWAYS AS (document ->> '$.status') STORED,
    -- contract: api-rest §8.7, the order of the task list; a task that has not started stands before those that have.
    status_rank  INTEGER NOT NULL GENERATED ALWAYS AS
                 (CASE document ->> '$.status' WHEN 'SCHEDULING' THEN 0 WHEN 'INITIALIZING' THEN 1 WHEN 'RUNNING' THEN 2 ELSE 3 END) STORED,
    start_order  TEXT NOT NULL GENERATED ALWAYS AS (coalesce(document ->> '$.startTime', '~')) STORED,
    submit_time  TEXT NOT NULL GENERATED ALWAYS AS (coalesce(document ->> '$.submitTime', '')) STORED,
    node_name    TEXT GENERATED ALWAYS AS (document ->> '$.nodeName') STORED,
    storage      REAL NOT NULL GENERATED ALWAYS AS (coalesce(document ->> '$.storage', 0)) STORED,
    cpu          INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(document ->> '$.cpu', 0)) STORED,
    memory       REAL NOT NULL GENERATED ALWAYS AS (coalesce(document ->> '$.memory', 0)) STORED,
    gpu          INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(document ->> '$.gpu', 0)) STORED,
    document     TEXT NOT NULL,
    PRIMARY KEY (partition, id)
);
CREATE INDEX ix_task_order ON task (status_rank, start_order DESC, submit_time DESC, name DESC, partition DESC, retry_id DESC);
CREATE INDEX ix_task_user ON task (submitted_by, status_rank, start_order DESC, submit_time DESC, name DESC, partition DESC, retry_id DESC);
CREATE INDEX ix_task_open ON task (status, submitted_by)
    WHERE status IN ('SUBMITTING', 'WAITING', 'PROCESSING', 'SCHEDULING', 'INITIALIZING', 'RUNNING');
CREATE INDEX ix_task_running ON task (pool, priority, gpu) WHERE status = 'RUNNING';
CREATE INDEX ix_task_node ON task (node_name)
    WHERE node_name IS NOT NULL AND status IN ('SUBMITTING', 'WAITING', 'PROCESSING', 'SCHEDULING', 'INITIALIZING', 'RUNNING');

CREATE TABLE job (
    partition    TEXT NOT NULL,
    id           TEXT NOT NULL,
    version      INTEGER NOT NULL,
    job_order    INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(document ->> '$.order', 0)) STORED,
    document     TEXT NOT NULL,
    PRIMARY KEY (partition, id)
);
CREATE INDEX ix_job_order ON job (partition, job_order, id);

CREATE TABLE workflow_group (partition TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, document TEXT NOT NULL, PRIMARY KEY (partition, id));
CREATE TABLE plan           (partition TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, document TEXT NOT NULL, PRIMARY KEY (partition, id));
CREATE TABLE spec           (partition TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, document TEXT NOT NULL, PRIMARY KEY (partition, id));
CREATE TABLE backend        (partition TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, document TEXT NOT NULL, PRIMARY KEY (partition, id));
CREATE TABLE node           (partition TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, document TEXT NOT NULL, PRIMARY KEY (partition, id));
CREATE TABLE log_chunk      (partition TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, document TEXT NOT NULL, PRIMARY KEY (partition, id));
CREATE TABLE document       (partition TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, document TEXT NOT NULL, PRIMARY KEY (partition, id));
CREATE INDEX ix_node_host ON node (id);

-- The highest job number ever given for a workflow name.
CREATE TABLE workflow_name (name TEXT NOT NULL PRIMARY KEY, last_number INTEGER NOT NULL) WITHOUT ROWID;
