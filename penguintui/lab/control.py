"""The lab's remote control: a small client that finds a running lab by the path of its `lab.json`."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, fields
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from penguintui.lab.faults import FAULTS, Fault

VARIABLE = "PENGUINTUI_LAB"
"""The environment variable that may hold the path of `lab.json`."""
_TIMEOUT = 15.0


class LabError(RuntimeError):
    """The lab cannot be found or did not do it. The sentence says which and what to do."""


@dataclass(frozen=True, slots=True)
class LabInfo:
    """What `lab.json` says: where the lab is and how it is spoken to."""

    control: str
    token: str
    pid: int
    folder: str
    configuration: str
    seed: int
    began: float


def find_lab(path: Path | None = None) -> LabInfo:
    """Read a lab's `lab.json`: the file itself, its folder, or what PENGUINTUI_LAB names. Raises LabError."""
    named = path or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is None:
        raise LabError(f"no lab is named; give the path of its lab.json or set {VARIABLE} to it")
    file = named / "lab.json" if named.is_dir() else named
    try:
        written = json.loads(file.read_text())
        return LabInfo(**{field.name: written[field.name] for field in fields(LabInfo)})
    except OSError as error:
        raise LabError(f"{file} cannot be read ({error.strerror}); is the lab running?") from error
    except (ValueError, KeyError, TypeError) as error:
        raise LabError(f"{file} is no lab.json of this version; start the lab again") from error


def faults(lab: Path | None = None) -> list[Fault]:
    """The catalogue, each fault with since when it stands."""
    return [_fault(row) for row in _ask(lab, "GET", "/faults")["faults"]]


def break_(name: str, lab: Path | None = None) -> Fault:
    """Break one thing. Raises LabError when there is no such fault."""
    _check(name)
    return _fault(_ask(lab, "PUT", f"/faults/{quote(name)}"))


def heal(name: str, lab: Path | None = None) -> Fault:
    """Make it good again. Raises LabError when there is no such fault."""
    _check(name)
    return _fault(_ask(lab, "DELETE", f"/faults/{quote(name)}"))


def state(lab: Path | None = None) -> dict[str, Any]:
    """The proxy, the colours, the addresses and the standing faults."""
    return _ask(lab, "GET", "/state")


def stop(lab: Path | None = None) -> None:
    """End the lab; it removes what it made."""
    _ask(lab, "POST", "/stop")


def _check(name: str) -> None:
    if name not in FAULTS:
        import difflib

        near = difflib.get_close_matches(name, FAULTS, 1)
        advice = f"did you mean {near[0]}?" if near else f"there are: {', '.join(FAULTS)}"
        raise LabError(f"there is no fault {name!r}; {advice}")


def _fault(row: dict[str, Any]) -> Fault:
    return Fault(**row)


def _ask(lab: Path | None, method: str, path: str) -> dict[str, Any]:
    info = find_lab(lab)
    where = urlsplit(info.control)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=_TIMEOUT)
    try:
        connection.request(method, path, headers={"Authorization": f"Bearer {info.token}"})
        answer = connection.getresponse()
        content: dict[str, Any] = json.loads(answer.read())
    except (OSError, HTTPException, ValueError) as error:
        raise LabError(f"the lab at {info.control} does not answer ({error}); start it again") from error
    finally:
        connection.close()
    if answer.status >= 400:
        raise LabError(f"the lab refused: {content.get('error', answer.status)}")
    return content
