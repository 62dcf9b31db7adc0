ALTER TABLE scim_tokens DROP COLUMN is_next;
