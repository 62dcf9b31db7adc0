-- The extension stays: others may use it.
DROP INDEX IF EXISTS organizations_trigrams;
DROP TRIGGER members_texts_changed ON members;
DROP TRIGGER members_texts ON members;
DROP FUNCTION vestibule_member_texts;
DROP TABLE member_texts;
DROP INDEX connections_active_sso;
DROP INDEX members_status;
DROP INDEX members_breakglass;
DROP INDEX members_phone_everywhere;
DROP INDEX members_external_id_everywhere;
DROP INDEX members_email_everywhere;
