-- What filters and sorting ask of Users, as they compare it: folded where case does not matter.
ALTER TABLE scim_users ADD COLUMN display_name_folded TEXT;
UPDATE scim_users SET display_name_folded = lower(resource ->> 'displayName'),
    external_id = resource ->> 'externalId';
UPDATE scim_groups SET external_id = resource ->> 'externalId';

-- Every address of a User; the column email has the one that makes it a member.
CREATE TABLE scim_user_emails (
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    connection_id TEXT NOT NULL,
    value TEXT,
    kind TEXT,
    is_primary BOOLEAN,
    PRIMARY KEY (organization_id, user_id, position),
    FOREIGN KEY (organization_id, user_id) REFERENCES scim_users (organization_id, id)
);
INSERT INTO scim_user_emails
SELECT organization_id, scim_users.id, email.key, connection_id, lower(email.value ->> 'value'),
    lower(email.value ->> 'type'), email.value ->> 'primary'
FROM scim_users, json_each(scim_users.resource, '$.emails') AS email;
CREATE INDEX scim_user_emails_value
    ON scim_user_emails (organization_id, connection_id, value, user_id);

CREATE INDEX scim_users_display_name
    ON scim_users (organization_id, connection_id, display_name_folded, id);
CREATE INDEX scim_users_created ON scim_users (organization_id, connection_id, created_at, id);
CREATE INDEX scim_users_updated ON scim_users (organization_id, connection_id, updated_at, id);
CREATE INDEX scim_groups_created ON scim_groups (organization_id, connection_id, created_at, id);
CREATE INDEX scim_groups_updated ON scim_groups (organization_id, connection_id, updated_at, id);
