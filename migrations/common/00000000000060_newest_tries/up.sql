-- The newest refused or tested sign-in of a connection, among all who came through it.
CREATE INDEX journal_tries ON journal (organization_id, object_id, id)
    WHERE kind IN ('sign_in.refused', 'connection.tested');
