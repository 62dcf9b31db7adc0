PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;
DELETE FROM sso_registrations WHERE connection_id IN
    (SELECT id FROM connections WHERE kind = 'external');
DELETE FROM sign_in_flows WHERE connection_id IN
    (SELECT id FROM connections WHERE kind = 'external');
DELETE FROM seen_assertions WHERE connection_id IN
    (SELECT id FROM connections WHERE kind = 'external');
DELETE FROM connections WHERE kind = 'external';
CREATE TABLE connections_rebuilt (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('saml', 'oidc', 'scim')),
    display_name TEXT NOT NULL,
    identity_provider TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'active', 'deleted')),
    settings TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, id)
);
INSERT INTO connections_rebuilt
    (organization_id, id, kind, display_name, identity_provider, status, settings, created_at,
        updated_at)
SELECT
        organization_id, id, kind, display_name, identity_provider, status, settings, created_at,
        updated_at
FROM connections;
DROP TABLE connections;
ALTER TABLE connections_rebuilt RENAME TO connections;
CREATE UNIQUE INDEX connections_id ON connections (id);
CREATE UNIQUE INDEX connections_one_active_scim ON connections (organization_id)
    WHERE kind = 'scim' AND status = 'active';
COMMIT;
PRAGMA foreign_keys = ON;
