-- In the order of a page: SQLite keeps no statistics, and takes the page's index and reads every row
-- rather than sort what an index finds.
DROP INDEX scim_users_external_id;
CREATE INDEX scim_users_external_id
    ON scim_users (organization_id, connection_id, external_id, id);
DROP INDEX scim_groups_external_id;
CREATE INDEX scim_groups_external_id
    ON scim_groups (organization_id, connection_id, external_id, id);
DROP INDEX scim_resources_external_id;
CREATE INDEX scim_resources_external_id
    ON scim_resources (organization_id, connection_id, resource_type, external_id, id);
DROP INDEX scim_groups_display_name;
CREATE INDEX scim_groups_display_name
    ON scim_groups (organization_id, connection_id, display_name_folded, id);
