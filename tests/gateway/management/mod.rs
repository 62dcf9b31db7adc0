mod bad_input;
mod connections;
mod members;
mod organizations;
mod scim_connections;
mod sdk_stories;
mod sessions;
