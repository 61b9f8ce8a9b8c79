"""Starts the command line."""

from __future__ import annotations


def main() -> None:
    """The command `penguintui`."""
    from penguintui.cli import main as command_line

    command_line.main()


if __name__ == "__main__":
    main()
