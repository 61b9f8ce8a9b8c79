"""Starts the command line."""

from __future__ import annotations


def main() -> None:
    from penguintui.cli.main import run

    run()


if __name__ == "__main__":
    main()
