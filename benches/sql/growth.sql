-- Copies :first to :last of the User and the Group named after the template, in words that both
-- databases understand: a member each, with the events of their making, twenty to a group.
CREATE TEMPORARY TABLE copies AS
WITH RECURSIVE numbers (i) AS (SELECT CAST(:first AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < :last),
named AS (SELECT i, substr(CAST(1000000000000 + i AS TEXT), 2) AS long,
    substr(CAST(1000000000000 + i / 20 AS TEXT), 2) AS of_group FROM numbers)
SELECT i, CAST((i * CAST(48271 AS BIGINT)) % 2147483647 AS TEXT) AS name,
    '0190a000-0000-7000-9000-' || long AS user_id, '0190a000-0000-7000-a000-' || long AS member_id,
    '0190a000-0000-7000-b000-' || of_group AS group_id, long, of_group
FROM named;

INSERT INTO members (organization_id, id, email, email_address, email_address_verified, status,
    name, external_id, trusted_metadata, untrusted_metadata, is_breakglass, mfa_enrolled,
    mfa_phone_number, explicit_roles, removed_by_directory, created_at, updated_at)
SELECT it.organization_id, copies.member_id, replace(it.email, 'template', copies.name),
    replace(it.email_address, 'template', copies.name), it.email_address_verified, it.status,
    it.name, it.external_id, it.trusted_metadata, it.untrusted_metadata, it.is_breakglass,
    it.mfa_enrolled, it.mfa_phone_number, it.explicit_roles, it.removed_by_directory,
    it.created_at, it.updated_at
FROM copies, members AS it WHERE it.email LIKE 'ada.template@%';

INSERT INTO scim_users (organization_id, id, connection_id, user_name, external_id, email,
    display_name, display_name_folded, active, member_id, resource, version, created_at, updated_at)
SELECT it.organization_id, copies.user_id, it.connection_id,
    replace(it.user_name, 'template', copies.name), replace(it.external_id, 'template', copies.name),
    replace(it.email, 'template', copies.name), it.display_name, it.display_name_folded, it.active,
    copies.member_id, replace(it.resource, 'template', copies.name), it.version, it.created_at,
    it.updated_at
FROM copies, scim_users AS it WHERE it.user_name LIKE 'ada.template@%';

INSERT INTO scim_user_emails (organization_id, user_id, position, connection_id, value, kind, is_primary)
SELECT it.organization_id, copies.user_id, it.position, it.connection_id,
    replace(it.value, 'template', copies.name), it.kind, it.is_primary
FROM copies, scim_user_emails AS it WHERE it.value LIKE 'ada.template@%';

INSERT INTO scim_groups (organization_id, id, connection_id, display_name, display_name_folded,
    external_id, resource, version, created_at, updated_at)
SELECT it.organization_id, copies.group_id, it.connection_id,
    replace(it.display_name, 'Template', 'Group ' || copies.of_group),
    replace(it.display_name_folded, 'template', 'group ' || copies.of_group), it.external_id,
    replace(it.resource, 'Template', 'Group ' || copies.of_group), it.version, it.created_at,
    it.updated_at
FROM (SELECT DISTINCT group_id, of_group FROM copies) AS copies, scim_groups AS it
WHERE it.display_name = 'Template';

INSERT INTO scim_group_members (organization_id, group_id, user_id, added_at)
SELECT it.organization_id, copies.group_id, copies.user_id, it.created_at
FROM copies, scim_groups AS it WHERE it.display_name = 'Template';

-- Of a Group there are as many changes as members.
INSERT INTO journal (organization_id, id, occurred_at, kind, object_id, actor, actor_id, request_id,
    before_change, after_change)
SELECT it.organization_id, '0190a000-0000-7000-'
    || CASE it.kind WHEN 'member.created' THEN '8' WHEN 'scim_user.created' THEN '9'
        WHEN 'scim_group.created' THEN 'a' ELSE 'b' END || '000-' || copies.long,
    it.occurred_at, it.kind,
    replace(replace(replace(it.object_id, users.id, copies.user_id), users.member_id, copies.member_id),
        groups.id, copies.group_id),
    it.actor, it.actor_id, it.request_id,
    replace(it.before_change, 'Template', 'Group ' || copies.of_group),
    replace(replace(replace(replace(it.after_change, 'template', copies.name),
        'Template', 'Group ' || copies.of_group), users.id, copies.user_id),
        users.member_id, copies.member_id)
FROM copies, scim_users AS users, scim_groups AS groups, journal AS it
WHERE users.user_name LIKE 'ada.template@%' AND groups.display_name = 'Template'
    AND it.organization_id = users.organization_id AND it.actor_id LIKE 'scim-connection-%'
    AND it.object_id IN ('member-test-' || users.member_id, 'scim-user-test-' || users.id,
        'scim-group-test-' || groups.id)
    AND (it.kind <> 'scim_group.created' OR copies.i % 20 = 0);

DROP TABLE copies;
