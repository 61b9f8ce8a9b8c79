"""The words we speak: frozen dataclasses and enums, without I/O and without a clock."""
