"""`penguintui actions | run | runs`: the catalogue and the executor of the panes, from the command line."""

from __future__ import annotations

import enum
import json
import sys
import time
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penguintui.cli.exits import Exit, fail, say, show
from penguintui.cli.given import past_moment, places_for, store_for
from penguintui.cli.options import AtOption, ConfigOption, JsonOption, StoreOption
from penguintui.cli.talking import talk

if TYPE_CHECKING:
    from penguintui.agent.client import Asker
    from penguintui.config.places import Places
    from penguintui.model.action import Run
    from penguintui.store.reader import Reader, Store

_LOOK = 0.25


class Order(enum.StrEnum):
    """What can be said to a run."""

    APPROVE = "approve"
    REFUSE = "refuse"
    CANCEL = "cancel"
    RESUME = "resume"
    UNDO = "undo"
    RELEASE = "release"


def actions(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """What can be done, and whether you may.

    Example: penguintui actions
    """
    found = talk(places_for(config), lambda client: client.ask("catalogue"))["actions"]
    if as_json:
        show(json.dumps(found, indent=1, ensure_ascii=False))
        return
    for action in found:
        parameters = " ".join(f"{name}={p['default'] or '…'}" for name, p in action["parameters"].items())
        refused = f"  ({action['refused']})" if action["refused"] else ""
        show(f"{action['name']} {parameters}".rstrip() + f"  {action['danger']}  {action['title']}{refused}")


def run(
    action: Annotated[str, typer.Argument(help="Its name, as `penguintui actions` lists it.")],
    parameters: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...")] = None,
    config: ConfigOption = None,
    store: StoreOption = None,
    plan_only: Annotated[bool, typer.Option("--plan", help="Show what would happen, and stop.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Answer the question, with the target's name.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why; an emergency needs one.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Plan an action, confirm it, and follow its run. Leaving does not touch the run.

    Example: penguintui run deploy release=2026.11.24-3
    """
    given = _pairs(parameters or [])
    places = places_for(config)

    async def start(client: Asker) -> tuple[Mapping[str, Any], int | None]:
        plan = await client.ask("plan", action=action, parameters=given)
        show(json.dumps(plan, indent=1, ensure_ascii=False) if as_json else "\n".join(_plan_lines(plan)))
        if plan["refused"]:
            fail(f"refused: {plan['refused']}", Exit.WARNING)
        if plan_only:
            return plan, None
        confirm = plan["target"] if yes else _confirmed(plan)
        began = await client.ask("run", plan=plan["hash"], intent=uuid.uuid4().hex, confirm=confirm, reason=reason)
        if began.get("waiting"):
            say(f"run {began['run']}: {began['waiting']}")
        return plan, int(began["run"])

    _, number = talk(places, start, store)
    if number is not None:
        raise typer.Exit(_follow(store_for(places, store), number))


def runs(
    number: Annotated[int | None, typer.Argument(metavar="[ID]", help="One run, with its output.")] = None,
    config: ConfigOption = None,
    store: StoreOption = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until it ends.")] = False,
    order: Annotated[
        Order | None, typer.Option("--order", help="Approve or refuse what waits; cancel; resume, undo or release.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept in the record.")] = "",
    confirm: Annotated[
        str, typer.Option("--confirm", help="The target's name: undoing what succeeded asks for it.")
    ] = "",
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """The runs, newest first; or one run's steps and output, or an order to it.

    Example: penguintui runs 12 --follow
    Example: penguintui runs 12 --order cancel --reason "wrong release"
    """
    if at is not None and (order is not None or follow):
        fail("nothing acts on the past, and nothing of it goes on: leave out --at, or --order and --follow")
    if order is not None:
        _order(places_for(config), number, order, reason, confirm, store)
        return
    from penguintui.store.errors import StoreError
    from penguintui.views.document import document

    opened = store_for(places_for(config), store)
    try:
        reader = opened.reader(past_moment(at))
        if number is not None and follow:
            raise typer.Exit(_follow(opened, number))
        found = reader.runs(50) if number is None else [run for run in [reader.run(number)] if run]
        if as_json:
            show(json.dumps([document(run) for run in found], indent=1, ensure_ascii=False))
            return
        for run in found:
            show(_run_line(run))
        if number is not None:
            if not found:
                fail(f"there is no run {number}", Exit.WARNING)
            _show_whole(reader, found[0])
    except StoreError as error:
        fail(str(error), Exit.UNKNOWN)


def _order(places: Places, number: int | None, order: Order, reason: str, confirm: str, store: str | None) -> None:
    if number is None:
        fail("say which run, by its number")
    said = talk(places, lambda client: client.ask(order.value, run=number, reason=reason, confirm=confirm), store)
    show(f"{order.value}: run {said['run']}; penguintui runs {said['run']} --follow")


def _pairs(words: list[str]) -> dict[str, str]:
    pairs = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            fail(f"{word!r} is no KEY=VALUE")
        pairs[name] = value
    return pairs


def _plan_lines(plan: Mapping[str, Any]) -> list[str]:
    lines = [f"{plan['title']}  on {plan['target']} in {plan['environment']}  ({plan['danger']})"]
    lines += [f"  {i}. {step['name']}: {step['does']}" for i, step in enumerate(plan["steps"], 1)]
    lines += [f"  seen: {c['name']} is {c['seen'] or c['reason']}" for c in plan["conditions"]]
    lines.append(f"  way back: {plan['way_back']}")
    if plan["holder"]:
        lines.append(f"  note: {plan['holder']}")
    return lines


def _confirmed(plan: Mapping[str, Any]) -> str:
    """Ask at the terminal; without one nothing is confirmed."""
    if plan["danger"] == "safe" and not plan["typing"]:
        return ""
    if not sys.stdin.isatty():
        fail("nothing confirms this; answer at a terminal, or give --yes", Exit.WARNING)
    wanted = plan["target"] if plan["typing"] else "yes"
    answer = typer.prompt(f"type {wanted} to go on", default="", show_default=False)
    if answer != wanted:
        fail("not confirmed; nothing was done", Exit.WARNING)
    return str(wanted)


def _follow(store: Store, number: int) -> int:
    """Print what a run does until it ends; returns the exit code."""
    seen, shown = -1, ""
    while True:
        reader = store.reader()
        run = reader.run(number)
        if run is None:
            fail(f"there is no run {number}", Exit.WARNING)
        for line in reader.run_output(number, after=seen):
            seen = line.seq
            show(f"  {line.text}")
        steps = "  ".join(f"{step.name} {step.status}" for step in run.steps if str(step.status) != "waiting")
        if steps != shown:
            show(f"run {number}: {steps}")
            shown = steps
        if run.status.finished or str(run.status) == "interrupted":
            show(f"run {number} {run.status}: {run.result}")
            return int(Exit.OK if str(run.status) == "succeeded" else Exit.CRITICAL)
        time.sleep(_LOOK)


def _run_line(run: Run) -> str:
    from penguintui.views import format as words

    when = words.moment(run.created)
    return f"{run.id}  {when}  {run.status}  {run.title}  by {run.requested_by}  {run.result}".rstrip()


def _show_whole(reader: Reader, run: Run) -> None:
    for step in run.steps:
        show(f"  {step.index + 1}. {step.name} {step.status}  {step.does}  {step.detail}".rstrip())
    for line in reader.run_output(run.id):
        show(f"  {line.text}")
