-- Machines of the project that get access tokens. While a secret is rotated there are two that work.
CREATE TABLE m2m_clients (
    project_id TEXT NOT NULL REFERENCES projects (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    scopes TEXT NOT NULL,
    trusted_metadata TEXT NOT NULL,
    secret TEXT NOT NULL,
    next_secret TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (project_id, id)
);

-- Issuers whose tokens open sessions, and where another system's sessions are asked about, as JSON.
ALTER TABLE project_settings ADD COLUMN trusted_tokens TEXT NOT NULL DEFAULT '{}';
ALTER TABLE project_settings ADD COLUMN session_migration TEXT NOT NULL DEFAULT '{}';
