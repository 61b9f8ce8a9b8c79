"""Dovecot."""
