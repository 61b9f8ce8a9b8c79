"""The command `penguintui`: which commands there are. What a command needs is imported when it runs."""

from __future__ import annotations

import errno
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from penguintui import __version__
from penguintui.cli.acting import actions, run, runs
from penguintui.cli.agent import agent
from penguintui.cli.audit import audit_app
from penguintui.cli.check import check
from penguintui.cli.configuration import config_app, init
from penguintui.cli.demo import demo
from penguintui.cli.diff import diff
from penguintui.cli.exits import Exit, forget_output, say, show
from penguintui.cli.gallery import gallery
from penguintui.cli.given import remember
from penguintui.cli.lab import lab_app
from penguintui.cli.mail import mail_app
from penguintui.cli.options import ConfigOption, StoreOption
from penguintui.cli.query import query
from penguintui.cli.rules import rules_app
from penguintui.cli.status import status
from penguintui.cli.store import store_app
from penguintui.cli.wall import wall

app = typer.Typer(
    add_completion=False,
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Watch and operate a mail platform from a terminal.",
)
for command in (demo, wall, agent, status, diff, query, check, init, actions, run, runs, gallery):
    app.command()(command)
for name, group in (
    ("config", config_app),
    ("audit", audit_app),
    ("lab", lab_app),
    ("rules", rules_app),
    ("mail", mail_app),
    ("store", store_app),
):
    app.add_typer(group, name=name)


def _version(wanted: bool) -> None:
    if wanted:
        show(f"penguintui {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _viewer(
    context: typer.Context,
    config: ConfigOption = None,
    store: StoreOption = None,
    screen: Annotated[str | None, typer.Option("--screen", metavar="NAME", help="Open on this screen.")] = None,
    goto: Annotated[str | None, typer.Option("--goto", metavar="TARGET", help="Open on this target.")] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help="Open on this moment.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Print the screen as lines instead, and stop.")] = False,
    low_bandwidth: Annotated[bool, typer.Option("--low-bandwidth", help="Begin with few bytes.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Watch and operate a mail platform from a terminal. Without a command: the dashboard."""
    remember(config, store)
    if context.invoked_subcommand is None:
        from penguintui.cli.viewer import view

        view(screen=screen, goto=goto, at=at, plain=plain, low_bandwidth=low_bandwidth)


def main() -> None:
    """The whole program. Exit codes: see `cli.exits`."""
    try:
        code = app(standalone_mode=False)
    except TyperException as error:
        say(f"{error.format_message()} See penguintui --help.")
        code = Exit.USAGE
    except (typer.Abort, KeyboardInterrupt):
        say("stopped")
        code = 130
    except BrokenPipeError:
        forget_output()
        code = Exit.OK
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        forget_output()
        say(f"the output cannot be written: {error.strerror}")
        code = Exit.CRITICAL
    sys.exit(int(code or 0))
