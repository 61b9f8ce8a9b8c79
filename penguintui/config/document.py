"""The effective settings as one canonical text, secrets hidden: for the store's versions and for people.

Nothing in it is derived from a secret, so a changed secret is not a changed configuration.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from penguintui.config.settings import Configuration
from penguintui.model.secret import HIDDEN

_PASSWORD = re.compile(r"([a-z][a-z0-9+.-]*://[^/?#\s:@]*:)[^/?#\s@]+(?=@)", re.IGNORECASE)
_SECRET_NAME = re.compile(r"authorization|cookie|token|secret|password|passwd|api[-_]?key", re.IGNORECASE)
_NAMED_VALUES = ("headers", "environment")


def document(configuration: Configuration) -> str:
    """Canonical JSON: sorted keys, no spaces, every setting with its value also where it is the default.

    Secrets are `•••`; so are passwords that were written plainly into an address, and plain values of headers
    and variables whose name says that they are secret.
    """
    settings = _hidden(configuration.model_dump(mode="json", by_alias=True))
    return json.dumps(settings, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(configuration: Configuration) -> str:
    """SHA-256 of the document, in hexadecimal: what tells one version of a configuration from another."""
    return hashlib.sha256(document(configuration).encode()).hexdigest()


def from_document(text: str) -> Configuration:
    """The settings in a document, for a viewer that reads them from the store; secrets stay hidden.

    Raises pydantic.ValidationError when the document was written by another version with other settings.
    """
    return Configuration.model_validate_json(text)


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return _PASSWORD.sub(rf"\g<1>{HIDDEN}", value)
    if isinstance(value, list):
        return [_hidden(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _named(entry) if key in _NAMED_VALUES else _hidden(entry) for key, entry in value.items()}
    return value


def _named(values: Any) -> Any:
    """Headers or variables, without the values whose name says that they are secret."""
    if not isinstance(values, dict):
        return _hidden(values)
    return {name: HIDDEN if _SECRET_NAME.search(name) else _hidden(value) for name, value in values.items()}
