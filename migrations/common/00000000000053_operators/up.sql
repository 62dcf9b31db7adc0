-- What opens the operator's console: one-time links, and the sessions that they were turned into.
CREATE TABLE operator_secrets (
    hash TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    kind TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX operator_secrets_project ON operator_secrets (project_id, kind);
CREATE INDEX operator_secrets_expiry ON operator_secrets (expires_at);
