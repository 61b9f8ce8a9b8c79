"""The Textual application: screens in one switcher, theme, keys."""
