"""Any model as lines of text for screen readers and pipes: the status' word first, no boxes, always in one order.

`lines(model)` picks the writer by the model's type; `ascii_only` leaves nothing but ASCII.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penguintui.model.status import Status
from penguintui.views.format import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from penguintui.views.models.actions import ActionChoice, Actions, HistoryRow, PlanView, RunView
    from penguintui.views.models.business import Business, ShareLine
    from penguintui.views.models.chart import Chart
    from penguintui.views.models.deliverability import (
        AddressRow,
        Deliverability,
        DomainRow,
        ProviderRow,
        QueueRow,
        SourceRow,
        XrayNode,
    )
    from penguintui.views.models.diff import Diff, Difference
    from penguintui.views.models.executive import BusinessLine, Executive, PromiseCard
    from penguintui.views.models.frame import FrameView
    from penguintui.views.models.incidents import IncidentRow, Incidents
    from penguintui.views.models.security import Security
    from penguintui.views.models.technical import FindingLine, TargetDetail, TargetRow, Technical
    from penguintui.views.models.wall import Wall, WallItem
    from penguintui.views.models.what import Change, Need, Value

_ASCII = str.maketrans(
    {"×": "x", "±": "+-", "→": "->", "–": "-", "…": "...", "•": "*", "·": "-", "≤": "<=", "≥": ">=", "←": "<-"}
)


def lines(model: Any) -> list[str]:
    """The model's lines. A heading ends with a colon and has no status; times are UTC."""
    return list(_WRITERS[type(model).__name__](model))


def ascii_only(text: str) -> str:
    """The text in ASCII: signs that have a spelling are spelt, all others become `?`."""
    return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")


def word(status: Status | None) -> str:
    """What a line begins with."""
    return "-" if status is None else status.word


def _line(status: Status | None, *parts: str) -> str:
    return f"{word(status)} {', '.join(part for part in parts if part)}"


def _value(name: str, value: Value) -> str:
    """A number with its name; its reason where it is not fine, its age where it is late."""
    text = f"{name} {value.text}".strip()
    if value.status not in (None, Status.OK):
        text += f" ({word(value.status)}{f': {value.reason}' if value.reason else ''})"
    return f"{text} (stale {value.age})" if value.stale and value.age else text


def _part(title: str, written: Iterable[str]) -> Iterator[str]:
    """A heading and its lines; nothing when there are none."""
    found = list(written)
    if found:
        yield f"{title}:"
        yield from found


def _frame(frame: FrameView) -> Iterator[str]:
    place = " ".join(part for part in (frame.environment, frame.region, "(DEMO)" if frame.demo else "") if part)
    counts = frame.counts
    yield f"{place}: {counts.critical} critical, {counts.warning} warning, {counts.unknown} unknown, {counts.ok} fine"
    yield f"Moment: {frame.moment}. {frame.hands}."
    agent = frame.agent
    yield _line(agent.status, agent.blind or (f"agent {agent.age} ago" if agent.age else "no agent"), agent.message)
    yield from (f"Standby: {one}" for one in agent.standbys)
    if frame.on_call:
        yield f"On call: {frame.on_call}"
    if frame.incident:
        yield f"Incident: {frame.incident}"
    if frame.need:
        yield f"Needs: {frame.need}"


def _executive(view: Executive) -> Iterator[str]:
    yield f"{word(view.verdict.status)} {view.verdict.text.replace(chr(10), ' ')}"
    yield from _part("Promises", map(_promise, view.promises))
    yield from _part("Business", map(_business_line, view.business))
    yield from _part("Record", (f"- {line.name}: {''.join(part.text for part in line.parts)}" for line in view.record))
    yield from _charts([view.mails] if view.mails else [])
    yield from _needs(view.needs)


def _promise(card: PromiseCard) -> str:
    left = f"budget left {card.budget_text}"
    return _line(card.status, f"{card.name} {card.now.text} {card.target}", left, card.burn_text, card.note)


def _business_line(line: BusinessLine) -> str:
    return _line(line.value.status, f"{_value(line.name, line.value)} {line.goal}".strip())


