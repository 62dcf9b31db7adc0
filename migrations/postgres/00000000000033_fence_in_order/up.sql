-- The same fence in other words. PostgreSQL took "this organization, or all" for a rare match, one
-- row in two hundred, and chose to sort whole tables instead of reading them in the order of a
-- page; of a CASE it expects every other row. Where all are looked at, it asks about no row.

CREATE OR REPLACE FUNCTION vestibule_fence(tenant_table TEXT) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('DROP POLICY IF EXISTS organization ON %I', tenant_table);
    -- As sub-selects the settings are read once a statement, not once a row.
    EXECUTE format(
        'CREATE POLICY organization ON %I'
        ' USING (CASE WHEN (SELECT current_setting(''vestibule.organization'', true)) = ''*'' THEN true'
        '     ELSE organization_id = (SELECT coalesce(current_setting(''vestibule.organization'', true), '''')) END)'
        ' WITH CHECK (organization_id = (SELECT coalesce(current_setting(''vestibule.organization'', true), '''')))',
        tenant_table);
END
$$;

DO $$
DECLARE tenant_table TEXT;
BEGIN
    FOR tenant_table IN
        SELECT tablename FROM pg_policies
        WHERE schemaname = current_schema() AND policyname = 'organization'
    LOOP
        PERFORM vestibule_fence(tenant_table);
    END LOOP;
END
$$;
