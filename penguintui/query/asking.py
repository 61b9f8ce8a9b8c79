"""The one door to numbers: the embedded engine over our store, or a server that speaks the same language."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from penguintui.query.errors import NotAnswered, QueryError

if TYPE_CHECKING:
    from penguintui.config.queries import PrometheusQueries, QuerySettings
    from penguintui.query.engine import Engine
    from penguintui.query.results import Matrix, Result
    from penguintui.query.samples.newest import StoredNewest
    from penguintui.store.reader import Reader


class Queries(Protocol):
    """Whoever answers PromQL. Times are seconds since 1970. Every method raises `QueryError`."""

    @property
    def place(self) -> str:
        """Who answers, in words: "the store", or the server's address."""
        ...

    def instant(self, expr: str, at: float) -> Result:
        """The expression's value at one moment."""
        ...

    def range(self, expr: str, start: float, end: float, step: float) -> Matrix:
        """Its values from `start` to `end`, both included, every `step` seconds."""
        ...

    def newest(self, metrics: Sequence[str], at: float) -> dict[str, tuple[float, float]]:
        """When each metric that is known was last observed up to `at`, and for how many seconds that holds."""
        ...

    def label_names(self) -> list[str]:
        """The labels that series have, sorted."""
        ...

    def label_values(self, name: str) -> list[str]:
        """The values that a label has, sorted. The label `__name__` has the metrics' names."""
        ...

    def close(self) -> None:
        """End what is held open."""
        ...


class EmbeddedQueries:
    """Our own engine over the store, up to a reader's moment. `semantics` is 2 or 3, as in `Engine`."""

    place = "the store"

    def __init__(self, reader: Reader, semantics: int = 3) -> None:
        self._reader = reader
        self._semantics = semantics
        self._engines: dict[bool, Engine] = {}
        self._instances: Collection[str] | None = None
        self._plain: StoredNewest | None = None
        self._values: dict[str, set[str]] | None = None

    def instant(self, expr: str, at: float) -> Result:
        from penguintui.query.language.metrics import newest_only

        # Most questions look at no past: five minutes of samples for one value are most of what they would cost.
        return self._opened(newest_only(expr)).instant(expr, at)

    def range(self, expr: str, start: float, end: float, step: float) -> Matrix:
        return self._opened(False).range(expr, start, end, step)

    def of(self, instances: Collection[str]) -> EmbeddedQueries:
        """The same over the series that have one of these as their label `instance`."""
        other = EmbeddedQueries(self._reader, self._semantics)
        other._instances, other._plain = instances, self._samples().of(instances)
        return other

    def changes(self) -> Mapping[str, int]:
        """See `StoredNewest.changes`."""
        return self._samples().changes()

    def marks(self, instances: Collection[str]) -> Mapping[str, int] | None:
        """See `StoredNewest.marks`."""
        return self._samples().marks(instances)

    def newest(self, metrics: Sequence[str], at: float) -> dict[str, tuple[float, float]]:
        return self._reader.newest(metrics)

    def label_names(self) -> list[str]:
        return sorted(self._labels())

    def label_values(self, name: str) -> list[str]:
        return sorted(self._labels().get(name, ()))

    def close(self) -> None:
        """The reader stays open: it belongs to whoever opened it."""

    def _labels(self) -> Mapping[str, set[str]]:
        """All values of all labels, gathered in one pass."""
        if self._values is None:
            self._values = {}
            for entries in self._reader.store.series.by_metric(self._reader.store).values():
                for entry in entries:
                    for name, value in entry.labels.items():
                        self._values.setdefault(name, set()).add(value)
        return self._values

    def _opened(self, newest_only: bool) -> Engine:
        engine = self._engines.get(newest_only)
        if engine is None:
            from penguintui.query.engine import Engine
            from penguintui.query.samples.stored import StoredSamples

            source = StoredSamples(self._reader, newest_only=newest_only, instances=self._instances)
            engine = Engine(source, semantics=self._semantics, plain=self._samples())
            self._engines[newest_only] = engine
        return engine

    def _samples(self) -> StoredNewest:
        if self._plain is None:
            from penguintui.query.samples.newest import StoredNewest

            self._plain = StoredNewest(self._reader)
        return self._plain


