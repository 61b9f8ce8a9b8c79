"""What the operator wrote: YAML to checked settings, every error with its line and column."""
