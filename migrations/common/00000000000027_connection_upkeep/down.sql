DROP INDEX connections_upkeep;
ALTER TABLE connections DROP COLUMN upkeep_at;
