ALTER TABLE member_failures DROP COLUMN second_factor_last_at;
ALTER TABLE member_failures DROP COLUMN second_factor_failures;
