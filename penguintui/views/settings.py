"""What the operator configured, as a view needs it: taken from the stored document, without the checks' library.

The document was checked when it was read, so what is missing here is missing there; defaults stand in the document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from penguintui.model.record import record
from penguintui.views.models.what import Need

if TYPE_CHECKING:
    from penguintui.store.reader import Reader

INIT = "penguintui init writes a first configuration from what it finds on this host."


@record
class Settings:
    """The configuration in force at the moment; an empty document when there is none."""

    document: Mapping[str, Any]
    source: str = ""

    @property
    def environment(self) -> str:
        return str(self.document.get("environment") or "local")

    @property
    def platform(self) -> str:
        return str(self.document.get("platform") or "")

    def list(self, name: str) -> Sequence[Mapping[str, Any]]:
        """A list of sections: promises, business."""
        return self.document.get(name) or ()

    def section(self, name: str) -> Mapping[str, Any]:
        """One section: deliverability, actions."""
        return self.document.get(name) or {}


def settings(reader: Reader) -> Settings:
    """The configuration of the reader's moment."""
    record = reader.configuration()
    return Settings({}) if record is None else Settings(record.document, record.source)


def need(title: str, text: str, setting: str) -> Need:
    """What a panel needs that is not configured. setting: where it is written."""
    return Need(title, text, f"Write {setting} in config.yaml; penguintui init writes a first one.")
