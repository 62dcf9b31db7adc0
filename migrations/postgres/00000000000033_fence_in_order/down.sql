CREATE OR REPLACE FUNCTION vestibule_fence(tenant_table TEXT) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('DROP POLICY IF EXISTS organization ON %I', tenant_table);
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
        SELECT tablename FROM pg_policies
        WHERE schemaname = current_schema() AND policyname = 'organization'
    LOOP
        PERFORM vestibule_fence(tenant_table);
    END LOOP;
END
$$;
