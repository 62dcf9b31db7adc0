-- The roles that live members were given by hand, in the order of a search's pages: whoever has one
-- is found here before any member is looked at. Triggers keep it true to the members.
CREATE TABLE member_roles (
    role TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    PRIMARY KEY (role, organization_id, member_id)
) WITHOUT ROWID;
CREATE TRIGGER members_roles_added AFTER INSERT ON members
WHEN NEW.explicit_roles <> '[]' AND NEW.status <> 'deleted'
BEGIN
    INSERT INTO member_roles (role, organization_id, member_id)
    SELECT DISTINCT given.value, NEW.organization_id, NEW.id
    FROM json_each(NEW.explicit_roles) AS given;
END;
CREATE TRIGGER members_roles_changed AFTER UPDATE OF explicit_roles, status ON members
WHEN OLD.explicit_roles <> NEW.explicit_roles
    OR (OLD.status = 'deleted') <> (NEW.status = 'deleted')
BEGIN
    DELETE FROM member_roles
    WHERE role IN (SELECT given.value FROM json_each(OLD.explicit_roles) AS given)
        AND organization_id = OLD.organization_id AND member_id = OLD.id;
    INSERT INTO member_roles (role, organization_id, member_id)
    SELECT DISTINCT given.value, NEW.organization_id, NEW.id
    FROM json_each(NEW.explicit_roles) AS given WHERE NEW.status <> 'deleted';
END;
CREATE TRIGGER members_roles_removed AFTER DELETE ON members WHEN OLD.explicit_roles <> '[]'
BEGIN
    DELETE FROM member_roles
    WHERE role IN (SELECT given.value FROM json_each(OLD.explicit_roles) AS given)
        AND organization_id = OLD.organization_id AND member_id = OLD.id;
END;
INSERT INTO member_roles (role, organization_id, member_id)
SELECT DISTINCT given.value, members.organization_id, members.id
FROM members, json_each(members.explicit_roles) AS given WHERE members.status <> 'deleted';
