DROP INDEX journal_sign_ins;
