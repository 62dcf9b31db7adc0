-- Links that let a customer's IT admin set up one organization without an account, and what was
-- opened with them. Secrets are here as hashes alone.
CREATE TABLE portal_links (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    id TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    is_lasting BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    opened_at TIMESTAMP,
    revoked_at TIMESTAMP,
    completed_at TIMESTAMP,
    PRIMARY KEY (organization_id, id)
);
CREATE TABLE portal_sessions (
    token_hash TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL,
    link_id TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    FOREIGN KEY (organization_id, link_id) REFERENCES portal_links (organization_id, id)
);
CREATE INDEX portal_sessions_link ON portal_sessions (organization_id, link_id);
CREATE INDEX portal_sessions_expiry ON portal_sessions (expires_at);
CREATE INDEX portal_links_expiry ON portal_links (expires_at);
