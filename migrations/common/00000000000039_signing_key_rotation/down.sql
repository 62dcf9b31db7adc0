ALTER TABLE signing_keys DROP COLUMN verifies_until;
ALTER TABLE signing_keys DROP COLUMN signs_from;
