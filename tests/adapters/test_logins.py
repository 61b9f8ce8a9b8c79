"""Counting logins over a window, and telling who got in after many failures."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.logs import logins as module
from penguintui.adapters.logs.authlog import Login, Part, Result, parse_line
from penguintui.adapters.logs.logins import Logins

NOW = 1_790_000_000.0


def login(
    result: Result = Result.FAILED,
    *,
    time: float = NOW,
    user: str = "root",
    source: str = "203.0.113.9",
    method: str = "password",
    connection: str = "",
    count: int = 1,
    part: Part = Part.ATTEMPT,
) -> Login:
    return Login(time, result, user, source, "sshd", method, connection or f"{time} {user}", count, part)


def count_lines(*messages: str) -> Logins:
    counted = Logins(300, 3)
    for message in messages:
        found = parse_line(f"sshd[7]: {message}", NOW)
        if found is not None:
            counted.add(found, NOW)
    return counted


def test_lines_of_one_attempt_count_once() -> None:
    source = "from 203.0.113.9 port 1"
    once = count_lines(
        f"Invalid user git {source}",
        f"Failed password for invalid user git {source} ssh2",
        "Connection closed by invalid user git 203.0.113.9 port 1 [preauth]",
    )
    assert once.failed == 1
    twice = count_lines(
        f"error: PAM: Authentication failure for root {source.removesuffix(' port 1')}",
        f"Failed keyboard-interactive/pam for root {source} ssh2",
        f"error: PAM: Authentication failure for root {source.removesuffix(' port 1')}",
        f"Failed keyboard-interactive/pam for root {source} ssh2",
        f"error: maximum authentication attempts exceeded for root {source} ssh2 [preauth]",
    )
    assert twice.failed == 2


def test_a_line_that_has_no_other_counts() -> None:
    assert count_lines("Invalid user git from 203.0.113.9 port 1").failed == 1
    assert count_lines("Connection closed by authenticating user root 203.0.113.9 port 1 [preauth]").failed == 1


def test_failures_leave_the_window() -> None:
    counted = Logins(300, 3)
    for second in range(5):
        counted.add(login(time=NOW + second), NOW + 5)
    assert counted.by_source["203.0.113.9"] == 5
    counted.expire(NOW + 302)
    assert counted.by_source["203.0.113.9"] == 2
    counted.expire(NOW + 400)
    assert not counted.by_source and not counted.by_account
    assert counted.failed == 5


def test_success_after_failures_of_the_same_source_is_a_breach() -> None:
    counted = Logins(300, 3)
    counted.add(login(count=3), NOW)
    count, breach = counted.add(login(Result.ACCEPTED, time=NOW + 9, user="ana"), NOW + 9)
    assert count == 1 and breach is not None
    assert (breach.user, breach.source, breach.failures, breach.by) == ("ana", "203.0.113.9", 3, "source")
    assert list(counted.breaches) == [breach]


def test_success_after_failures_for_the_same_account_is_a_breach() -> None:
    counted = Logins(300, 3)
    for number in range(3):
        counted.add(login(source=f"203.0.113.{number}"), NOW)
    assert counted.add(login(Result.ACCEPTED, source="198.51.100.1", method="publickey"), NOW)[1] is None
    breach = counted.add(login(Result.ACCEPTED, source="198.51.100.1"), NOW)[1]
    assert breach is not None and breach.by == "account"


def test_success_after_too_few_or_too_old_failures_is_none() -> None:
    counted = Logins(300, 3)
    counted.add(login(count=2), NOW)
    assert counted.add(login(Result.ACCEPTED), NOW)[1] is None
    counted.add(login(count=1), NOW + 299)
    assert counted.add(login(Result.ACCEPTED, time=NOW + 300), NOW + 300)[1] is None


def test_a_server_that_cannot_decide_is_nobodys_attempt() -> None:
    counted = Logins(300, 1)
    assert counted.add(login(Result.ERROR), NOW) == (0, None)
    assert counted.failed == 0 and not counted.by_source


def test_memory_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(module, "MAX_ATTEMPTS", 10)
    monkeypatch.setattr(module, "_MAX_CONNECTIONS", 10)
    counted = Logins(300, None)
    for number in range(25):
        counted.add(login(source=f"host{number}", user=f"user{number}"), NOW)
    assert len(counted.by_source) == len(counted.by_account) == 10
    assert counted.forgotten == 15 and counted.failed == 25


attempts = st.builds(
    login,
    st.sampled_from(list(Result)),
    time=st.floats(NOW, NOW + 1000),
    user=st.sampled_from(["", "root", "ana"]),
    source=st.sampled_from(["a", "b"]),
    connection=st.sampled_from(["x", "y"]),
    count=st.integers(1, 5),
    part=st.sampled_from(list(Part)),
)


@given(st.lists(attempts, max_size=40))
def test_counts_are_those_of_the_window(lines: list[Login]) -> None:
    """Against a slow count: what was added in the window, by source and by account."""
    counted, added = Logins(300, 4), []
    for line in sorted(lines, key=lambda line: line.time):
        count, _ = counted.add(line, line.time)
        assert 0 <= count <= line.count
        if line.result not in (Result.ACCEPTED, Result.ERROR) and count:
            added.append((line.time, line.source, line.user, count))
    now = NOW + 1000
    counted.expire(now)
    window = [entry for entry in added if entry[0] > now - 300]
    by_source, by_account = Counter(), Counter()
    for _, source, user, count in window:
        by_source[source] += count
        by_account[user] += count if user else 0
    assert counted.by_source == by_source and +counted.by_account == +by_account
    assert counted.failed == sum(entry[3] for entry in added)
