-- How the latest test sign-in of each connection went; nobody is let in by one.
CREATE TABLE connection_tests (
    organization_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    tested_at TIMESTAMP NOT NULL,
    report TEXT NOT NULL,
    PRIMARY KEY (organization_id, connection_id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
);
SELECT vestibule_fence('connection_tests');
