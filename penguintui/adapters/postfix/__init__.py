"""Postfix: its queue and its log."""
