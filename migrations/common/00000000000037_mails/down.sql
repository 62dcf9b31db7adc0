DROP TABLE email_codes;
DROP TABLE mail_recipients;
DROP TABLE mails;
