DROP INDEX scim_requests_refused_requests;
DROP INDEX scim_requests_refused;
