DROP POLICY organization ON totps;
DROP POLICY organization ON member_failures;
