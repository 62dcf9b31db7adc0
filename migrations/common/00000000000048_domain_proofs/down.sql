DROP TABLE domain_proofs;
