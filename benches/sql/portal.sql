-- 2,000 organizations, of which one has 10,000 members, in words that both databases understand. What has
-- no column here is taken from the organization that was made by the API.
INSERT INTO organizations (id, project_id, slug, name, name_folded, external_id, logo_url,
    trusted_metadata, settings, created_at, updated_at, custom_roles)
WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 1999),
named AS (SELECT substr(CAST(1000000000000 + i AS TEXT), 2) AS long,
    substr(CAST(10000 + i AS TEXT), 2) AS short FROM numbers)
SELECT '0190a000-0000-7000-8000-' || long, template.project_id, 'company-' || short,
    'Company ' || short, 'company ' || short, 'ext.' || short, '', '{}', template.settings,
    template.created_at, template.updated_at, '[]'
FROM named, organizations AS template WHERE template.slug = 'engines';

INSERT INTO members (organization_id, id, email, email_address, email_address_verified, status,
    name, external_id, trusted_metadata, untrusted_metadata, is_breakglass, mfa_enrolled,
    mfa_phone_number, explicit_roles, removed_by_directory, created_at, updated_at)
WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 10000),
named AS (SELECT i, substr(CAST(1000000000000 + i AS TEXT), 2) AS long FROM numbers)
SELECT engines.id, '0190a000-0000-7000-a000-' || long, 'ada.' || long || '@engines.example',
    'ada.' || long || '@engines.example', 1 = 1, CASE i % 20 WHEN 0 THEN 'invited' ELSE 'active' END,
    'Ada ' || long, 'hr-' || long, '{}', '{}', 1 = 0, 1 = 0, '',
    CASE WHEN i % 50 = 5 THEN '["editor"]' ELSE '[]' END, 1 = 0, engines.created_at,
    engines.updated_at
FROM named, organizations AS engines WHERE engines.slug = 'engines';
