"""Series at all steps at once: how they are selected, and how many numbers are added up."""
