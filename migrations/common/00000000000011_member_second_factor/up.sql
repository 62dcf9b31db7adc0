-- What a member has of a second factor besides the number itself.
ALTER TABLE members ADD COLUMN mfa_phone_number_verified BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE members ADD COLUMN default_mfa_method TEXT
    CHECK (default_mfa_method IN ('sms_otp', 'totp'));
CREATE INDEX members_mfa_phone_number ON members (organization_id, mfa_phone_number)
    WHERE mfa_phone_number <> '';
