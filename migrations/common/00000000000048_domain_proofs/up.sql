-- Mail domains that organizations prove by a DNS record. The token is shown to everybody who asks
-- the DNS. Who looks for what is due does not know whose it is, so that no fence is here.
CREATE TABLE domain_proofs (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    domain TEXT NOT NULL,
    token TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('waiting', 'verified', 'suspended')),
    misses INTEGER NOT NULL,
    missed_at TIMESTAMP,
    last_look TEXT,
    created_at TIMESTAMP NOT NULL,
    verified_at TIMESTAMP,
    -- When the record is looked up (again).
    next_look_at TIMESTAMP NOT NULL,
    UNIQUE (organization_id, domain)
);
CREATE INDEX domain_proofs_due ON domain_proofs (next_look_at);
