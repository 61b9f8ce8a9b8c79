"""`penguintui config check | schema | show` and `penguintui init`."""

from __future__ import annotations

import json
import os
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from penguintui.cli.exits import Exit, fail, say, show
from penguintui.cli.given import configuration_for, places_for
from penguintui.cli.options import ConfigOption

config_app = typer.Typer(help="The configuration: check it, its schema, what is in force.", no_args_is_help=True)


@config_app.command()
def check(config: ConfigOption = None) -> None:
    """Every error at once, each as file:line:column: path: what is wrong, what would be right.

    Example: penguintui config check --config config.yaml
    """
    from penguintui.cli.viewer import themes_of
    from penguintui.config.loading import read
    from penguintui.config.problems import ConfigurationErrors
    from penguintui.query.configured import check_queries
    from penguintui.screens.configured import check_viewer
    from penguintui.views.format import counted

    places = places_for(config)
    if places.config is None:
        fail("there is no configuration yet; penguintui init writes a first one")
    themes = themes_of(places)
    reading = read(places.config, os.environ, lambda data: chain(check_queries(data), check_viewer(data, themes)))
    configuration = reading.configuration
    if configuration is None:
        fail(str(ConfigurationErrors(reading.problems)))
    probes = sum(len(target.probes) for target in configuration.targets)
    numbers = ((len(configuration.targets), "target"), (probes, "probe"), (len(configuration.actions), "action"))
    say(f"{places.config}: {', '.join(counted(*number) for number in numbers)}: fine")


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
