DROP INDEX project_keys_of_a_project;
