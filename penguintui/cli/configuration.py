"""`penguintui config check | schema | show` and `penguintui init`."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penguintui.cli.exits import Exit, fail, say, show
from penguintui.cli.given import configuration_for, places_for
from penguintui.cli.options import ConfigOption

if TYPE_CHECKING:
    from collections.abc import Iterator

    from penguintui.config.places import Places
    from penguintui.config.tree import Fault

config_app = typer.Typer(help="The configuration: check it, its schema, what is in force.", no_args_is_help=True)


@config_app.command()
def check(config: ConfigOption = None) -> None:
    """Every error at once, each as file:line:column: path: what is wrong, what would be right.

    Example: penguintui config check --config config.yaml
    """
    from penguintui.config.loading import read
    from penguintui.config.problems import ConfigurationErrors
    from penguintui.views.format import counted

    places = places_for(config)
    if places.config is None:
        fail("there is no configuration yet; penguintui init writes a first one")
    reading = read(places.config, os.environ, partial(_further, places))
    configuration = reading.configuration
    if configuration is None:
        fail(str(ConfigurationErrors(reading.problems)))
    probes = sum(len(target.probes) for target in configuration.targets)
    numbers = ((len(configuration.targets), "target"), (probes, "probe"), (len(configuration.actions), "action"))
    say(f"{places.config}: {', '.join(counted(*number) for number in numbers)}: fine")


def _further(places: Places, data: Any) -> Iterator[Fault]:
    """What only those can judge who will read it: queries, and the viewer's own settings where there are any."""
    from penguintui.query.configured import check_queries

    yield from check_queries(data)
    if isinstance(data, dict) and not data.keys().isdisjoint(("keys", "theme")):
        from penguintui.cli.viewer import themes_of
        from penguintui.screens.configured import check_viewer  # brings Textual, so not before it is needed

        yield from check_viewer(data, themes_of(places))


@config_app.command()
def schema() -> None:
    """The JSON Schema of the file, for editors.

    Example: penguintui config schema > penguintui.schema.json
    """
    from penguintui.config.schema import json_schema

    show(json.dumps(json_schema(), indent=1, ensure_ascii=False))


@config_app.command(name="show")
def show_(config: ConfigOption = None) -> None:
    """The settings in force, defaults included, secrets hidden.

    Example: penguintui config show
    """
    from penguintui.config.document import document

    configuration, _, _ = configuration_for(places_for(config))
    show(json.dumps(json.loads(document(configuration)), indent=1, ensure_ascii=False))


def init(
    path: Annotated[Path | None, typer.Argument(help="Where to; the user's own place when left out.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over one that is there.")] = False,
) -> None:
    """Write a first configuration from what is found on this host.

    Example: penguintui init
    """
    from penguintui.config.first import AlreadyThereError, first_configuration, look_around, write_first
    from penguintui.config.places import user_config_file

    chosen = path or user_config_file()
    try:
        write_first(chosen, first_configuration(look_around()), replace)
    except AlreadyThereError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{chosen} cannot be written: {error.strerror}", Exit.CRITICAL)
    say(f"wrote {chosen}; edit it, then: penguintui config check, penguintui")
