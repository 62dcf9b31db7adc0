DROP TRIGGER members_roles_removed ON members;
DROP TRIGGER members_roles_changed ON members;
DROP TRIGGER members_roles_added ON members;
DROP FUNCTION vestibule_member_roles;
DROP TABLE member_roles;
