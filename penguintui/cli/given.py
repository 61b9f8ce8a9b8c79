"""What was given on the command line and in the environment, and what follows: places, configuration, store.

Imports no command-line library: the viewer's first frame does not wait for one.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from penguintui.cli.exits import Exit, fail
from penguintui.model.record import record

if TYPE_CHECKING:
    from penguintui.config.places import Places
    from penguintui.config.settings import Configuration
    from penguintui.config.watching import Watcher
    from penguintui.model.moment import Moment
    from penguintui.store.reader import Store


@record
class Given:
    """`--config` and `--store` as they stood before the command's name."""

    config: Path | None = None
    store: str | None = None


_before = Given()


def remember(config: Path | None, store: str | None) -> None:
    """Keep what stood before the command's name, for the command."""
    global _before  # noqa: PLW0603 (one command line, read once)
    _before = Given(config, store)


def remembered() -> Given:
    """What stood before the command's name."""
    return _before


def places_for(config: Path | None) -> Places:
    """Where everything is. Ends with a sentence when a configuration that was named is not there."""
    from penguintui.config.places import UnsafePlaceError, find_places

    config = config or _before.config
    if config is not None and not config.exists():
        fail(f"there is no configuration at {config}")
    try:
        return find_places(os.environ, config)
    except UnsafePlaceError as error:
        fail(str(error))


def configuration_for(places: Places) -> tuple[Configuration, str, Watcher | None]:
    """The configuration, where it came from, and what notices its changes. Ends with every error it has."""
    from penguintui.config.defaults import without_configuration
    from penguintui.config.problems import ConfigurationErrors
    from penguintui.config.watching import Watcher

    if places.config is None:
        return without_configuration(socket.gethostname()), "no configuration", None
    try:
        watcher = Watcher(places.config, os.environ)
    except ConfigurationErrors as errors:
        fail(str(errors))
    return watcher.configuration, str(places.config), watcher


@record
class ViewerSettings:
    """What the configuration says of the viewer itself."""

    keys: Mapping[str, str] = field(default_factory=dict)
    theme: str | None = None
    store: str | None = None


_OF_THE_VIEWER = re.compile(rb"\b(keys|theme|store)\b")


def viewer_settings(places: Places) -> ViewerSettings:
    """What the configuration says of the viewer. Ends with every error it has.

    While an agent lives, it has checked the configuration; one that does not even name a setting of the viewer is not
    read again then, since the first frame would wait for it.
    """
    from penguintui.agent.alive import alive

    if places.config is None:
        return ViewerSettings()
    if alive(places.socket) and not _OF_THE_VIEWER.search(_content(places.config)):
        return ViewerSettings()
    configuration = configuration_for(places)[0]
    return ViewerSettings(configuration.keys, configuration.theme, configuration.store_address)


def store_url_for(places: Places, store: str | None) -> str:
    """The store's address: as given, as configured, or in the state folder."""
    return store or _before.store or viewer_settings(places).store or places.store_url


def _content(config: Path) -> bytes:
    try:
        return config.read_bytes()
    except OSError as error:
        fail(f"the configuration {config} cannot be read: {error.strerror}")


def store_for(places: Places, store: str | None) -> Store:
    """The store, opened for reading."""
    from penguintui.clock import SystemClock
    from penguintui.store.errors import StoreError
    from penguintui.store.reader import Store

    try:
        return Store(store_url_for(places, store), SystemClock())
    except StoreError as error:
        fail(str(error), Exit.UNKNOWN)


def moment_from(text: str | None) -> float | None:
    """A time that was given, such as that of `--at`; see `model.words.parse_time`. Ends with a sentence for another."""
    if text is None:
        return None
    from penguintui.clock import SystemClock
    from penguintui.model.words import parse_time

    try:
        return parse_time(text, SystemClock().now())
    except ValueError as error:
        fail(str(error))


def past_moment(text: str | None) -> Moment:
    """The moment of `--at`; live when nothing or `now` was given. Ends with a sentence for one that has not come."""
    from penguintui.clock import SystemClock
    from penguintui.model.moment import LIVE, Moment
    from penguintui.views.format import moment as written

    at = moment_from(text)
    if at is None or (text or "").strip().lower() == "now":
        return LIVE
    if at > SystemClock().now():
        fail(f"{written(at)} has not come yet; leave --at out for now")
    return Moment(at)
