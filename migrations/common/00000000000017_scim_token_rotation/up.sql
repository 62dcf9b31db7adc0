-- While a token is rotated there are two that work: the current one and the next.
ALTER TABLE scim_tokens ADD COLUMN is_next BOOLEAN NOT NULL DEFAULT FALSE;
