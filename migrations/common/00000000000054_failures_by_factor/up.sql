-- Wrong codes of second factors in a row; `failures` counts those of first factors from now on.
ALTER TABLE member_failures ADD COLUMN second_factor_failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member_failures ADD COLUMN second_factor_last_at TIMESTAMP;
