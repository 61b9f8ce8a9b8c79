"""`penguintui check`: ask now, without an agent and a store, as a monitoring plug-in does."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penguintui.cli.exits import fail, show
from penguintui.cli.given import configuration_for, places_for
from penguintui.cli.options import ConfigOption, JsonOption
from penguintui.model.status import worst

if TYPE_CHECKING:
    from penguintui.config.settings import Configuration
    from penguintui.model.observation import Observation

_SMTP_PORTS = (25, 587, 2525)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?")
_DOMAIN = re.compile(r"(?=.{1,253}$)([A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z0-9-]{2,63}\.?")


def check(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TARGET | DOMAIN | URL | HOST:PORT]...", help="All targets when left out."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask now and print the findings. Exit code: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.

    Example: penguintui check example.com https://example.com mx.example.com:25
    """
    configuration = _wanted(what or [], config)
    observations = asyncio.run(_ask(configuration))
    if as_json:
        show(json.dumps([_document(name, o) for name, _, o in observations], indent=1, ensure_ascii=False))
    else:
        for name, _, observation in observations:
            for finding in sorted(observation.findings, key=lambda finding: -finding.status):
                subject = f" {finding.subject}" if finding.subject else ""
                remedy = f"  → {finding.remedy}" if finding.remedy and finding.status else ""
                show(f"{finding.status.word} {name} {finding.check}{subject}: {finding.summary}{remedy}")
    raise typer.Exit(worst(f.status for _, _, o in observations for f in o.findings).exit_code)


def _wanted(what: list[str], config: ConfigOption) -> Configuration:
    """The targets that are meant: those of the configuration by name, others made from what was written."""
    from penguintui.config.settings import Configuration

    made = {word: one for word in what if (one := _made(word)) is not None}
    asked = Configuration.model_validate({"targets": list(made.values())})
    named = [word for word in what if word not in made]
    if what and not named:
        return asked
    configured = configuration_for(places_for(config))[0]
    known = {target.name: target for target in configured.targets}
    for word in named:
        if word not in known:
            fail(f"{word} is {_unclear(word)}; targets are {', '.join(known) or 'none'}")
    wanted = [target for name, target in known.items() if not what or name in named]
    return configured.model_copy(update={"targets": [*asked.targets, *wanted]})


def _made(word: str) -> dict[str, Any] | None:
    """A target for a bare URL, HOST:PORT or domain; None for anything else."""
    if word.startswith(("http://", "https://")):
        return {"name": word, "kind": "service", "probes": [{"type": "http", "url": word}]}
    if _is_address(word):
        return None
    host, colon, port = word.rpartition(":")
    if colon and port.isdigit() and 0 < int(port) < 65536 and host:
        probe = {"type": "smtp" if int(port) in _SMTP_PORTS else "tls", "host": host.strip("[]"), "port": int(port)}
        return {"name": word, "kind": "service", "probes": [probe]}
    if _DOMAIN.fullmatch(word):
        return {"name": word, "kind": "domain", "probes": [{"type": "dns", "domain": word}]}
    return None


def _unclear(word: str) -> str:
    """What a word that is no target may have been meant to be, and how to write that."""
    if not (_is_address(word) or _HOST.fullmatch(word)):
        return "no target, domain, URL or HOST:PORT"
    host = f"[{word}]" if ":" in word else word
    return (
        f"a host or an unknown target; say what of it to ask: {host}:25 for mail, {host}:443 for TLS, https://{host}/"
    )


def _is_address(word: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_address(word)
    except ValueError:
        return False
    return True


async def _ask(configuration: Configuration) -> list[tuple[str, str, Observation]]:
    from penguintui.agent.askings import Askings
    from penguintui.clock import SystemClock
    from penguintui.store.ingest import Reported

    found: list[Reported] = []
    await Askings(SystemClock(), found.append).once(configuration)
    return [(one.target.name, one.probe, one.observation) for one in found]


def _document(name: str, observation: Observation) -> dict[str, Any]:
    from penguintui.views.document import document

    return {"target": name, "up": observation.up, "findings": [document(f) for f in observation.findings]}
