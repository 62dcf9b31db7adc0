-- One-time tokens of any kind; those of people who have not chosen an organization yet belong to the
-- project alone.
CREATE TABLE one_time_tokens_of_journeys (
    hash TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL,
    organization_id TEXT REFERENCES organizations (id),
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
INSERT INTO one_time_tokens_of_journeys (hash, project_id, organization_id, kind, content, expires_at)
    SELECT t.hash, o.project_id, t.organization_id, t.kind, t.content, t.expires_at
    FROM one_time_tokens t JOIN organizations o ON o.id = t.organization_id
    WHERE t.kind <> 'intermediate';
DROP TABLE one_time_tokens;
ALTER TABLE one_time_tokens_of_journeys RENAME TO one_time_tokens;
CREATE INDEX one_time_tokens_expiry ON one_time_tokens (expires_at);
CREATE INDEX one_time_tokens_organization ON one_time_tokens (organization_id);
