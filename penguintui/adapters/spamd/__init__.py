"""SpamAssassin's spamd."""
