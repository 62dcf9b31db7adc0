-- Portable to SQLite and PostgreSQL: ids, enums and JSON are TEXT, instants are UTC TIMESTAMP.
-- Rows of a tenant are keyed (organization_id, id); foreign keys never cross organizations.

CREATE TABLE projects (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE project_keys (
    hash TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    kind TEXT NOT NULL CHECK (kind IN ('secret', 'public_token')),
    last_four TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE signing_keys (
    project_id TEXT NOT NULL REFERENCES projects (id),
    id TEXT NOT NULL,
    sealed_private_key TEXT NOT NULL,
    certificate TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (project_id, id)
);

CREATE TABLE organizations (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    external_id TEXT,
    logo_url TEXT NOT NULL,
    trusted_metadata TEXT NOT NULL,
    settings TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX organizations_slug ON organizations (project_id, slug);
CREATE UNIQUE INDEX organizations_external_id ON organizations (project_id, external_id)
    WHERE external_id IS NOT NULL;
CREATE INDEX organizations_page ON organizations (project_id, id);

CREATE TABLE claimed_domains (
    project_id TEXT NOT NULL REFERENCES projects (id),
    domain TEXT NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    PRIMARY KEY (project_id, domain)
);
CREATE INDEX claimed_domains_organization ON claimed_domains (organization_id);

CREATE TABLE members (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    id TEXT NOT NULL,
    email TEXT NOT NULL,
    email_address TEXT NOT NULL,
    email_address_verified BOOLEAN NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'invited', 'active', 'deleted')),
    name TEXT NOT NULL,
    external_id TEXT,
    trusted_metadata TEXT NOT NULL,
    untrusted_metadata TEXT NOT NULL,
    is_breakglass BOOLEAN NOT NULL,
    mfa_enrolled BOOLEAN NOT NULL,
    mfa_phone_number TEXT NOT NULL,
    explicit_roles TEXT NOT NULL,
    removed_by_directory BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX members_id ON members (id);
CREATE UNIQUE INDEX members_email ON members (organization_id, email) WHERE status <> 'deleted';
CREATE INDEX members_email_any ON members (organization_id, email, id);
CREATE UNIQUE INDEX members_external_id ON members (organization_id, external_id)
    WHERE external_id IS NOT NULL AND status <> 'deleted';

CREATE TABLE retired_emails (
    organization_id TEXT NOT NULL,
    email TEXT NOT NULL,
    id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    email_address TEXT NOT NULL,
    retired_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, email),
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id)
);
CREATE INDEX retired_emails_member ON retired_emails (organization_id, member_id);

CREATE TABLE connections (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('saml', 'oidc', 'scim')),
    display_name TEXT NOT NULL,
    identity_provider TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'active', 'deleted')),
    settings TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX connections_id ON connections (id);
CREATE UNIQUE INDEX connections_one_active_scim ON connections (organization_id)
    WHERE kind = 'scim' AND status = 'active';

CREATE TABLE scim_tokens (
    hash TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
);
CREATE INDEX scim_tokens_connection ON scim_tokens (organization_id, connection_id);

CREATE TABLE sso_registrations (
    organization_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    attributes TEXT NOT NULL,
    groups TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, connection_id, subject),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id),
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id)
);
CREATE INDEX sso_registrations_member ON sso_registrations (organization_id, member_id);

CREATE TABLE scim_users (
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    user_name TEXT NOT NULL,
    external_id TEXT,
    email TEXT,
    display_name TEXT,
    active BOOLEAN NOT NULL,
    member_id TEXT,
    resource TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id),
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id)
);
CREATE UNIQUE INDEX scim_users_user_name ON scim_users (organization_id, connection_id, user_name);
CREATE INDEX scim_users_external_id ON scim_users (organization_id, connection_id, external_id);
CREATE INDEX scim_users_email ON scim_users (organization_id, connection_id, email);
CREATE INDEX scim_users_page ON scim_users (organization_id, connection_id, id);
CREATE INDEX scim_users_member ON scim_users (organization_id, member_id);

CREATE TABLE scim_groups (
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    display_name TEXT NOT NULL,
    display_name_folded TEXT NOT NULL,
    external_id TEXT,
    resource TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
);
CREATE UNIQUE INDEX scim_groups_display_name
    ON scim_groups (organization_id, connection_id, display_name_folded);
CREATE INDEX scim_groups_external_id ON scim_groups (organization_id, connection_id, external_id);
CREATE INDEX scim_groups_page ON scim_groups (organization_id, connection_id, id);

CREATE TABLE scim_group_members (
    organization_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    added_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, group_id, user_id),
    FOREIGN KEY (organization_id, group_id) REFERENCES scim_groups (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES scim_users (organization_id, id)
);
CREATE INDEX scim_group_members_user ON scim_group_members (organization_id, user_id, group_id);

CREATE TABLE sign_in_flows (
    state_hash TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    flow TEXT NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
);
CREATE INDEX sign_in_flows_expiry ON sign_in_flows (expires_at);
CREATE INDEX sign_in_flows_connection ON sign_in_flows (organization_id, connection_id);

CREATE TABLE one_time_tokens (
    hash TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    kind TEXT NOT NULL CHECK (kind IN ('sso', 'intermediate')),
    content TEXT NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX one_time_tokens_expiry ON one_time_tokens (expires_at);
CREATE INDEX one_time_tokens_organization ON one_time_tokens (organization_id);

CREATE TABLE seen_assertions (
    organization_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    assertion_id TEXT NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, connection_id, assertion_id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
);
CREATE INDEX seen_assertions_expiry ON seen_assertions (expires_at);

CREATE TABLE sessions (
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    factors TEXT NOT NULL,
    custom_claims TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    last_accessed_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    ends_no_later_than TIMESTAMP,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id)
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE UNIQUE INDEX sessions_id ON sessions (id);
CREATE INDEX sessions_member ON sessions (organization_id, member_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE journal (
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_id TEXT,
    request_id TEXT NOT NULL,
    before_change TEXT,
    after_change TEXT,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX journal_object ON journal (organization_id, object_id, id);
