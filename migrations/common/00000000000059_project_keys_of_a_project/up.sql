-- The keys of one kind that a project has, in the order in which they were made.
CREATE INDEX project_keys_of_a_project ON project_keys (project_id, kind, created_at, hash);
