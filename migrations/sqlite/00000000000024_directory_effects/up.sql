-- Groups inside groups, one row each; people in groups are in scim_group_members.
CREATE TABLE scim_group_nesting (
    organization_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    nested_id TEXT NOT NULL,
    added_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, group_id, nested_id),
    FOREIGN KEY (organization_id, group_id) REFERENCES scim_groups (organization_id, id),
    FOREIGN KEY (organization_id, nested_id) REFERENCES scim_groups (organization_id, id)
);
CREATE INDEX scim_group_nesting_nested ON scim_group_nesting (organization_id, nested_id, group_id);

-- What a directory wanted of an organization's last administrator and has not got, as JSON.
ALTER TABLE members ADD COLUMN kept_as_admin TEXT;
CREATE INDEX members_kept_as_admin ON members (organization_id) WHERE kept_as_admin IS NOT NULL;
-- Who was made an administrator by hand.
CREATE INDEX members_admin ON members (organization_id, id)
    WHERE instr(explicit_roles, '"stytch_admin"') > 0;

-- A connection may let groups share a name; where they may not, the use case sees to it.
DROP INDEX scim_groups_display_name;
CREATE INDEX scim_groups_display_name
    ON scim_groups (organization_id, connection_id, display_name_folded);
