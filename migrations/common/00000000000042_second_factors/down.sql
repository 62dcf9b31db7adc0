DROP TABLE member_failures;
DROP TABLE sms_messages;
DROP TABLE totps;
ALTER TABLE members DROP COLUMN lock_expires_at;
ALTER TABLE members DROP COLUMN locked_at;
ALTER TABLE members DROP COLUMN totp_registration_id;
