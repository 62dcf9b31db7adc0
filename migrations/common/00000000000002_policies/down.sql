ALTER TABLE organizations DROP COLUMN custom_roles;
DROP TABLE project_policies;
