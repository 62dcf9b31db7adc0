-- When a connection has to be looked after next: its IdP's metadata read again, or somebody warned
-- of a certificate that ends. NULL when there is nothing to come.
ALTER TABLE connections ADD COLUMN upkeep_at TIMESTAMP;
CREATE INDEX connections_upkeep ON connections (upkeep_at);
UPDATE connections SET upkeep_at = updated_at WHERE kind = 'saml' AND status = 'active';
