-- 1,000 organizations with 100,000 members, in words that both databases understand. What has no
-- column here is taken from the organization and the connection that were made by the API.
INSERT INTO organizations (id, project_id, slug, name, name_folded, external_id, logo_url,
    trusted_metadata, settings, created_at, updated_at, custom_roles)
WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 1000),
named AS (SELECT i, substr(CAST(1000000000000 + i AS TEXT), 2) AS long,
    substr(CAST(10000 + i AS TEXT), 2) AS short FROM numbers)
SELECT '0190a000-0000-7000-8000-' || long, template.project_id, 'company-' || short,
    'Company ' || short, 'company ' || short, 'ext.' || short, '', '{}',
    replace(template.settings, '"email_allowed_domains":[]',
        '"email_allowed_domains":["company-' || short || '.example"]'),
    template.created_at, template.updated_at, '[]'
FROM named, organizations AS template WHERE template.slug = 'engines';

INSERT INTO claimed_domains (project_id, domain, organization_id)
SELECT project_id, slug || '.claimed.example', id FROM organizations WHERE slug LIKE 'company-___5';

INSERT INTO connections (organization_id, id, kind, display_name, identity_provider, status,
    settings, created_at, updated_at)
SELECT filled.id, replace(filled.id, '-8000-', '-9000-'), template.kind, 'SSO',
    template.identity_provider, 'active',
    CASE WHEN filled.slug LIKE 'company-__11' THEN replace(template.settings,
        '"implicit_roles":{"connection":[]', '"implicit_roles":{"connection":["employee"]')
    ELSE template.settings END,
    template.created_at, template.updated_at
FROM organizations AS filled, connections AS template
WHERE filled.external_id LIKE 'ext.%' AND substr(filled.slug, 12) IN ('1', '3', '5', '7', '9')
    AND template.kind = 'oidc' AND template.display_name = 'Template';

INSERT INTO members (organization_id, id, email, email_address, email_address_verified, status,
    name, external_id, trusted_metadata, untrusted_metadata, is_breakglass, mfa_enrolled,
    mfa_phone_number, explicit_roles, removed_by_directory, created_at, updated_at)
WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 100000),
named AS (SELECT i, substr(CAST(1000000000001 + i % 1000 AS TEXT), 2) AS company,
    substr(CAST(1000000000000 + i AS TEXT), 2) AS long,
    CASE i % 10 WHEN 0 THEN 'ada' WHEN 1 THEN 'charles' WHEN 2 THEN 'grace' WHEN 3 THEN 'edsger'
        WHEN 4 THEN 'barbara' WHEN 5 THEN 'donald' WHEN 6 THEN 'frances' WHEN 7 THEN 'alan'
        WHEN 8 THEN 'katherine' ELSE 'tony' END
    || '.' || CAST((i * CAST(48271 AS BIGINT)) % 2147483647 AS TEXT) AS local FROM numbers)
SELECT '0190a000-0000-7000-8000-' || company, '0190a000-0000-7000-a000-' || long,
    local || '@company-' || substr(company, 9) || '.example',
    local || '@company-' || substr(company, 9) || '.example', 1 = 1,
    CASE i % 20 WHEN 0 THEN 'deleted' WHEN 1 THEN 'invited' ELSE 'active' END,
    local, 'hr-' || CAST(i AS TEXT), '{}', '{}', i % 100 = 7, 1 = 0,
    CASE WHEN i % 10 = 3 THEN '+4930' || CAST(1000000 + i AS TEXT) ELSE '' END,
    CASE WHEN i % 50 = 5 THEN '["editor"]' ELSE '[]' END, 1 = 0, template.created_at,
    template.updated_at
FROM named, organizations AS template WHERE template.slug = 'engines';

INSERT INTO sso_registrations (organization_id, connection_id, subject, id, member_id, attributes,
    "groups", created_at, updated_at)
SELECT members.organization_id, connections.id, members.email,
    replace(members.id, '-a000-', '-b000-'), members.id, '{}', '[]', members.created_at,
    members.updated_at
FROM members JOIN connections ON connections.organization_id = members.organization_id
WHERE members.name LIKE 'grace.%' AND connections.kind = 'oidc' AND members.status = 'active';
