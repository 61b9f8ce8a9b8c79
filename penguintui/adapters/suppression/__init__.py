"""The suppression list: where it is kept, and what goes into it."""
