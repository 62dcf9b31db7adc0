-- What a project says of its hosted sign-in pages, as JSON.
ALTER TABLE project_settings ADD COLUMN sign_in_pages TEXT NOT NULL DEFAULT '{}';
