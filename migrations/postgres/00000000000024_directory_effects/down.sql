DROP INDEX scim_groups_display_name;
CREATE UNIQUE INDEX scim_groups_display_name
    ON scim_groups (organization_id, connection_id, display_name_folded);
DROP INDEX members_admin;
DROP INDEX members_kept_as_admin;
ALTER TABLE members DROP COLUMN kept_as_admin;
DROP TABLE scim_group_nesting;
