"""Log files: followed, and read line by line."""
