"""What is remembered: tables, one writer, readers bound to a moment, retention."""
