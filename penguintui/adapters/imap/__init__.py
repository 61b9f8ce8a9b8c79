"""IMAP servers, and the mails in their mailboxes."""
