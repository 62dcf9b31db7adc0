-- What a SCIM connection declares besides the standards' schemas, and the resources of types of its
-- own. A unique value is kept as a hash: values are of any length, entries of an index are not.
CREATE TABLE scim_schemas (
    organization_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    documents TEXT NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, connection_id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
);

CREATE TABLE scim_resources (
    organization_id TEXT NOT NULL,
    id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    external_id TEXT,
    resource TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
);
CREATE INDEX scim_resources_page
    ON scim_resources (organization_id, connection_id, resource_type, id);
CREATE INDEX scim_resources_external_id
    ON scim_resources (organization_id, connection_id, resource_type, external_id);

CREATE TABLE scim_unique_values (
    organization_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    value_hash TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    PRIMARY KEY (organization_id, connection_id, value_hash),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id)
);
CREATE INDEX scim_unique_values_resource ON scim_unique_values (organization_id, resource_id);
