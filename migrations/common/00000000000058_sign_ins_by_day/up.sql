-- How many sign-ins went well and how many were refused, day by day, without a look at the rows.
CREATE INDEX journal_sign_ins ON journal (organization_id, kind, id)
    WHERE kind IN ('session.started', 'sign_in.refused');
