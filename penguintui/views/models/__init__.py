"""The plain dataclasses that screens, plain output and JSON all show."""
