"""Binary operators and aggregations."""
