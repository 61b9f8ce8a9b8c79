"""What is watched."""

from __future__ import annotations

import enum
from dataclasses import field
from typing import TYPE_CHECKING

from penguintui.model.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(enum.StrEnum):
    """What sort of thing a target is; the technical screen groups by it."""

    SERVICE = "service"
    HOST = "host"
    DATABASE = "database"
    QUEUE = "queue"
    CACHE = "cache"
    NETWORK = "network"
    DOMAIN = "domain"
    ADDRESS = "address"
    LOG = "log"
    BUSINESS = "business"


@record
class Target:
    """One watched thing.

    `name` is unique within a configuration and becomes the label `instance` of everything learnt about it.
    """

    name: str
    kind: Kind
    environment: str
    labels: Mapping[str, str] = field(default_factory=dict)
