ALTER TABLE connections DROP CONSTRAINT connections_kind_check;
ALTER TABLE connections ADD CONSTRAINT connections_kind_check
    CHECK (kind IN ('saml', 'oidc', 'external', 'scim'));
-- The connection of another organization that this one stands for.
ALTER TABLE connections ADD COLUMN external_connection_id TEXT;
CREATE UNIQUE INDEX connections_external ON connections (organization_id, external_connection_id)
    WHERE external_connection_id IS NOT NULL AND status <> 'deleted';
CREATE INDEX connections_pointing_at ON connections (external_connection_id)
    WHERE external_connection_id IS NOT NULL;
