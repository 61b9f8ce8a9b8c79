"""What a run's process is told to do: handed to it on its standard input, never written down, for it holds secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from penguintui.actions import publication
from penguintui.actions.filling import reveal
from penguintui.actions.planning import Prepared
from penguintui.config.actions import DnsStep, ProxySettings, StepSettings
from penguintui.config.queries import STORE, QuerySettings
from penguintui.config.settings import Configuration
from penguintui.model.secret import Secret

_STEPS: TypeAdapter[list[StepSettings]] = TypeAdapter(list[StepSettings])
_QUERY: TypeAdapter[QuerySettings] = TypeAdapter(QuerySettings)
_PROXIES: TypeAdapter[dict[str, ProxySettings]] = TypeAdapter(dict[str, ProxySettings])


@dataclass(frozen=True, slots=True)
class Work:
    """One run's work.

    begin: the step to begin with (resuming), as an index.
    done: steps that are done already, in order: what an undo undoes.
    undo: undo what is done instead of doing more.
    colours: for each proxy, the colour that was active when the run was planned.
    query: who answers the gates' PromQL.
    records: for each step `dns`, by its index, its zone and what it publishes there.
    token: of the lease under which the agent works that started it; None over a store of one agent's own.
    """

    run: int
    store_url: str
    steps: Sequence[StepSettings]
    proxies: Mapping[str, ProxySettings]
    colours: Mapping[str, str]
    begin: int = 0
    done: tuple[int, ...] = ()
    undo: bool = False
    query: QuerySettings = STORE
    records: Mapping[int, publication.Publishable] = field(default_factory=dict)
    token: int | None = None


def compose(
    prepared: Prepared,
    configuration: Configuration,
    *,
    run: int,
    store_url: str,
    begin: int = 0,
    done: Sequence[int] = (),
    undo: bool = False,
    token: int | None = None,
) -> bytes:
    """The work as the text for the process's standard input."""
    prefix = "active colour of "
    colours = {c.name.removeprefix(prefix): c.seen for c in prepared.plan.conditions if c.name.startswith(prefix)}
    text: dict[str, Any] = {
        "run": run,
        "store_url": store_url,
        "steps": [_written(step) for step in prepared.steps],
        "proxies": {name: _written(settings) for name, settings in configuration.proxies.items()},
        "colours": colours,
        "begin": begin,
        "done": list(done),
        "undo": undo,
        "query": _written(configuration.query),
        "token": token,
        "records": {
            str(index): publication.written(one)
            for index, step in enumerate(prepared.steps)
            if isinstance(step, DnsStep)
            and (one := publication.publishable(step, configuration, prepared.changes.get(index, ())))
        },
    }
    return json.dumps(text).encode()


def parse(text: bytes) -> Work:
    """The work from that text."""
    data = json.loads(text)
    return Work(
        run=data["run"],
        store_url=data["store_url"],
        steps=_STEPS.validate_python(data["steps"]),
        proxies=_PROXIES.validate_python(data["proxies"]),
        colours=data["colours"],
        begin=data["begin"],
        done=tuple(data["done"]),
        undo=data["undo"],
        query=_QUERY.validate_python(_with_secrets(data["query"])),
        records={int(index): publication.parse(one) for index, one in data.get("records", {}).items()},
        token=data["token"],
    )


def _with_secrets(query: dict[str, Any]) -> dict[str, Any]:
    """Token and password as secrets again, which is the only form in which they may stand there."""
    given = {name: query.get(name) for name in ("token", "password")}
    return {**query, **{name: Secret(value) for name, value in given.items() if value is not None}}


def _written(settings: StepSettings | ProxySettings | QuerySettings) -> Any:
    return reveal(settings.model_dump(by_alias=True))
