DELETE FROM scim_tokens WHERE client_id IS NOT NULL;
DROP INDEX scim_tokens_expiry;
DROP INDEX scim_tokens_client;
ALTER TABLE scim_tokens DROP COLUMN secret_id;
ALTER TABLE scim_tokens DROP COLUMN client_id;
DROP TABLE scim_clients;
