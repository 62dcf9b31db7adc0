ALTER TABLE project_settings DROP COLUMN passwords;
DROP TABLE address_passwords;
DROP TABLE member_passwords;
