DROP TRIGGER members_roles_removed;
DROP TRIGGER members_roles_changed;
DROP TRIGGER members_roles_added;
DROP TABLE member_roles;
