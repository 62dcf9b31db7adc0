-- Mails that are to be sent: written with what they are about, sent by whichever node takes them.
-- The letter holds a link or a code and is sealed. Where organization_id is empty the mail is no
-- organization's. Who looks for the next mail does not know whose it is, so that no fence is here.
CREATE TABLE mails (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    organization_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    letter TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    attempts INTEGER NOT NULL,
    -- When it may be taken (again); NULL when it is given up.
    next_attempt_at TIMESTAMP
);
CREATE INDEX mails_due ON mails (next_attempt_at);
CREATE INDEX mails_expiry ON mails (expires_at);
CREATE INDEX mails_organization ON mails (organization_id);

-- When mails were lately asked for an address, by its hash: addresses of nobody are here too.
CREATE TABLE mail_recipients (
    address_hash TEXT NOT NULL PRIMARY KEY,
    recent TEXT NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX mail_recipients_expiry ON mail_recipients (expires_at);

-- Codes that were mailed, each by a hash of where it is good: an address, and the organization or
-- none. The code itself is kept as what only the master key can make of it.
CREATE TABLE email_codes (
    place_hash TEXT NOT NULL PRIMARY KEY,
    code_mac TEXT NOT NULL,
    tries_left INTEGER NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX email_codes_expiry ON email_codes (expires_at);
