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

-- The parts of any three characters. A table of its own gives them the lasting number that FTS5
-- asks for; triggers keep both true to the rows.
CREATE TABLE member_texts (
    number INTEGER NOT NULL PRIMARY KEY,
    member_id TEXT NOT NULL,
    email TEXT NOT NULL,
    mfa_phone_number TEXT NOT NULL,
    explicit_roles TEXT NOT NULL
);
CREATE UNIQUE INDEX member_texts_member ON member_texts (member_id);
CREATE VIRTUAL TABLE member_trigrams USING fts5 (
    email, mfa_phone_number, explicit_roles,
    content = 'member_texts', content_rowid = 'number', tokenize = 'trigram', columnsize = 0
);
CREATE TRIGGER member_texts_added AFTER INSERT ON member_texts BEGIN
    INSERT INTO member_trigrams (rowid, email, mfa_phone_number, explicit_roles)
    VALUES (NEW.number, NEW.email, NEW.mfa_phone_number, NEW.explicit_roles);
END;
CREATE TRIGGER member_texts_removed AFTER DELETE ON member_texts BEGIN
    INSERT INTO member_trigrams (member_trigrams, rowid, email, mfa_phone_number, explicit_roles)
    VALUES ('delete', OLD.number, OLD.email, OLD.mfa_phone_number, OLD.explicit_roles);
END;
CREATE TRIGGER members_added AFTER INSERT ON members BEGIN
    INSERT INTO member_texts (member_id, email, mfa_phone_number, explicit_roles)
    VALUES (NEW.id, NEW.email, NEW.mfa_phone_number, NEW.explicit_roles);
END;
CREATE TRIGGER members_changed AFTER UPDATE OF email, mfa_phone_number, explicit_roles ON members
WHEN OLD.email <> NEW.email OR OLD.mfa_phone_number <> NEW.mfa_phone_number
    OR OLD.explicit_roles <> NEW.explicit_roles
BEGIN
    DELETE FROM member_texts WHERE member_id = OLD.id;
    INSERT INTO member_texts (member_id, email, mfa_phone_number, explicit_roles)
    VALUES (NEW.id, NEW.email, NEW.mfa_phone_number, NEW.explicit_roles);
END;
CREATE TRIGGER members_removed AFTER DELETE ON members BEGIN
    DELETE FROM member_texts WHERE member_id = OLD.id;
END;
INSERT INTO member_texts (member_id, email, mfa_phone_number, explicit_roles)
SELECT id, email, mfa_phone_number, explicit_roles FROM members;

CREATE TABLE organization_texts (
    number INTEGER NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    allowed_domains TEXT NOT NULL
);
CREATE UNIQUE INDEX organization_texts_organization ON organization_texts (organization_id);
CREATE VIRTUAL TABLE organization_trigrams USING fts5 (
    name, slug, allowed_domains,
    content = 'organization_texts', content_rowid = 'number', tokenize = 'trigram', columnsize = 0
);
CREATE TRIGGER organization_texts_added AFTER INSERT ON organization_texts BEGIN
    INSERT INTO organization_trigrams (rowid, name, slug, allowed_domains)
    VALUES (NEW.number, NEW.name, NEW.slug, NEW.allowed_domains);
END;
CREATE TRIGGER organization_texts_removed AFTER DELETE ON organization_texts BEGIN
    INSERT INTO organization_trigrams (organization_trigrams, rowid, name, slug, allowed_domains)
    VALUES ('delete', OLD.number, OLD.name, OLD.slug, OLD.allowed_domains);
END;
CREATE TRIGGER organizations_added AFTER INSERT ON organizations BEGIN
    INSERT INTO organization_texts (organization_id, name, slug, allowed_domains)
    VALUES (NEW.id, NEW.name_folded, lower(NEW.slug),
        lower(coalesce(NEW.settings ->> 'email_allowed_domains', '[]')));
END;
CREATE TRIGGER organizations_changed AFTER UPDATE OF name_folded, slug, settings ON organizations
BEGIN
    DELETE FROM organization_texts WHERE organization_id = OLD.id;
    INSERT INTO organization_texts (organization_id, name, slug, allowed_domains)
    VALUES (NEW.id, NEW.name_folded, lower(NEW.slug),
        lower(coalesce(NEW.settings ->> 'email_allowed_domains', '[]')));
END;
CREATE TRIGGER organizations_removed AFTER DELETE ON organizations BEGIN
    DELETE FROM organization_texts WHERE organization_id = OLD.id;
END;
INSERT INTO organization_texts (organization_id, name, slug, allowed_domains)
SELECT id, name_folded, lower(slug), lower(coalesce(settings ->> 'email_allowed_domains', '[]'))
FROM organizations;
