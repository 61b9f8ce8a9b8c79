"""Canaries: mails of our own, followed to where they arrive."""
