-- How many SCIM Users a connection has, so that nobody has to count them.
CREATE TABLE scim_user_counts (
    organization_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    shard INTEGER NOT NULL,
    users BIGINT NOT NULL,
    PRIMARY KEY (organization_id, connection_id, shard),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
) WITHOUT ROWID;

CREATE TRIGGER scim_users_added AFTER INSERT ON scim_users BEGIN
    INSERT INTO scim_user_counts (organization_id, connection_id, shard, users)
    VALUES (NEW.organization_id, NEW.connection_id, 0, 1)
    ON CONFLICT DO UPDATE SET users = users + 1;
END;
CREATE TRIGGER scim_users_removed AFTER DELETE ON scim_users BEGIN
    UPDATE scim_user_counts SET users = users - 1
    WHERE organization_id = OLD.organization_id AND connection_id = OLD.connection_id AND shard = 0;
END;

INSERT INTO scim_user_counts (organization_id, connection_id, shard, users)
SELECT organization_id, connection_id, 0, count(*) FROM scim_users GROUP BY organization_id, connection_id;
