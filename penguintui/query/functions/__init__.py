"""The functions of the language; `catalogue` has all of them by name."""
