"""penguintui: watch and operate a mail platform from a terminal."""

__version__ = "0.1.0"
