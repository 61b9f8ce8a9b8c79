"""Our own store as a source of samples."""
