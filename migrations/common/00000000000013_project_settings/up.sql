-- What a project declares in its project file, as JSON. Where the redirect URLs are NULL the server's
-- configuration names them.
CREATE TABLE project_settings (
    project_id TEXT NOT NULL PRIMARY KEY REFERENCES projects (id),
    policy TEXT NOT NULL,
    redirect_urls TEXT,
    public_tokens TEXT NOT NULL,
    mail_templates TEXT NOT NULL,
    session TEXT NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

-- Until now no call wrote a policy.
DROP TABLE project_policies;

-- Who takes a key away: the next start, a command, or the project file.
ALTER TABLE project_keys ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE project_keys ADD COLUMN origin TEXT NOT NULL DEFAULT 'start';
