"""What differs between two moments, kind by kind: states, settings, numbers, and what happened between."""
