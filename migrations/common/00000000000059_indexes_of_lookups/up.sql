-- The keys of one kind that a project has, in the order in which they were made.
CREATE INDEX project_keys_of_a_project ON project_keys (project_id, kind, created_at, hash);
-- What is forgotten once its time is over.
CREATE INDEX signing_keys_over ON signing_keys (verifies_until);
CREATE INDEX sms_messages_expired ON sms_messages (expires_at);
