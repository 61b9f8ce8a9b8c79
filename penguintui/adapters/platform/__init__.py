"""The platform's own API."""
