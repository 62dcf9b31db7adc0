-- Passwords: of a member in its organization, or of an address in a project whose organizations
-- share them. A hash is one line of text that says how it was made.
CREATE TABLE member_passwords (
    organization_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    id TEXT NOT NULL,
    hash TEXT NOT NULL,
    requires_reset BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, member_id),
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id)
);
CREATE UNIQUE INDEX member_passwords_id ON member_passwords (organization_id, id);

CREATE TABLE address_passwords (
    project_id TEXT NOT NULL REFERENCES projects (id),
    email TEXT NOT NULL,
    id TEXT NOT NULL,
    hash TEXT NOT NULL,
    requires_reset BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (project_id, email)
);

SELECT vestibule_fence('member_passwords');

-- What a project asks of passwords, as JSON.
ALTER TABLE project_settings ADD COLUMN passwords TEXT NOT NULL DEFAULT '{}';
