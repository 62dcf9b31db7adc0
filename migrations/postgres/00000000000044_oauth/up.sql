-- Whom OAuth providers know as which member.
CREATE TABLE oauth_registrations (
    organization_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    email_address TEXT NOT NULL,
    picture_url TEXT NOT NULL,
    locale TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, provider, subject),
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id)
);
CREATE INDEX oauth_registrations_member ON oauth_registrations (organization_id, member_id);
CREATE INDEX oauth_registrations_subject ON oauth_registrations (provider, subject);
SELECT vestibule_fence('oauth_registrations');

-- The tenants of OAuth providers whose people organizations let join; the settings say the same.
-- Whoever looks here does not know yet whose rows are meant, so that no fence is around them.
CREATE TABLE allowed_oauth_tenants (
    project_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    tenant TEXT NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    PRIMARY KEY (project_id, provider, tenant, organization_id)
);
CREATE INDEX allowed_oauth_tenants_organization ON allowed_oauth_tenants (organization_id);
INSERT INTO allowed_oauth_tenants (project_id, provider, tenant, organization_id)
SELECT o.project_id, named.provider, listed.tenant #>> '{}', o.id
FROM organizations AS o
    CROSS JOIN (VALUES ('slack'), ('hubspot'), ('github')) AS named (provider)
    CROSS JOIN LATERAL jsonb_array_elements(
        CASE jsonb_typeof(o.settings::jsonb -> 'allowed_oauth_tenants' -> named.provider)
            WHEN 'array' THEN o.settings::jsonb -> 'allowed_oauth_tenants' -> named.provider
            ELSE '[]'::jsonb
        END
    ) AS listed (tenant)
WHERE jsonb_typeof(listed.tenant) = 'string'
ON CONFLICT DO NOTHING;
