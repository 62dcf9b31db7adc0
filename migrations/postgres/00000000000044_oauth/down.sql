DROP TABLE allowed_oauth_tenants;
DROP TABLE oauth_registrations;
