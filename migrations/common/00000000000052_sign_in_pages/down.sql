ALTER TABLE project_settings DROP COLUMN sign_in_pages;
