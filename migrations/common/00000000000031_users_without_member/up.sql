-- Users that nobody is yet, whom administrators look for.
CREATE INDEX scim_users_without_member
    ON scim_users (organization_id, connection_id, id) WHERE member_id IS NULL;
