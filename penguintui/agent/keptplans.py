"""Plans as text, and back: what an agent that takes over needs to go on with what another one planned.

No secrets are in it: placeholders of secrets stay as they are in a plan, and are filled from the configuration again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from penguintui.actions import zones
from penguintui.actions.conditions import Seen
from penguintui.actions.filling import ParameterError
from penguintui.actions.planning import Prepared, prepare
from penguintui.adapters.proxy import ProxyState
from penguintui.agent.protocol import Refused
from penguintui.config.settings import Configuration
from penguintui.model.role import Caller


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan as it was kept, what was seen when it was made, and the run that it undoes."""

    plan: Mapping[str, Any]
    seen: Seen
    undoes: int | None


def written(prepared: Prepared, seen: Seen, undoes: int | None = None) -> str:
    """A plan as JSON."""
    proxies = {name: [state.active, state.previous] for name, state in seen.proxies.items()}
    records = {domain: zones.kept(found) for domain, found in seen.zones.items()}
    return json.dumps(
        {"plan": asdict(prepared.plan), "proxies": proxies, "records": records, "undoes": undoes}, indent=1
    )


def parsed(text: str) -> Kept:
    """What was written. Raises ValueError, KeyError, TypeError where it is not what `written` made."""
    kept = json.loads(text)
    proxies = {name: ProxyState(active, previous) for name, (active, previous) in kept["proxies"].items()}
    seen = Seen(proxies, zones={domain: zones.remembered(text) for domain, text in kept.get("records", {}).items()})
    return Kept(kept["plan"], seen, kept["undoes"])


def prepared_again(text: str, configuration: Configuration, backups: Path) -> tuple[Prepared, Kept]:
    """A plan made again by the configuration in force, from what was seen then. Raises Refused when that cannot be.

    Where its hash is the one that was kept, it does what was planned.
    """
    try:
        kept = parsed(text)
        name = kept.plan["action"]
        if name not in configuration.actions:
            raise Refused(f"the action {name} is gone from the configuration")
        prepared = prepare(
            name, configuration, kept.plan["parameters"], kept.seen, kept.plan["created"], backups=backups
        )
    except (ValueError, KeyError, TypeError, ParameterError) as error:
        raise Refused(f"what was kept of its plan cannot be used: {error}") from None
    return prepared, kept


def caller_text(caller: Caller) -> str:
    """Who asked, as JSON: what tells one person from another."""
    words = {"user": caller.user, "uid": caller.uid, "login": caller.login, "login_uid": caller.login_uid}
    return json.dumps({**words, "host": caller.host})


def caller_of_text(text: str) -> Caller:
    """Who asked."""
    return Caller(**json.loads(text))
