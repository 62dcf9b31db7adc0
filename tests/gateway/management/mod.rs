mod bad_input;
mod connections;
mod members;
mod organizations;
mod rbac;
mod scim_connections;
mod sdk_stories;
mod sessions;
