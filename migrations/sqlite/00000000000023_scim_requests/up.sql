-- What SCIM clients sent and were answered, for people who set them up; redacted, and kept for a
-- while only. The key is the order of pages, and that in which old rows are forgotten.
CREATE TABLE scim_requests (
    organization_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    id TEXT NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    request_id TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    query TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    if_match TEXT,
    resource_id TEXT,
    status INTEGER NOT NULL,
    scim_type TEXT,
    detail TEXT,
    millis INTEGER NOT NULL,
    departures TEXT NOT NULL,
    request_body TEXT,
    request_cut BOOLEAN NOT NULL,
    response_body TEXT,
    response_cut BOOLEAN NOT NULL,
    PRIMARY KEY (organization_id, connection_id, id)
);
