-- The same among the requests of directories. What goes well costs nothing here.
CREATE INDEX scim_requests_refused ON scim_requests (organization_id, id) WHERE status >= 400;
CREATE INDEX scim_requests_refused_requests ON scim_requests (request_id) WHERE status >= 400;
