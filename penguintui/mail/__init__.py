"""The rules of mail as pure functions: what a record, a bounce or a report says, never how it was fetched."""
