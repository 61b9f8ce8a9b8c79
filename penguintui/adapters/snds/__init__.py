"""Microsoft SNDS."""
