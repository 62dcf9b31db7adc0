-- What was refused, newest first, and by the request that an error page names.
CREATE INDEX journal_refusals ON journal (organization_id, id)
    WHERE kind IN ('sign_in.refused', 'second_factor.refused', 'scim_user.refused', 'single_logout.refused', 'member.locked');
CREATE INDEX journal_refused_requests ON journal (request_id)
    WHERE kind IN ('sign_in.refused', 'second_factor.refused', 'scim_user.refused', 'single_logout.refused', 'member.locked');
