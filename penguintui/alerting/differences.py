"""What was expected of a unit test and what came, side by side, as promtool prints it, and where they part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from penguintui.alerting.goformat import quote

Labels = Mapping[str, str]
Pair = tuple[Labels, Labels]
"""An alert's labels and annotations."""


def alerts_differ(expected: Sequence[Pair], got: Sequence[Pair]) -> str:
    """Both lists as text where they differ; empty where they do not. The order does not count."""
    expected, got = sorted(expected, key=_order), sorted(got, key=_order)
    if [(dict(a), dict(b)) for a, b in expected] == [(dict(a), dict(b)) for a, b in got]:
        return ""
    parts = "".join(f"\n        {line}" for line in _where(expected, got))
    return f"        exp:{_alerts(expected)}, \n        got:{_alerts(got)}{parts}"


def samples_differ(
    expected: Sequence[tuple[Labels, float]],
    got: Sequence[tuple[Labels, float]],
    same: Callable[[float, float], bool],
) -> str:
    """The same for samples."""
    expected, got = (sorted(samples, key=lambda one: sorted(one[0].items())) for samples in (expected, got))
    if len(expected) == len(got) and all(
        dict(e[0]) == dict(g[0]) and same(e[1], g[1]) for e, g in zip(expected, got, strict=True)
    ):
        return ""
    return f"        exp: {_samples(expected)}\n        got: {_samples(got)}"


def _order(alert: Pair) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    return sorted(alert[0].items()), sorted(alert[1].items())


def _alerts(alerts: Sequence[Pair]) -> str:
    if not alerts:
        return "[]"
    made = []
    for i, alert in enumerate(alerts):
        lines = (f"{i}:", f"  Labels:{_labels(alert[0])}", f"  Annotations:{_labels(alert[1])}")
        made.append("\n".join(f"            {line}" for line in lines))
    return "[\n" + ",\n".join(made) + "\n            ]"


def _labels(labels: Labels) -> str:
    return "{" + ", ".join(f"{name}={quote(value)}" for name, value in sorted(labels.items())) + "}"


def _samples(samples: Sequence[tuple[Labels, float]]) -> str:
    return ", ".join(f"{_labels(labels)} {value:.15g}" for labels, value in samples) or "nil"


def _where(expected: Sequence[Pair], got: Sequence[Pair]) -> list[str]:
    """For each expected alert that did not come, the nearest that did, and what is other in it."""
    left = [alert for alert in got if alert not in expected]
    found: list[str] = []
    for alert in expected:
        if alert in got or not left:
            continue
        nearest = min(left, key=lambda other: len(_changes(alert, other)))
        left.remove(nearest)
        found.extend(f"differs: {change}" for change in _changes(alert, nearest)[:5])
    return found


def _changes(expected: Pair, got: Pair) -> list[str]:
    changes = []
    for what, wanted, came in (("label", expected[0], got[0]), ("annotation", expected[1], got[1])):
        for name in sorted({*wanted, *came}):
            if wanted.get(name) != came.get(name):
                changes.append(f"{what} {name}: expected {_shown(wanted, name)}, got {_shown(came, name)}")
    return changes


def _shown(labels: Labels, name: str) -> str:
    return quote(labels[name]) if name in labels else "none"
