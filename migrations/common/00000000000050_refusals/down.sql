DROP INDEX journal_refused_requests;
DROP INDEX journal_refusals;
