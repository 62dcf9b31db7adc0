ALTER TABLE project_keys DROP COLUMN origin;
ALTER TABLE project_keys DROP COLUMN name;

CREATE TABLE project_policies (
    project_id TEXT NOT NULL PRIMARY KEY REFERENCES projects (id),
    policy TEXT NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

DROP TABLE project_settings;