class NoQueries:
    """Nobody can be asked: every question is answered with why."""

    def __init__(self, place: str, why: QueryError) -> None:
        self.place = place
        self._why = why

    def instant(self, expr: str, at: float) -> NoReturn:
        raise self._why

    def range(self, expr: str, start: float, end: float, step: float) -> NoReturn:
        raise self._why

    def newest(self, metrics: Sequence[str], at: float) -> NoReturn:
        raise self._why

    def label_names(self) -> NoReturn:
        raise self._why

    def label_values(self, name: str) -> NoReturn:
        raise self._why

    def close(self) -> None:
        """Nothing is open."""


def open_queries(settings: QuerySettings, reader: Reader) -> Queries:
    """Whoever the settings name; for those who have the configuration with its secrets."""
    if settings.type == "store":
        return EmbeddedQueries(reader, settings.promql)
    from penguintui.query.remote import RemoteQueries

    return RemoteQueries(settings)


class Engines:
    """Whoever the configuration in the store names; for those who know it from there, without its secrets.

    A server's connection is kept between readings. own: the asker's own configuration file. The server's secrets
    are read from there, by the asker's own rights, when it names the same address: a secret never goes to an
    address that only the store names. It also decides while the store holds no configuration yet.
    """

    def __init__(self, own: Path | None = None, environ: Mapping[str, str] | None = None) -> None:
        self._own = own
        self._environ = os.environ if environ is None else environ
        self._told: object = self  # what no store says: nothing was looked at yet
        self._semantics = 3
        self._server: Queries | None = None

    @property
    def elsewhere(self) -> bool:
        """Whether a server answered last, which may take its time."""
        return self._server is not None

    def of(self, reader: Reader) -> Queries:
        """Whoever answers as of the reader's moment.

        Raises StoreError when the store cannot be read, unless the asker's own configuration names a server.
        """
        from penguintui.store.errors import StoreError

        try:
            record = reader.configuration()
        except StoreError:
            self._renew(None)
            if self._server is None:
                raise
            return self._server
        self._renew(None if record is None else record.document.get("query", {}))
        return self._server or EmbeddedQueries(reader, self._semantics)

    def close(self) -> None:
        """End the connection to the server, if there is one."""
        if self._server is not None:
            self._server.close()
        self._server = None

    def _renew(self, told: Mapping[str, Any] | None) -> None:
        """Choose again when the store says something else than before."""
        if told == self._told:
            return
        self.close()
        self._told = told
        if told is not None and told.get("type", "store") == "store":
            self._semantics = int(told.get("promql", 3))
            return
        try:
            settings = self._settings(told)
        except NotAnswered as error:
            self._server = NoQueries(str((told or {}).get("url", "the server")), error)
            return
        if settings is None or settings.type == "store":
            self._semantics = 3 if settings is None else settings.promql
            return
        from penguintui.query.remote import RemoteQueries

        self._server = RemoteQueries(settings)

    def _settings(self, told: Mapping[str, Any] | None) -> QuerySettings | None:
        """The settings with their secrets. Raises NotAnswered where these cannot be had."""
        if told is None:
            return self._read_own("the server")
        named = _named_server(told)
        if not named.is_hidden:
            return named
        own = self._read_own(named.url)
        if own is not None and own.type == "prometheus" and own.url == named.url:
            return own
        raise NotAnswered(
            f"{named.url} wants a secret, which the store does not hold; write the same `query:` into a configuration "
            "of your own, its secret with `!env` or `!file`, and start again"
        )

    def _read_own(self, place: str) -> QuerySettings | None:
        from penguintui.config.loading import load
        from penguintui.config.problems import ConfigurationErrors

        if self._own is None:
            return None
        try:
            return load(self._own, self._environ).query
        except ConfigurationErrors as errors:
            raise NotAnswered(f"how {place} is asked cannot be read: {errors.problems[0]}") from errors


def _named_server(told: Mapping[str, Any]) -> PrometheusQueries:
    from pydantic import ValidationError

    from penguintui.config.queries import PrometheusQueries

    try:
        return PrometheusQueries.model_validate_json(json.dumps(told))
    except ValidationError as error:
        raise NotAnswered(
            f"the configuration in the store has a `query:` that this version does not know: {error.errors()[0]['msg']}"
        ) from error
