-- How many SCIM Users a connection has, so that nobody has to count them: the sum of its shards,
-- which are many so that nodes that write at the same time seldom meet in one.
CREATE TABLE scim_user_counts (
    organization_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    shard INTEGER NOT NULL,
    users BIGINT NOT NULL,
    PRIMARY KEY (organization_id, connection_id, shard),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
-- A row that is rewritten stays on its page, and the index as it is.
) WITH (fillfactor = 50);

CREATE FUNCTION vestibule_scim_user_counts() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO scim_user_counts AS known (organization_id, connection_id, shard, users)
    SELECT organization_id, connection_id, pg_backend_pid() % 32,
        CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END
    FROM changed GROUP BY organization_id, connection_id
    ON CONFLICT (organization_id, connection_id, shard)
    DO UPDATE SET users = known.users + EXCLUDED.users;
    RETURN NULL;
END
$$;
CREATE TRIGGER scim_users_added AFTER INSERT ON scim_users
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION vestibule_scim_user_counts();
CREATE TRIGGER scim_users_removed AFTER DELETE ON scim_users
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION vestibule_scim_user_counts();

SELECT set_config('vestibule.organization', '*', true);
INSERT INTO scim_user_counts (organization_id, connection_id, shard, users)
SELECT organization_id, connection_id, 0, count(*) FROM scim_users GROUP BY organization_id, connection_id;
SELECT vestibule_fence('scim_user_counts');
