CREATE TABLE one_time_tokens_of_sso (
    hash TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    kind TEXT NOT NULL CHECK (kind IN ('sso', 'intermediate')),
    content TEXT NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
INSERT INTO one_time_tokens_of_sso (hash, organization_id, kind, content, expires_at)
    SELECT hash, organization_id, kind, content, expires_at FROM one_time_tokens WHERE kind = 'sso';
DROP TABLE one_time_tokens;
ALTER TABLE one_time_tokens_of_sso RENAME TO one_time_tokens;
CREATE INDEX one_time_tokens_expiry ON one_time_tokens (expires_at);
CREATE INDEX one_time_tokens_organization ON one_time_tokens (organization_id);
