DROP INDEX members_mfa_phone_number;
ALTER TABLE members DROP COLUMN default_mfa_method;
ALTER TABLE members DROP COLUMN mfa_phone_number_verified;
