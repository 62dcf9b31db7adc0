-- Lookups that begin with a value instead of an organization.
CREATE INDEX members_email_everywhere ON members (email, organization_id);
CREATE INDEX members_external_id_everywhere ON members (external_id, organization_id)
    WHERE external_id IS NOT NULL;
CREATE INDEX members_phone_everywhere ON members (mfa_phone_number, organization_id)
    WHERE mfa_phone_number <> '';
CREATE INDEX members_breakglass ON members (organization_id, id) WHERE is_breakglass;
CREATE INDEX members_status ON members (organization_id, status, id);
CREATE INDEX connections_active_sso ON connections (organization_id)
    WHERE kind <> 'scim' AND status = 'active';

-- Texts of members lie beside them: what row-level security guards is searched by no index but
-- that of an equality. Nobody's organization can be told from here.
CREATE TABLE member_texts (
    member_id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    mfa_phone_number TEXT NOT NULL,
    explicit_roles TEXT NOT NULL
);
CREATE FUNCTION vestibule_member_texts() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO member_texts (member_id, email, mfa_phone_number, explicit_roles)
        VALUES (NEW.id, NEW.email, NEW.mfa_phone_number, NEW.explicit_roles);
    ELSIF TG_OP = 'UPDATE' THEN
        UPDATE member_texts SET email = NEW.email, mfa_phone_number = NEW.mfa_phone_number,
            explicit_roles = NEW.explicit_roles
        WHERE member_id = NEW.id;
    ELSE
        DELETE FROM member_texts WHERE member_id = OLD.id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER members_texts AFTER INSERT OR DELETE ON members
    FOR EACH ROW EXECUTE FUNCTION vestibule_member_texts();
CREATE TRIGGER members_texts_changed AFTER UPDATE ON members FOR EACH ROW
    WHEN (OLD.email <> NEW.email OR OLD.mfa_phone_number <> NEW.mfa_phone_number
        OR OLD.explicit_roles <> NEW.explicit_roles)
    EXECUTE FUNCTION vestibule_member_texts();
SELECT set_config('vestibule.organization', '*', true);
INSERT INTO member_texts (member_id, email, mfa_phone_number, explicit_roles)
SELECT id, email, mfa_phone_number, explicit_roles FROM members;

-- The parts of any three characters. Where the extension cannot be had, searches find the same
-- without it, by reading every row. It may live in a schema that is not searched for names.
DO $$
DECLARE
    place TEXT;
BEGIN
    BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'pg_trgm cannot be had (%): fuzzy searches will read every row', SQLERRM;
    END;
    SELECT nspname INTO place FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace
    WHERE extname = 'pg_trgm';
    IF place IS NOT NULL THEN
        EXECUTE replace('CREATE INDEX member_trigrams ON member_texts USING gin (
            email PLACE.gin_trgm_ops,
            mfa_phone_number PLACE.gin_trgm_ops,
            explicit_roles PLACE.gin_trgm_ops
        )', 'PLACE', quote_ident(place));
        EXECUTE replace('CREATE INDEX organizations_trigrams ON organizations USING gin (
            name_folded PLACE.gin_trgm_ops,
            lower(slug) PLACE.gin_trgm_ops,
            lower(settings::jsonb ->> ''email_allowed_domains'') PLACE.gin_trgm_ops
        )', 'PLACE', quote_ident(place));
    END IF;
END
$$;
