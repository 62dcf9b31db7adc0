DROP INDEX scim_users_external_id;
CREATE INDEX scim_users_external_id ON scim_users (organization_id, connection_id, external_id);
DROP INDEX scim_groups_external_id;
CREATE INDEX scim_groups_external_id ON scim_groups (organization_id, connection_id, external_id);
DROP INDEX scim_resources_external_id;
CREATE INDEX scim_resources_external_id
    ON scim_resources (organization_id, connection_id, resource_type, external_id);
DROP INDEX scim_groups_display_name;
CREATE INDEX scim_groups_display_name
    ON scim_groups (organization_id, connection_id, display_name_folded);
