"""The commands: the same views and actions as the screens."""
