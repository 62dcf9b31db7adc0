DROP TRIGGER scim_users_added;
DROP TRIGGER scim_users_removed;
DROP TABLE scim_user_counts;
