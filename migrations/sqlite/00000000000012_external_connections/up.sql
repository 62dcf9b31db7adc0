-- SQLite cannot change a CHECK, so the table is rebuilt; other tables refer to it by its name, and
-- the switch for foreign keys has no effect inside a transaction. Run again, it comes to the same.
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;
CREATE TABLE connections_rebuilt (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('saml', 'oidc', 'external', 'scim')),
    display_name TEXT NOT NULL,
    identity_provider TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'active', 'deleted')),
    settings TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    -- The connection of another organization that this one stands for.
    external_connection_id TEXT,
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
CREATE UNIQUE INDEX connections_external ON connections (organization_id, external_connection_id)
    WHERE external_connection_id IS NOT NULL AND status <> 'deleted';
CREATE INDEX connections_pointing_at ON connections (external_connection_id)
    WHERE external_connection_id IS NOT NULL;
COMMIT;
PRAGMA foreign_keys = ON;
