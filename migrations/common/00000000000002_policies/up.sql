-- The project's roles, resources and scopes, as JSON.
CREATE TABLE project_policies (
    project_id TEXT NOT NULL PRIMARY KEY REFERENCES projects (id),
    policy TEXT NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

-- The roles that an organization adds, as JSON.
ALTER TABLE organizations ADD COLUMN custom_roles TEXT NOT NULL DEFAULT '[]';
