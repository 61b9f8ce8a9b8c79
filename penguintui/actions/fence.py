"""Whether a run may still change something, by the store: its agent may have lost the lease meanwhile."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from penguintui.model.action import RunStatus
from penguintui.store.errors import StoreError
from penguintui.store.opening import open_for_reading

if TYPE_CHECKING:
    from penguintui.store.opening import Reading

log = logging.getLogger(__name__)

_STANDING = """
SELECT coalesce((SELECT token FROM leases WHERE name = 'agent'), 0), runs.status, runs.pid,
    (SELECT run_id FROM locks WHERE locks.environment = runs.environment), runs.environment, runs.host
FROM runs WHERE runs.id = ?
"""


class Forsaken(Exception):  # noqa: N818 (what became of the run, not an error)
    """The run is not this process's any more; the text says why. It must change nothing, its undo included."""


class Fence:
    """Stands before every change of a run whose store several agents share.

    The run is this process's own while the store has it running under this process and with its lock. It may change
    something while, besides, the lease is under the token of the agent that spoke to it last. Over a store of its own
    (token None) an agent cannot be replaced by another, and nothing is looked up.
    """

    def __init__(self, store_url: str, run: int, token: int | None) -> None:
        self._run = run
        self._token = token
        self._reading: Reading | None = open_for_reading(store_url) if token is not None else None
        self._begun = False

    def heard(self, order: Mapping[str, Any]) -> bool:
        """Note under which token an order was given; False for one of an agent that was replaced since."""
        token = order.get("token")
        if self._token is None or token is None:
            return True
        if token < self._token:
            return False
        self._token = token
        return True

    async def holds(self) -> bool:
        """Whether something may be changed now; False while that is not known. Raises Forsaken."""
        if self._reading is None:
            return True
        try:
            rows = await asyncio.to_thread(self._reading.rows, _STANDING, (self._run,))
        except StoreError as error:
            log.warning("whether the run may go on is not known: %s", error)
            return False
        if not rows:
            raise Forsaken("the store knows nothing of this run")
        return self._judge(*rows[0])

    def close(self) -> None:
        if self._reading is not None:
            self._reading.close()

    def _judge(self, token: int, status: str, pid: int | None, holder: int | None, environment: str, host: str) -> bool:
        if holder != self._run:
            raise Forsaken(f"{environment} is no longer locked by this run")
        # Two hosts number their processes alike.
        ours = status == RunStatus.RUNNING and pid == os.getpid() and host in ("", socket.gethostname())
        if self._begun and not ours:
            raise Forsaken("an agent elsewhere took over, and the run is interrupted")
        self._begun |= ours
        return ours and token == self._token
