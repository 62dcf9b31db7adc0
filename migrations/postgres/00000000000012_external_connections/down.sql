DELETE FROM sso_registrations WHERE connection_id IN
    (SELECT id FROM connections WHERE kind = 'external');
DELETE FROM sign_in_flows WHERE connection_id IN
    (SELECT id FROM connections WHERE kind = 'external');
DELETE FROM seen_assertions WHERE connection_id IN
    (SELECT id FROM connections WHERE kind = 'external');
DELETE FROM connections WHERE kind = 'external';
DROP INDEX connections_pointing_at;
DROP INDEX connections_external;
ALTER TABLE connections DROP COLUMN external_connection_id;
ALTER TABLE connections DROP CONSTRAINT connections_kind_check;
ALTER TABLE connections ADD CONSTRAINT connections_kind_check
    CHECK (kind IN ('saml', 'oidc', 'scim'));
