"""Names in a configuration that lead nowhere, or that two things share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from penguintui.config.declared import check_domains
from penguintui.config.placeholders import PLACEHOLDER
from penguintui.config.problems import Trail, did_you_mean, path_of, shown
from penguintui.config.selecting import each, mapping, texts
from penguintui.config.tree import Fault
from penguintui.model.checks import CHECKS
from penguintui.model.target import Kind


def check_references(data: Any) -> Iterator[Fault]:
    """Every name that leads nowhere or stands twice."""
    for pattern, what in (
        ("targets.*.name", "targets"),
        ("promises.*.name", "promises"),
        ("business.*.name", "business figures"),
        ("deliverability.providers.*.name", "providers"),
        ("notifications.*.name", "notifications"),
    ):
        yield from _twice(texts(data, pattern), f"two {what} have the name", "give each its own")
    yield from _twice(texts(data, "keys.*"), "two keys are remapped to", "give each its own")
    for trail, probes in each(data, "targets.*.probes"):
        yield from _same_probes(trail, probes)
    targets = {name for _, name in texts(data, "targets.*.name")}
    known = [*(kind.value for kind in Kind), *targets]
    for trail, word in texts(data, "actions.*.kinds.*"):
        if word not in known:
            yield Fault(trail, f"no target and no kind is called {shown(word)}", did_you_mean(word, known))
    yield from check_domains(data)
    proxies = mapping(data, "proxies")
    checks = {*CHECKS, *(name for _, name in texts(data, "targets.*.probes.*.queries.*.check"))}
    for trail, step in each(data, "actions.*.steps.*"):
        if isinstance(step, dict) and step.get("type") == "switch":
            yield from _check_switch(trail, step, proxies)
        elif isinstance(step, dict) and step.get("type") == "gate":
            yield from _check_gate(trail, step, targets, checks)


def _twice(names: Iterable[tuple[Trail, str]], message: str, suggestion: str) -> Iterator[Fault]:
    first: dict[str, Trail] = {}
    for trail, name in names:
        if name in first:
            yield Fault(trail, f"{message} {shown(name)}, the other is {path_of(first[name])}", suggestion)
        first.setdefault(name, trail)


def _same_probes(trail: Trail, probes: Any) -> Iterator[Fault]:
    """Two probes of one type on one target close each other's findings unless their names tell them apart."""
    seen: dict[tuple[str, str], int] = {}
    for index, probe in enumerate(probes if isinstance(probes, list) else []):
        if not isinstance(probe, dict) or not isinstance(probe.get("type"), str):
            continue
        key = (probe["type"], str(probe.get("name") or ""))
        if key in seen:
            message = f"the target already has a probe of type {shown(key[0])} like this, probes[{seen[key]}]"
            yield Fault((*trail, index), message, "give each its own `name`")
        seen.setdefault(key, index)


def _check_switch(trail: Trail, step: dict[str, Any], proxies: dict[str, Any]) -> Iterator[Fault]:
    name, to = step.get("proxy"), step.get("to", "idle")
    if not isinstance(name, str) or PLACEHOLDER.search(name):
        return
    if name not in proxies:
        yield Fault((*trail, "proxy"), f"no proxy is called {shown(name)}", did_you_mean(name, proxies, "proxies"))
        return
    colours = mapping(proxies[name], "colours")
    known = ["idle", "previous", *colours]
    if isinstance(to, str) and to not in known and not PLACEHOLDER.search(to):
        yield Fault((*trail, "to"), f"the proxy has no colour {shown(to)}", did_you_mean(to, known))


def _check_gate(trail: Trail, step: dict[str, Any], targets: set[str], checks: set[str]) -> Iterator[Fault]:
    if not any(step.get(part) is not None for part in ("http", "finding", "metric")):
        yield Fault(trail, "the gate asks nothing", "give it `http`, `finding` or `metric`")
    finding = mapping(step, "finding")
    for key, known, what in (("target", targets, "target"), ("check", checks, "check")):
        name = finding.get(key)
        if isinstance(name, str) and name not in known and not PLACEHOLDER.search(name):
            message = f"no {what} is called {shown(name)}, so the gate could never pass"
            yield Fault((*trail, "finding", key), message, did_you_mean(name, sorted(known)))
