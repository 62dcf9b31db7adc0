-- What filters and sorting ask of Users, as they compare it: folded where case does not matter.
ALTER TABLE scim_users ADD COLUMN display_name_folded TEXT COLLATE "C";

-- Every address of a User; the column email has the one that makes it a member.
CREATE TABLE scim_user_emails (
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    connection_id TEXT NOT NULL,
    value TEXT COLLATE "C",
    kind TEXT,
    is_primary BOOLEAN,
    PRIMARY KEY (organization_id, user_id, position),
    FOREIGN KEY (organization_id, user_id) REFERENCES scim_users (organization_id, id)
);

-- Nobody may write for every organization, but the owner of a table that does not force its fence.
ALTER TABLE scim_users NO FORCE ROW LEVEL SECURITY;
ALTER TABLE scim_groups NO FORCE ROW LEVEL SECURITY;
UPDATE scim_users SET display_name_folded = lower(resource::jsonb ->> 'displayName'),
    external_id = resource::jsonb ->> 'externalId';
UPDATE scim_groups SET external_id = resource::jsonb ->> 'externalId';
INSERT INTO scim_user_emails
SELECT organization_id, id, email.number - 1, connection_id, lower(email.part ->> 'value'),
    lower(email.part ->> 'type'), (email.part ->> 'primary')::boolean
FROM scim_users,
    jsonb_array_elements(coalesce(resource::jsonb -> 'emails', '[]'))
        WITH ORDINALITY AS email (part, number);
ALTER TABLE scim_users FORCE ROW LEVEL SECURITY;
ALTER TABLE scim_groups FORCE ROW LEVEL SECURITY;
SELECT vestibule_fence('scim_user_emails');

-- Texts are ordered by their letters' numbers, whatever the database's own order.
CREATE INDEX scim_user_emails_value
    ON scim_user_emails (organization_id, connection_id, value, user_id);
CREATE INDEX scim_users_user_name_order
    ON scim_users (organization_id, connection_id, user_name COLLATE "C", id);
CREATE INDEX scim_users_display_name
    ON scim_users (organization_id, connection_id, display_name_folded, id);
CREATE INDEX scim_users_external_id_order
    ON scim_users (organization_id, connection_id, external_id COLLATE "C", id);
CREATE INDEX scim_groups_display_name_order
    ON scim_groups (organization_id, connection_id, display_name_folded COLLATE "C", id);
CREATE INDEX scim_users_created ON scim_users (organization_id, connection_id, created_at, id);
CREATE INDEX scim_users_updated ON scim_users (organization_id, connection_id, updated_at, id);
CREATE INDEX scim_groups_created ON scim_groups (organization_id, connection_id, created_at, id);
CREATE INDEX scim_groups_updated ON scim_groups (organization_id, connection_id, updated_at, id);
