ALTER TABLE project_settings DROP COLUMN session_migration;
ALTER TABLE project_settings DROP COLUMN trusted_tokens;
DROP TABLE m2m_clients;
