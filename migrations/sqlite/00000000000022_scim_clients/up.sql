-- OAuth clients of a SCIM connection, and the access tokens they get: rows of scim_tokens that
-- name the client, and the secret it showed if it showed one.
CREATE TABLE scim_clients (
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    display_name TEXT NOT NULL,
    secrets TEXT NOT NULL,
    assertion_trust TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
);
CREATE INDEX scim_clients_connection ON scim_clients (organization_id, connection_id, id);

ALTER TABLE scim_tokens ADD COLUMN client_id TEXT;
ALTER TABLE scim_tokens ADD COLUMN secret_id TEXT;
CREATE INDEX scim_tokens_client ON scim_tokens (organization_id, client_id)
    WHERE client_id IS NOT NULL;
CREATE INDEX scim_tokens_expiry ON scim_tokens (expires_at) WHERE client_id IS NOT NULL;
