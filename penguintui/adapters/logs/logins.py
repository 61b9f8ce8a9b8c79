"""Logins counted over a window: who tries, whom they try, and who got in after many failures. Pure."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass

from penguintui.adapters.logs.authlog import Login, Part, Result
from penguintui.model.clock import Time

MAX_ATTEMPTS = 50_000
"""Failures that are remembered at most; beyond it the window is shorter, and `Logins.forgotten` counts."""
_MAX_CONNECTIONS = 4096
_MAX_BREACHES = 100
_KEYS = frozenset({"publickey", "hostbased", "gssapi-with-mic", "gssapi-keyex"})


@dataclass(frozen=True, slots=True)
class Breach:
    """A login that succeeded after `failures` failures from its source, or for its account from anywhere."""

    time: Time
    user: str
    source: str
    service: str
    method: str
    failures: int
    by: str


@dataclass(frozen=True, slots=True)
class _Failure:
    time: Time
    source: str
    user: str
    count: int


class Logins:
    """Counts as lines come. window: seconds; suspicious: failures after which a success is a breach, None for never."""

    def __init__(self, window: float, suspicious: int | None) -> None:
        self.window = window
        self.suspicious = suspicious
        self.failed = 0
        self.accepted = 0
        self.forgotten = 0
        self.by_source: Counter[str] = Counter()
        self.by_account: Counter[str] = Counter()
        self.breaches: deque[Breach] = deque(maxlen=_MAX_BREACHES)
        self._failures: deque[_Failure] = deque()
        self._connections: OrderedDict[str, tuple[int, bool]] = OrderedDict()

    def add(self, login: Login, now: Time) -> tuple[int, Breach | None]:
        """Count a line: the attempts that it adds, and the breach that it is. A stamp ahead of `now` counts as now."""
        time = now if login.time is None else min(login.time, now)
        self.expire(time)
        if login.result is Result.ACCEPTED:
            self.accepted += login.count
            return login.count, self._accept(login, time)
        if login.result is Result.ERROR:
            return 0, None
        count = self._new_attempts(login)
        if count:
            self.failed += count
            self._remember(_Failure(time, login.source, login.user, count))
        return count, None

    def expire(self, now: Time) -> None:
        """Forget what lies before the window that ends `now`."""
        while self._failures and self._failures[0].time <= now - self.window:
            self._drop_oldest()
        while self.breaches and self.breaches[0].time <= now - self.window:
            self.breaches.popleft()

    def _new_attempts(self, login: Login) -> int:
        """The attempts that no other line of the same connection has told of already."""
        told, announced = self._connections.pop(login.connection, (0, False))
        new = login.count
        if login.part is Part.BEFORE:
            new, announced = (0 if announced else login.count), True
        elif login.part is Part.AFTER:
            new = 0 if told else login.count
        elif announced:
            new, announced = login.count - 1, False
        told = told if login.part is Part.AFTER else told + login.count
        self._connections[login.connection] = (told, announced)
        if len(self._connections) > _MAX_CONNECTIONS:
            self._connections.popitem(last=False)
        return new

    def _remember(self, failure: _Failure) -> None:
        self._failures.append(failure)
        self.by_source[failure.source] += failure.count
        if failure.user:
            self.by_account[failure.user] += failure.count
        if len(self._failures) > MAX_ATTEMPTS:
            self._drop_oldest()
            self.forgotten += 1

    def _drop_oldest(self) -> None:
        failure = self._failures.popleft()
        for counter, key in ((self.by_source, failure.source), (self.by_account, failure.user)):
            counter[key] -= failure.count
            if counter[key] <= 0:
                del counter[key]

    def _accept(self, login: Login, time: Time) -> Breach | None:
        """A key cannot be guessed: a login by key is suspicious only where its own source failed before."""
        if self.suspicious is None:
            return None
        from_source = self.by_source[login.source]
        for_account = 0 if login.method in _KEYS else self.by_account[login.user]
        failures, by = max((from_source, "source"), (for_account, "account"))
        if failures < self.suspicious:
            return None
        breach = Breach(time, login.user, login.source, login.service, login.method, failures, by)
        self.breaches.append(breach)
        return breach
