DROP TABLE scim_unique_values;
DROP TABLE scim_resources;
DROP TABLE scim_schemas;
