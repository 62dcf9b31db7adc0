DROP INDEX journal_tries;
