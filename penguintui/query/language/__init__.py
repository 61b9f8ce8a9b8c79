"""The text of a query: its parts, how it is parsed, and how names, numbers and series are written."""
