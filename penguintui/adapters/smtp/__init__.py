"""SMTP servers, asked and given mail."""