def _technical(view: Technical) -> Iterator[str]:
    if view.filter_error:
        yield f"Filter: {view.filter_error}"
    yield from _part("Groups", (_line(g.status, g.title, f"{g.faults} of {g.total} not fine") for g in view.groups))
    yield from _part(f"Targets, worst first, {view.shown}", map(_target_row, view.rows))
    yield from _part("Alerts", map(_alert, view.alerts))
    if view.selected is not None:
        yield from _target(view.selected)
    yield from _needs(view.needs)


def _target_row(row: TargetRow) -> str:
    stale = f"stale {row.age}" if row.stale else ""
    since = f"since {row.since}" if row.since else ""
    return _line(row.status, f"{row.name} ({row.kind})", stale, since, row.matters, row.signals)


def _target(detail: TargetDetail) -> Iterator[str]:
    yield f"{detail.name} ({detail.kind}):"
    yield detail.why or _line(detail.status, "without a fault")
    yield from _part("Findings", map(_finding, detail.findings))
    yield from _part("Alerts", map(_alert, detail.alerts))
    yield from _charts(detail.charts)
    yield from _part("Changed near it", map(_change, detail.changes))
    yield from _part("What can be done", map(_choice, detail.actions))
    if detail.runbook:
        yield f"Runbook: {detail.runbook}"
    yield f"Source: {detail.source}"


def _finding(finding: FindingLine) -> str:
    what = f"{finding.title} {finding.subject}".strip()
    about = f"since {finding.since}, seen {finding.age} ago by {finding.source}"
    return _line(finding.status, f"{what}: {finding.summary}", about, finding.remedy)


def _alert(alert: FindingLine) -> str:
    return _line(alert.status, f"{alert.title}: {alert.summary}", f"since {alert.since}", alert.remedy)


def _change(change: Change) -> str:
    return f"{word(change.status)} {change.time} {change.text}"


def _choice(choice: ActionChoice) -> str:
    able = "can be run" if choice.can else f"cannot be run: {choice.why_not}"
    where = f"on {choice.target or choice.environment}"
    does = (choice.help or "; ".join(choice.steps)).rstrip(".")
    told = (f"{choice.title} ({choice.danger})", where, does, able, choice.last)
    return f"- {choice.name}: {', '.join(part for part in told if part)}"


def _deliverability(view: Deliverability) -> Iterator[str]:
    fine = "mail goes out without a known fault" if view.status is Status.OK else "nothing of it is watched"
    yield _line(view.status, view.chain or fine)
    reasons = (_line(r.status, f"{r.where} since {r.since}", r.text, r.remedy) for r in view.reasons)
    yield from _part("Reasons", reasons)
    yield from _part("Domains", map(_domain, view.domains))
    yield from _part(f"Providers ({view.limits})", map(_provider, view.providers))
    yield from _part("Sending addresses", map(_address, view.addresses))
    yield from _part("Queues", map(_queue, view.queues))
    yield from _part(f"DMARC sources, new ones first ({view.sources.note})", map(_source, view.sources.rows))
    yield from _part("X-ray, from the platform down", _branches(view.xray, ()) if view.xray else ())
    yield from _needs(view.needs)


def _branches(node: XrayNode, above: tuple[str, ...]) -> Iterator[str]:
    """Each branch with the way that leads to it, since indenting says nothing to a screen reader."""
    way = (*above, node.name)
    yield _line(node.status, f"{' / '.join(way)} ({node.kind})", node.reason if node.status is not Status.OK else "")
    for child in node.children:
        yield from _branches(child, way)


def _domain(row: DomainRow) -> str:
    cells = (f"{cell.record} {cell.word}" for cell in row.cells if cell.status is not None)
    return _line(row.status, row.domain, *cells, row.reason)


def _provider(row: ProviderRow) -> str:
    named = (
        ("volume", row.volume),
        ("p50", row.delivery_p50),
        ("p95", row.delivery_p95),
        ("deferred", row.deferred),
        ("bounced", row.bounced),
        ("complained", row.complained),
    )
    return _line(row.status, row.name, *(_value(name, value) for name, value in named), _placed(row.placed))


