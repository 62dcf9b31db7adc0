ALTER TABLE domain_proofs DROP COLUMN seen_at;
