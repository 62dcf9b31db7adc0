-- What members prove themselves with a second time, and how often somebody guessed wrong.
ALTER TABLE members ADD COLUMN totp_registration_id TEXT;
ALTER TABLE members ADD COLUMN locked_at TIMESTAMP;
ALTER TABLE members ADD COLUMN lock_expires_at TIMESTAMP;

-- One authenticator application a member: first pending, then active. Secret and codes are sealed.
CREATE TABLE totps (
    organization_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    id TEXT NOT NULL,
    secret TEXT NOT NULL,
    recovery_codes TEXT NOT NULL,
    is_active BOOLEAN NOT NULL,
    last_step BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP,
    PRIMARY KEY (organization_id, member_id),
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id)
);

-- Messages on their way to phones, taken by whichever node sends them; number and text are sealed.
-- Who looks for the next one does not know whose it is, so that no fence is here.
CREATE TABLE sms_messages (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    message TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    attempts INTEGER NOT NULL,
    -- When it may be taken (again).
    next_attempt_at TIMESTAMP NOT NULL
);
CREATE INDEX sms_messages_due ON sms_messages (next_attempt_at);

-- Wrong secrets in a row.
CREATE TABLE member_failures (
    organization_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, member_id),
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id)
);
