DROP INDEX scim_users_without_member;
