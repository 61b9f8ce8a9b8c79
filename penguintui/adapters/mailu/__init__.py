"""Mailu."""
