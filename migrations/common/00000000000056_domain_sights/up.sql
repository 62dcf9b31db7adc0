-- When the record of a claim that proves nothing yet was first seen.
ALTER TABLE domain_proofs ADD COLUMN seen_at TIMESTAMP;
