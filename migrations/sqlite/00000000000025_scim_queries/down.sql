DROP INDEX scim_groups_updated;
DROP INDEX scim_groups_created;
DROP INDEX scim_users_updated;
DROP INDEX scim_users_created;
DROP INDEX scim_users_display_name;
DROP TABLE scim_user_emails;
ALTER TABLE scim_users DROP COLUMN display_name_folded;
