DROP TABLE operator_secrets;
