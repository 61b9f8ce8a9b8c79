"""The pages by their names. Each is imported when it is shown, so that the first one comes soon."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from penguintui.screens.page import Page

_PAGES: Mapping[str, str] = {
    "executive": "ExecutivePage",
    "technical": "TechnicalPage",
    "deliverability": "DeliverabilityPage",
    "security": "SecurityPage",
    "business": "BusinessPage",
    "incidents": "IncidentsPage",
    "actions": "ActionsPage",
    "explore": "ExplorePage",
    "diff": "DiffPage",
    "target": "TargetPage",
}
"""The classes of the pages."""
_MODULES = {"target": "technical"}
"""Pages that do not live in a module of their own name."""


def page_module(name: str) -> ModuleType:
    return import_module(f"penguintui.screens.{_MODULES.get(name, name)}")


def make_page(name: str) -> Page:
    made: Page = getattr(page_module(name), _PAGES[name])(id=name)
    return made
