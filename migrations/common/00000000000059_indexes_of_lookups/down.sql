DROP INDEX sms_messages_expired;
DROP INDEX signing_keys_over;
DROP INDEX project_keys_of_a_project;
