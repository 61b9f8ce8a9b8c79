"""Which things are drawn together."""
