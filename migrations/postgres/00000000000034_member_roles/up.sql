-- The roles that live members were given by hand, in the order of a search's pages: whoever has one
-- is found here before any member is looked at. Triggers keep it true to the members.
CREATE TABLE member_roles (
    role TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    PRIMARY KEY (role, organization_id, member_id)
);
CREATE FUNCTION vestibule_member_roles() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM member_roles
        WHERE role IN (SELECT jsonb_array_elements_text(OLD.explicit_roles::jsonb))
            AND organization_id = OLD.organization_id AND member_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO member_roles (role, organization_id, member_id)
        SELECT DISTINCT given.role, NEW.organization_id, NEW.id
        FROM jsonb_array_elements_text(NEW.explicit_roles::jsonb) AS given (role)
        WHERE NEW.status <> 'deleted';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER members_roles_added AFTER INSERT ON members FOR EACH ROW
    WHEN (NEW.explicit_roles <> '[]') EXECUTE FUNCTION vestibule_member_roles();
CREATE TRIGGER members_roles_changed AFTER UPDATE ON members FOR EACH ROW
    WHEN (OLD.explicit_roles <> NEW.explicit_roles
        OR (OLD.status = 'deleted') <> (NEW.status = 'deleted'))
    EXECUTE FUNCTION vestibule_member_roles();
CREATE TRIGGER members_roles_removed AFTER DELETE ON members FOR EACH ROW
    WHEN (OLD.explicit_roles <> '[]') EXECUTE FUNCTION vestibule_member_roles();

SELECT set_config('vestibule.organization', '*', true);
INSERT INTO member_roles (role, organization_id, member_id)
SELECT DISTINCT given.role, members.organization_id, members.id
FROM members, jsonb_array_elements_text(members.explicit_roles::jsonb) AS given (role)
WHERE members.status <> 'deleted';
SELECT vestibule_fence('member_roles');
