mod bad_input;
mod connections;
mod members;
mod organizations;
mod sdk_stories;
mod sessions;
