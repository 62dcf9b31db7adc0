DO $$
DECLARE tenant_table TEXT;
BEGIN
    FOR tenant_table IN
        SELECT tablename FROM pg_policies
        WHERE schemaname = current_schema() AND policyname = 'organization'
    LOOP
        EXECUTE format('DROP POLICY organization ON %I', tenant_table);
        EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', tenant_table);
    END LOOP;
END
$$;

DROP FUNCTION vestibule_fence(TEXT);
