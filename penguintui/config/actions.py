"""How actions are declared: steps tagged by `type:`, each with a time-out and an undo."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from penguintui.config.base import Settings
from penguintui.config.values import Duration, SecretValue
from penguintui.model.action import Danger
from penguintui.model.role import Role


class Parameter(Settings):
    """Something the caller says: `{name}` in a step's texts stands for it. Always one argument, never shell."""

    help: str = ""
    default: str | None = None
    pattern: str = Field(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", description="What a value must match, whole.")


class CommandUndo(Settings):
    command: list[str]
    timeout: Duration = 60.0


class StepBase(Settings):
    name: str
    timeout: Duration = Field(60.0, gt=0)


class CommandStep(StepBase):
    """A program with arguments. No shell: each list entry is one argument."""

    type: Literal["command"]
    command: list[str] = Field(min_length=1)
    environment: dict[str, str | SecretValue] = Field(default_factory=dict)
    changes: bool = True
    undo: CommandUndo | None = None


class HttpCall(Settings):
    url: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    headers: dict[str, str | SecretValue] = Field(default_factory=dict)
    json_body: dict[str, str | int | float | bool] | None = Field(None, alias="json")
    expect_status: list[int] = Field(default_factory=lambda: [200, 201, 202, 204])
    ca_file: str | None = None


class HttpStep(StepBase):
    """One call to an HTTP API."""

    type: Literal["http"]
    call: HttpCall
    changes: bool = True
    undo: HttpCall | None = None


class SwitchStep(StepBase):
    """Traffic from one colour to the other, compare-and-set: it fails when another colour is active than was planned.

    `proxy` names an entry of `proxies`; `to` is a colour, `idle` (the one that is not active) or `previous`.
    Its undo is to switch back.
    """

    type: Literal["switch"]
    proxy: str
    to: str = "idle"


class WaitStep(StepBase):
    type: Literal["wait"]
    seconds: Duration


class GateMetric(Settings):
    """A PromQL expression that must hold, measured again at each interval while the gate stands.

    A gate passes when every measurement in its window held. No data, NaN or an error never passes.
    """

    query: str
    holds: str = Field(
        description="A comparison such as `<= 0.2`.", pattern=r"^\s*(<=|>=|<|>|==|!=)\s*-?[0-9.eE+-]+\s*$"
    )
    title: str = ""


class GateHttp(Settings):
    """The new colour measured against the old one, side by side: requests sent to both in turn."""

    url: str
    against: str | None = Field(None, description="The address to compare with; none: only health is judged.")
    requests: int = Field(20, ge=1, le=10_000)
    max_ratio: float = Field(1.5, gt=0, description="p95 of the new one over p95 of the old one, at most.")
    slack: Duration = Field(0.02, ge=0, description="A difference of p95 below this does not count.")
    max_seconds: Duration | None = None
    max_error_share: float = Field(0.0, ge=0, le=1)
    expect_text: str | None = None


class GateFinding(Settings):
    """A check on a target that must not be worse than `at_most`, and must be fresh."""

    target: str
    check: str | None = Field(None, description="All of the target's checks when left out.")
    at_most: Literal["ok", "unknown", "warning"] = "ok"


class GateStep(StepBase):
    """Stops the run, and undoes it, unless what it asks holds."""

    type: Literal["gate"]
    http: GateHttp | None = None
    finding: GateFinding | None = None
    metric: GateMetric | None = None
    for_: Duration = Field(0.0, alias="for", description="How long it must go on holding.")
    interval: Duration = Field(2.0, gt=0)


class BackupStep(StepBase):
    """A backup of an SQLite database through its online backup, verified by opening it and counting."""

    type: Literal["backup"]
    database: str
    into: str
    count: list[str] = Field(
        default_factory=list,
        description="Tables that must be in the copy; the rows of each are counted. All when empty.",
    )
    keep: int = Field(7, ge=1)


class DnsStep(StepBase):
    """Publishes what differs between a domain's desired records and those that are there, compare-and-set.

    It goes on only when every authoritative name server answers with the new records. Its undo is the old ones.
    """

    type: Literal["dns"]
    domain: str = Field(description="A domain of one of `dns.zones`, whose zone says how it is updated.")
    record: str = Field("", description="Only this one: `spf`, `dmarc`, … or a name; all that differ when left out.")
    timeout: Duration = Field(300.0, gt=0, description="How long the name servers may take.")


StepSettings = Annotated[
    CommandStep | HttpStep | SwitchStep | WaitStep | GateStep | BackupStep | DnsStep, Field(discriminator="type")
]


class HttpProxy(Settings):
    """A proxy that tells and takes the active colour over HTTP (GET and PUT of a JSON object)."""

    type: Literal["http"]
    url: str
    colours: dict[str, str] = Field(description="Each colour and its own address, for gates and comparison.")
    ca_file: str | None = None
    headers: dict[str, str | SecretValue] = Field(default_factory=dict)


class HaproxyProxy(Settings):
    """HAProxy: the active colour is an entry of a map, set through the runtime socket and kept on disk."""

    type: Literal["haproxy"]
    socket: str
    map: str
    key: str = "active"
    colours: dict[str, str]


ProxySettings = Annotated[HttpProxy | HaproxyProxy, Field(discriminator="type")]


class ActionSettings(Settings):
    """Something that can be done."""

    title: str
    help: str = ""
    environment: str | None = Field(None, description="What it locks; the configuration's own when left out.")
    target: str = Field(description="The thing it acts on; its name is what a dangerous action asks to be typed.")
    danger: Danger = Danger.GUARDED
    role: Literal["operator", "admin"] = "operator"
    second_person: bool = False
    emergency: bool = Field(False, description="Never waits: cancels and fences the holder of the lock.")
    kinds: list[str] = Field(
        default_factory=list, description="Offered on targets of these kinds or names; everywhere when empty."
    )
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    requires: list[Literal["previous-release"]] = Field(
        default_factory=list,
        description="What must be there to begin with; refused, saying why, when it is not.",
    )
    steps: list[StepSettings] = Field(min_length=1)
    runbook: str | None = None

    @property
    def least_role(self) -> Role:
        return Role[self.role.upper()]