def _placed(value: Value) -> str:
    """The share of canaries in the inbox; how many it rests on, and how old it is, also where it is fine."""
    told = ", ".join(filter(None, (value.reason, f"{value.age} old" if value.age else "")))
    fine = value.status is Status.OK and not value.stale
    return f"{_value('placed', value)} ({told})" if fine and told else _value("placed", value)


def _source(row: SourceRow) -> str:
    new = "new" if row.new else ""
    first = f"first seen {row.first_seen}" if row.first_seen else ""
    named = (("mails", row.mails), ("not aligned", row.unaligned), ("by DKIM", row.dkim), ("by SPF", row.spf))
    values = [_value(name, value) for name, value in named if value.number is not None]
    return _line(row.status, f"{row.domain} from {row.source}", row.name, new, *values, first, row.reason)


def _address(row: AddressRow) -> str:
    named = (
        ("reputation", row.reputation),
        ("lists", row.listings),
        ("volume", row.volume),
        ("PTR", row.reverse),
        ("warm-up", row.warm_up),
    )
    numbers = (_value(name, value) for name, value in named)
    return _line(row.status, f"{row.address} {row.provider}".strip(), *numbers, row.reason)


def _queue(row: QueueRow) -> str:
    place = f"{row.target} {row.queue}" + (f" for {row.destination}" if row.destination else "")
    return _line(row.status, place, f"{row.messages.text} messages", f"oldest {row.oldest.text}", row.reason)


def _security(view: Security) -> Iterator[str]:
    yield _line(view.status, view.headline)
    yield f"- {_value('failed logins', view.failures)} in {view.window}"
    for title, rows in (("Sources", view.sources), ("Accounts", view.accounts)):
        attempts = (_line(r.status, r.name, r.failures.text, r.others, f"last {r.last}", r.reason) for r in rows)
        yield from _part(title, attempts)
    yield from _part("Breaches", (f"CRITICAL {b.time} {b.target}: {b.text} {b.remedy}".strip() for b in view.breaches))
    certificates = (_line(c.status, c.target, c.days.text, c.ends, c.reason, c.remedy) for c in view.certificates)
    yield from _part("Certificates", certificates)
    controls = (_line(c.status, c.name, c.text, f"asked {c.age} ago", c.remedy) for c in view.controls)
    yield from _part("Controls and scans", controls)
    yield from _part("Changes", map(_change, view.changes))
    yield from _needs(view.needs)


def _actions(view: Actions) -> Iterator[str]:
    for run in view.running:
        yield from _run(run)
    if view.selected is not None and view.selected not in view.running:
        yield from _run(view.selected)
    yield from _part("Locks", (f"- {lock.text}" for lock in view.locks))
    yield from _part("Catalogue", map(_choice, view.catalogue))
    yield from _part("History", map(_ended, view.history))
    yield from _part("Record", (f"- #{e.seq} {e.when} {e.who}: {e.what}, {e.result}" for e in view.record))
    yield from _needs(view.needs)


def _ended(row: HistoryRow) -> str:
    return _line(row.verdict, f"run {row.id} {row.title}", row.status, row.when, row.took, row.by, row.result)


def _run(run: RunView) -> Iterator[str]:
    yield f"Run {run.id}, {run.title}:"
    yield _line(run.verdict, str(run.status), run.by, run.reason, run.lock, run.note, run.result)
    for step in run.steps:
        yield _line(step.verdict, f"step {step.number} {step.name} {step.status}", step.does, step.took, step.detail)
    yield from _part("Output", (f"- {line.time} {line.text}" for line in run.output))
    if run.way_back:
        yield f"Way back: {run.way_back}"


def _plan(plan: PlanView) -> Iterator[str]:
    yield f"Plan {plan.hash[:12]}, {plan.title}, on {plan.target} in {plan.environment} ({plan.danger}):"
    if plan.refused:
        yield f"CRITICAL refused: {plan.refused}"
    yield from _part("Parameters", (f"- {name}: {value}" for name, value in plan.parameters))
    for step in plan.steps:
        yield f"- step {step.number} {step.name}: {step.does}{f', back by: {step.undo}' if step.undo else ''}"
    yield from _part("Conditions", (_line(c.status, f"{c.name}: {c.seen}", c.reason) for c in plan.conditions))
    yield from _part("Changed since the last run", (f"- {text}" for text in plan.changed_since))
    yield f"Way back: {plan.way_back or 'none'}"
    yield f"Confirm: {plan.confirm}; {plan.lapses}"


