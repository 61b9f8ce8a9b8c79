"""The frame around every screen: where, how many are ill, which moment, is the agent alive, may this viewer act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.model.record import record

if TYPE_CHECKING:
    from penguintui.model.clock import Time
    from penguintui.model.role import Role
    from penguintui.model.status import Status


@record
class Viewer:
    """What this viewer is and may: known to the viewer itself, not to the store.

    role: what the agent said that the caller may; None while there was no answer yet.
    armed_until: until when it may act; None while read-only. link: "" or what is wrong with the terminal's link.
    """

    role: Role | None = None
    armed_until: Time | None = None
    link: str = ""


@record
class Counts:
    """Targets by their worst state, and the alerts that none of these tells.

    `stale` are those targets, among all of these, that were not asked lately.
    """

    critical: int = 0
    warning: int = 0
    unknown: int = 0
    ok: int = 0
    stale: int = 0

    @property
    def total(self) -> int:
        return self.critical + self.warning + self.unknown + self.ok

    @property
    def doubted(self) -> Counts:
        """The same while nobody sees how they stand: what was fine is unknown."""
        return Counts(self.critical, self.warning, self.unknown + self.ok, 0, self.stale)


@record
class AgentView:
    """The agent's last word.

    status: OK; UNKNOWN when there was never an agent; CRITICAL when blind; WARNING when it reports trouble.
    age: of its last word ("2s"); "" when there was none.
    blind: "" or "BLIND since 14:02:11Z": it has been silent for three of its ticks; then every value is old.
    why: what makes it blind: "the agent is silent", "the store cannot be read".
    message: what it says itself (a full disk, a configuration that was refused).
    standbys: what the agents that stand by say, "agent-1a2b3c@mon2 2s ago: stands by: mon1 holds the lease".
    """

    status: Status
    age: str
    blind: str = ""
    blind_since: Time | None = None
    message: str = ""
    name: str = ""
    standbys: tuple[str, ...] = ()
    why: str = ""


@record
class FrameView:
    """environment: written out as it is drawn ("PRODUCTION"). platform: what it is called in sentences.

    moment: "live 14:05:09Z" or "as of 2026-11-24 13:00:00Z". on_call, incident: "" while nobody is known.
    hands: "read-only", "armed until 14:15:09Z" or "past: read-only". link: "" or "link slow".
    need: what to do when there is no store, no configuration or no agent; "" otherwise.
    ago: how long the moment is past ("23m12s ago"); "" while live. began: when the first of what is remembered was so;
    looked up while the moment is past.
    """

    environment: str
    region: str
    platform: str
    demo: bool
    counts: Counts
    live: bool
    at: Time
    moment: str
    agent: AgentView
    on_call: str = ""
    incident: str = ""
    armed: bool = False
    hands: str = "read-only"
    link: str = ""
    need: str = ""
    ago: str = ""
    began: Time | None = None
