"""A desk whose models are made by hand: a platform in trouble, or one in which all is fine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penguintui.agent.protocol import READ_ONLY
from penguintui.model.action import RunStatus
from penguintui.model.moment import Moment
from penguintui.screens.desk import DeskError, DisarmedError, ExtraCommand, Question
from penguintui.views.models.actions import PlanView, RunView
from penguintui.views.models.frame import AgentView, Counts, FrameView
from tests.screens.made import CRITICAL, NOW, OK
from tests.screens.operating import actions, diff, plan, run_view
from tests.screens.watching import business, deliverability, executive, incidents, security, technical


class FrozenClock:
    """Stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


class FakeDesk:
    """Answers from hand-made models; remembers what it was asked."""

    def __init__(self, trouble: bool = True, demo: bool = False) -> None:
        self.trouble = trouble
        self.demo = demo
        self.blind = False
        self.running: RunView | None = None
        self.number = 1
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.questions: list[Question] = []
        self.refuse = ""
        self.broken: list[str] = []

    @property
    def extra_commands(self) -> Mapping[str, ExtraCommand]:
        faults = ("api-slow", "blocklisted", "spf-missing")

        def begin(fault: str) -> str:
            if fault not in faults:
                raise ValueError("there is no such fault")
            self.broken.append(fault)
            return f"{fault} has begun"

        return {
            "break": ExtraCommand("breaks something", lambda text: [f for f in faults if f.startswith(text)], begin)
        }

    def version(self) -> int:
        return self.number

    def read(self, question: Question) -> tuple[FrameView, object]:
        self.questions.append(question)
        makers = {
            "executive": lambda: executive(self.trouble),
            "technical": lambda: technical(question, self.trouble),
            "deliverability": lambda: deliverability(self.trouble),
            "security": lambda: security(self.trouble),
            "business": lambda: business(self.trouble),
            "incidents": lambda: incidents(self.trouble),
            "actions": lambda: actions(question, self.running),
            "diff": lambda: diff(question),
        }
        return self._frame(question.moment), makers[question.screen]()

    def _frame(self, moment: Moment) -> FrameView:
        counts = Counts(2, 3, 1, 41) if self.trouble else Counts(ok=47)
        agent = AgentView(OK, "2s", name="agent@ops1")
        if self.blind:
            agent = AgentView(CRITICAL, "3m12s", "BLIND since 14:12:11Z", NOW - 180, why="the agent is silent")
        text = "live 14:15:09Z" if moment.live else "as of 2026-11-23 13:00:00Z"
        return FrameView(
            "DEMO" if self.demo else "PRODUCTION", "eu-1", "PenguinMails", self.demo, counts, moment.live,
            moment.resolve(NOW), text, agent, "ana L1", "INC-17 33m" if self.trouble else "",
        )  # fmt: skip

    async def plan(self, action: str, target: str, parameters: Mapping[str, str]) -> PlanView:
        self.asked.append(("plan", {"action": action, **parameters}))
        if action not in ("backup", "deploy", "rollback"):
            raise DeskError(f"there is no action {action}")
        return plan(action, self.refuse)

    async def ask(self, method: str, **params: Any) -> Mapping[str, Any]:
        self.asked.append((method, params))
        match method:
            case "hello":
                return {"role": "operator"}
            case "arm":
                return {"until": NOW + 600}
            case "run":
                if self.refuse:
                    raise (DisarmedError if self.refuse == READ_ONLY else DeskError)(self.refuse)
                self.running = run_view(RunStatus.RUNNING)
                return {"run": 318}
            case "undo":
                return {"run": 319}
        return {}