def _business(view: Business) -> Iterator[str]:
    yield from _part("Figures", map(_business_line, view.figures))
    for line in view.counts:
        yield f"- {line.name}: {', '.join(_value(state, value) for state, value in line.counts)}"
    yield from _part("Funnel of the last day", map(_share, view.funnel))
    yield from _part("Revenue of the last day by source", map(_share, view.revenue))
    yield from _charts(view.charts)
    yield from _needs(view.needs)


def _share(line: ShareLine) -> str:
    change = f"{line.change} on a week ago" if line.change else ""
    return f"- {', '.join(part for part in (_value(line.name, line.value), line.share_text, change) if part)}"


def _incidents(view: Incidents) -> Iterator[str]:
    yield from _part("Incidents", map(_incident, view.incidents))
    if view.story:
        yield from _part(f"{view.incidents[0].name}, as it went", map(_change, view.story))
    yield from _part("Lately", map(_change, view.timeline))
    yield from _needs(view.needs)


def _incident(row: IncidentRow) -> str:
    end = f"resolved {row.resolved}" if row.resolved else "open"
    return _line(row.status, f"{row.name} {row.severity}: {row.title}", f"opened {row.opened}", end, row.took)


def _wall(view: Wall) -> Iterator[str]:
    since = f"since {view.since}" if view.since else ""
    yield _line(view.status, "the worst of all", since)
    yield from _part("Not fine, worst first", map(_wall_item, view.items))
    yield from _part("Promises", map(_promise, view.promises))
    yield from _part("Today", map(_business_line, view.figures))
    yield from _needs(view.needs)


def _wall_item(item: WallItem) -> str:
    number = f"{item.big} {item.limit}".strip()
    stale = f"stale {item.age}" if item.stale and item.age else ""
    return _line(item.status, item.name, number, item.text, f"since {item.since}" if item.since else "", stale)


def _diff(view: Diff) -> Iterator[str]:
    if view.trouble:
        yield f"UNKNOWN {view.title}: {view.trouble}"
        return
    yield f"{view.title}. {view.same}."
    yield from _part("Changed, the most surprising first", map(_difference, view.differences))
    if not view.differences:
        yield "OK nothing changed"
    yield from _needs(view.needs)


def _difference(one: Difference) -> str:
    about = "; ".join(part for part in (f"at {one.time}" if one.time else "", one.why) if part)
    return f"{word(one.status)} {one.text}{f' ({about})' if about else ''}"


def _charts(charts: Sequence[Chart]) -> Iterator[str]:
    """Charts in words: each line's newest value, the limits, and what happened meanwhile."""
    for chart in charts:
        if chart.trouble:
            yield f"UNKNOWN {chart.title}: {chart.trouble}"
        for line, latest in zip(chart.lines, chart.latest, strict=True):
            yield f"- {chart.title}, {line.name or 'value'}: now {latest}"
        for limit in chart.limits:
            yield f"- {chart.title}, limit: {limit.text}"
        for mark in chart.marks:
            yield f"- {chart.title}, at {clock(mark.at)}: {mark.text}"


def _needs(needs: Iterable[Need]) -> Iterator[str]:
    yield from _part("Not shown", (f"- {need.title}: {need.text} {need.remedy}" for need in needs))


_WRITERS: Mapping[str, Callable[[Any], Iterable[str]]] = {
    "FrameView": _frame,
    "Executive": _executive,
    "Technical": _technical,
    "TargetDetail": _target,
    "Deliverability": _deliverability,
    "Security": _security,
    "Actions": _actions,
    "RunView": _run,
    "PlanView": _plan,
    "Business": _business,
    "Incidents": _incidents,
    "Wall": _wall,
    "Diff": _diff,
}
"""By the name of the model's type: only the models that are written have to be imported."""
