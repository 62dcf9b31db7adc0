-- The second fence around an organization's rows; the first is the predicate of each query.
--
-- A transaction says which organization it works for in the setting vestibule.organization. Rows of
-- others are then neither seen nor written, and while it says nothing, no rows are there at all.
-- With '*' it sees and forgets rows of every organization, and still writes none. FORCE holds the
-- owner of the tables to this as well; superusers and roles with BYPASSRLS are never held to it.
--
-- Not behind the fence is what finds out whose rows are meant: rows that are kept under the hash of
-- a secret (scim_tokens, one_time_tokens) and names that are unique in the project (claimed_domains,
-- and the organizations themselves).

CREATE FUNCTION vestibule_fence(tenant_table TEXT) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    -- As sub-selects the settings are read once a statement, not once a row.
    EXECUTE format(
        'CREATE POLICY organization ON %I'
        ' USING (organization_id = (SELECT coalesce(current_setting(''vestibule.organization'', true), ''''))'
        '     OR (SELECT current_setting(''vestibule.organization'', true)) = ''*'')'
        ' WITH CHECK (organization_id = (SELECT coalesce(current_setting(''vestibule.organization'', true), '''')))',
        tenant_table);
END
$$;

DO $$
DECLARE tenant_table TEXT;
BEGIN
    FOR tenant_table IN
        SELECT table_name FROM information_schema.columns
        WHERE table_schema = current_schema() AND column_name = 'organization_id'
            AND table_name NOT IN ('scim_tokens', 'one_time_tokens', 'claimed_domains')
    LOOP
        PERFORM vestibule_fence(tenant_table);
    END LOOP;
END
$$;
