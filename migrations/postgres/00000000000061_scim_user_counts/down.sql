DROP TRIGGER scim_users_added ON scim_users;
DROP TRIGGER scim_users_removed ON scim_users;
DROP FUNCTION vestibule_scim_user_counts();
DROP TABLE scim_user_counts;
