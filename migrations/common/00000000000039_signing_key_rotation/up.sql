-- From when a key signs, and until when what it signed is believed; NULL as long as no other key follows.
ALTER TABLE signing_keys ADD COLUMN signs_from TIMESTAMP;
ALTER TABLE signing_keys ADD COLUMN verifies_until TIMESTAMP;
UPDATE signing_keys SET signs_from = created_at;
