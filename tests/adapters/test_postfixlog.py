"""The mail log: what is counted, what is said of it, and Postfix's own."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.logs.journal import Plain
from penguintui.adapters.postfix.deliveries import BOUNDS, Deliveries, Histogram
from penguintui.adapters.postfix.log import PostfixLogAdapter
from penguintui.config.probes import PostfixLogProbe
from penguintui.mail.postfix import read_delivery
from penguintui.mail.providers import provider_of
from penguintui.model.observation import Observation
from penguintui.model.status import Status
from tests.conftest import FrozenClock

from .conftest import TARGET, found, measured
from .mailqueue import running_postfix

_GMAIL = "gmail-smtp-in.l.google.com[192.0.2.26]:25"
_FULL = "host gmail-smtp-in.l.google.com[192.0.2.26] said: 452 4.2.2 mailbox full {} (in reply to RCPT TO command)"
_UNKNOWN = (
    "host mx.other.example[192.0.2.9] said: 550 5.1.1 <u{}@other.example>: User unknown (in reply to RCPT TO command)"
)


def line(status: str, answer: str, *, to: str = "a@gmail.com", relay: str = _GMAIL, delays: str = "1/0/0/1") -> str:
    delay = sum(map(float, delays.split("/")))
    dsn = {"sent": "2.0.0", "deferred": "4.0.0"}.get(status, "5.0.0")
    return (
        f"Sep 21 10:13:20 mx1 postfix/smtp[7]: 4jYRTJ0V81zLq64: to=<{to}>, relay={relay}, delay={delay:g}, "
        f"delays={delays}, dsn={dsn}, status={status} ({answer})\n"
    )


class Log:
    """A log that is written and read on, with a clock that stands just after its stamps."""

    def __init__(self, path: Path, **settings: Any) -> None:
        self.path, self.clock = path, FrozenClock(1_790_000_000.0)
        path.touch()
        probe = PostfixLogProbe(type="postfix-log", path=str(path), read_from="start", **settings)
        self.adapter = PostfixLogAdapter(probe, self.clock)

    def write(self, *lines: str) -> None:
        stamp = time.strftime("%b %d %H:%M:%S", time.localtime(self.clock.now()))
        with self.path.open("a") as file:
            file.writelines(text.replace("Sep 21 10:13:20", stamp) for text in lines)
        os.utime(self.path, (self.clock.now(), self.clock.now()))

    async def ask(self) -> Observation:
        return await self.adapter.probe(TARGET, self.clock.monotonic() + 60)


async def test_counts_by_provider_and_status(tmp_path: Path) -> None:
    log = Log(tmp_path / "mail.log")
    log.write(*[line("sent", "250 ok")] * 3, line("deferred", _FULL))
    log.write("Sep 21 10:13:20 mx1 sshd[1]: to=<x>, status=sent\n", "nonsense\n")
    await log.ask()
    log.write(line("sent", "250 ok", to="a@other.example", relay="mx.other.example[192.0.2.9]:25"))
    seen = await log.ask()
    processed = "postfix_smtp_messages_processed_total"
    assert measured(seen, processed, provider="gmail", status="sent") == 3
    assert measured(seen, processed, provider="gmail", status="deferred") == 1
    assert measured(seen, processed, provider="other", status="sent") == 1
    assert measured(seen, "penguintui_log_lines_total") == 7


async def test_time_is_a_histogram_of_the_whole_and_of_each_stage(tmp_path: Path) -> None:
    log = Log(tmp_path / "mail.log")
    log.write(line("sent", "250 ok", delays="0.05/0.1/0/2"), line("sent", "250 ok", delays="90/0/0/0"))
    seen = await log.ask()
    whole = "postfix_delivery_seconds"
    assert measured(seen, f"{whole}_bucket", provider="gmail", le="2.5") == 1
    assert measured(seen, f"{whole}_bucket", provider="gmail", le="60") == 1
    assert measured(seen, f"{whole}_bucket", provider="gmail", le="+Inf") == 2
    assert measured(seen, f"{whole}_count", provider="gmail") == 2
    assert measured(seen, f"{whole}_sum", provider="gmail") == pytest.approx(92.15)
    stage = "postfix_smtp_delivery_delay_seconds"
    assert measured(seen, f"{stage}_sum", stage="before_queue_manager") == pytest.approx(90.05)
    assert measured(seen, f"{stage}_sum", stage="transmission") == pytest.approx(2)
    assert measured(seen, f"{stage}_bucket", stage="queue_manager", le="0.1") == 2, "a value on a bound is within it"


async def test_a_content_filter_on_this_host_is_no_delivery(tmp_path: Path) -> None:
    log = Log(tmp_path / "mail.log")
    log.write(line("sent", "250 queued as 4jYRTJ0V81zLq65", relay="127.0.0.1[127.0.0.1]:10024"))
    log.write(line("sent", "delivered to mailbox", to="eva@here.example", relay="local"))
    seen = await log.ask()
    assert measured(seen, "postfix_smtp_messages_processed_total", status="sent") == 1


async def test_shares_become_findings_with_their_reasons(tmp_path: Path) -> None:
    log = Log(tmp_path / "mail.log", least=10)
    other = {"to": "u@other.example", "relay": "mx.other.example[192.0.2.9]:25"}
    log.write(*[line("sent", "250 ok")] * 20, *[line("deferred", _FULL.format(n)) for n in range(10)])
    log.write(*[line("bounced", _UNKNOWN.format(n), **other) for n in range(4)], *[line("sent", "250", **other)] * 8)
    seen = await log.ask()
    bounced = found(seen, "delivery.bounced", "other")
    assert bounced.status is Status.CRITICAL
    assert bounced.summary.startswith(
        "33.3 % of 12 mails to other bounced in 60 min, over the limit of 5 %; most often: "
    )
    assert bounced.evidence["reason 1"].startswith("4 × userunknown at other: host mx.other.example")
    assert bounced.remedy
    assert found(seen, "delivery.bounced", "").status is Status.CRITICAL
    assert found(seen, "delivery.bounced", "gmail").status is Status.OK
    deferred = found(seen, "delivery.deferred", "gmail")
    assert deferred.status is Status.WARNING
    assert "10 × mailboxfull at gmail" in deferred.summary
    assert found(seen, "delivery.time", "").status is Status.OK


async def test_slow_mail_tells_where_the_time_went(tmp_path: Path) -> None:
    log = Log(tmp_path / "mail.log", least=10)
    log.write(*[line("sent", "250 ok")] * 7, *[line("sent", "250 ok", delays="2/90/1/7")] * 3)
    slow = found(await log.ask(), "delivery.time", "gmail")
    assert slow.status is Status.CRITICAL
    assert "30.0 % of 10 mails to gmail took more than 60 s" in slow.summary
    assert "90 % in queue manager" in slow.summary


async def test_too_few_are_unknown_and_old_ones_forgotten(tmp_path: Path) -> None:
    log = Log(tmp_path / "mail.log", least=10)
    seen = await log.ask()
    assert found(seen, "delivery.bounced").status is Status.UNKNOWN
    assert "too few" in found(seen, "delivery.bounced").summary
    log.write(*[line("bounced", _UNKNOWN.format(1))] * 10)
    assert found(await log.ask(), "delivery.bounced", "").status is Status.CRITICAL
    log.clock.advance(3700)
    seen = await log.ask()
    assert found(seen, "delivery.bounced").status is Status.UNKNOWN
    assert measured(seen, "postfix_smtp_messages_processed_total", status="bounced") == 10, "counters never fall"


async def test_yesterdays_lines_are_counted_but_not_judged(tmp_path: Path) -> None:
    log = Log(tmp_path / "mail.log", least=1)
    log.write(line("bounced", _UNKNOWN.format(1)))
    log.clock.advance(86_400)
    log.write()
    assert found(await log.ask(), "delivery.bounced").status is Status.UNKNOWN


def test_memory_does_not_grow_with_mails() -> None:
    counts = Deliveries(3600.0, 60.0)
    for n in range(5000):
        one = read_delivery(line("bounced", _UNKNOWN.format(n)).partition("]: ")[2].strip())
        assert one is not None
        counts.add(one, n * 10.0)
    tally = counts.window(50_000.0)
    assert len(counts.samples) == len(tally.reasons) == 1
    assert tally.statuses.total() == pytest.approx(360, abs=6), "one in ten seconds"


@given(st.lists(st.floats(0, 1e6)))
def test_histograms_count_what_is_at_most_a_bound(values: list[float]) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    for (_, count), bound in zip(histogram.buckets(), (*BOUNDS, float("inf")), strict=True):
        assert count == sum(value <= bound for value in values)


@pytest.mark.parametrize(
    ("relay", "recipient", "provider"),
    [
        ("gmail-smtp-in.l.google.com", "a@own.example", "gmail"),
        ("notgoogle.com", "a@gmail.com", "other"),
        ("own-example.mail.protection.outlook.com", "a@own.example", "outlook"),
        ("mta5.am0.yahoodns.net", "a@x.example", "yahoo"),
        ("none", "a@Hotmail.co.uk", "outlook"),
        ("none", "a@gmail.com.example", "other"),
        ("local", "eva", "other"),
    ],
)
def test_providers(relay: str, recipient: str, provider: str) -> None:
    assert provider_of(relay, recipient) == provider


@pytest.mark.needs("postfix", "postfix")
@pytest.mark.skipif(os.geteuid() != 0, reason="Postfix wants root to start")
async def test_postfix_itself() -> None:
    from penguintui.clock import SystemClock

    with running_postfix() as postfix:
        probe = PostfixLogProbe(type="postfix-log", path=str(postfix.etc.parent / "log"), read_from="start", least=1)
        adapter = PostfixLogAdapter(probe, SystemClock())
        postfix.send("a@shop.example", "eva@gmail.com", "tux@example.net")
        until = time.monotonic() + 30
        while True:
            seen = await adapter.probe(TARGET, time.monotonic() + 10)
            counts = {s.labels["provider"]: s.value for s in seen.samples if s.metric.endswith("_processed_total")}
            if len(counts) == 2 or time.monotonic() > until:
                break
            await asyncio.sleep(0.1)
        await adapter.close()
    assert counts == {"gmail": 1, "other": 1}
    deferred = found(seen, "delivery.deferred", "")
    assert deferred.status is Status.CRITICAL
    assert "Connection timed out" in deferred.evidence["reason 1"]


async def test_another_adapter_goes_on_where_one_stopped(tmp_path: Path) -> None:
    log = Log(tmp_path / "mail.log")
    log.write(*[line("sent", "250 ok")] * 3)
    first = await log.ask()
    log.write(line("deferred", _FULL))
    log.path.rename(tmp_path / "mail.log.1")
    later = Log(log.path)
    later.write(line("sent", "250 ok"))
    later.adapter.go_on({bookmark.place: bookmark.mark for bookmark in first.bookmarks})
    second = await later.ask()
    processed = "postfix_smtp_messages_processed_total"
    assert measured(second, processed, provider="gmail", status="sent") == 1
    assert measured(second, processed, provider="gmail", status="deferred") == 1


async def test_the_window_outlives_a_restart_and_counts_nothing_twice(tmp_path: Path) -> None:
    settings = {"least": 10, "window": 3600}
    log = Log(tmp_path / "mail.log", **settings)
    log.write(*[line("sent", "250 ok", delays="0/0/90/10")] * 8, *[line("bounced", _UNKNOWN)] * 4)
    first = await log.ask()
    later = Log(log.path, **settings)
    later.adapter.go_on({bookmark.place: bookmark.mark for bookmark in first.bookmarks})
    assert not {f.key for f in (await later.ask()).findings} ^ {f.key for f in first.findings}
    later.write(line("bounced", _UNKNOWN))
    second = await later.ask()
    assert found(first, "delivery.bounced", "").evidence["share"] == "4 of 12"
    assert found(second, "delivery.bounced", "").evidence["share"] == "5 of 13"
    assert "5 × userunknown" in found(second, "delivery.bounced", "").evidence["reason 1"]
    later.clock.advance(7200)
    assert found(await later.ask(), "delivery.bounced", "").status is Status.UNKNOWN, "the window has passed"


@pytest.mark.parametrize("text", ["", "x", "eJw=", "eJyLjgUAARUAuQ=="])
def test_a_window_of_nonsense_is_none(text: str) -> None:
    counts = Deliveries(3600, 60)
    counts.remember(text)
    assert not counts.window(1_790_000_000.0).statuses


_SAID = (
    "4jYRTJ0V81zLq64: to=<a@gmail.com>, relay=gmail-smtp-in.l.google.com[192.0.2.26]:25, delay=2, delays=1/0/0/1, "
    "dsn=2.0.0, status=sent (250 ok)"
)
_FIELDS = {
    "__CURSOR": "s=1;i=2",
    "__REALTIME_TIMESTAMP": "1789999940000000",
    "MESSAGE": _SAID,
    "_HOSTNAME": "mx1",
    "SYSLOG_IDENTIFIER": "postfix/smtp",
    "_PID": "7",
}
_EXPORTED = "".join(f"{name}={value}\n" for name, value in _FIELDS.items())
_SYSLOG = f"Sep 21 10:12:20 mx1 postfix/smtp[7]: {_SAID}\n"


@pytest.mark.parametrize(
    "text",
    [
        f"Mon 2026-09-21 14:12:20 UTC mx1 postfix/smtp[7]: {_SAID}\n",
        f"lun. 2026-09-21 14:12:20.123456 UTC mx1 postfix/smtp[7]: {_SAID}\n",
        f"2026-09-21T16:12:20.123456+0200 mx1 postfix/smtp[7]: {_SAID}\n",
        f"2026-09-21T14:12:20Z mx1 postfix/smtp[7]: {_SAID}\n",
        f"<22>1 2026-09-21T14:12:20.003Z mx1 postfix/smtp 7 - - {_SAID}\n",
        f"1789999940.123456 mx1 postfix/smtp[7]: {_SAID}\n",
        json.dumps(_FIELDS) + "\n",
        json.dumps({"log": f"2026-09-21T14:12:20Z mx1 postfix/smtp[7]: {_SAID}\n", "stream": "stdout"}) + "\n",
        _EXPORTED + "\n",
        _EXPORTED + _EXPORTED.replace(_SAID, "statistics: max connection rate"),
    ],
)
async def test_every_form_of_a_line_and_its_time(tmp_path: Path, text: str) -> None:
    log = Log(tmp_path / "mail.log", window=120)
    log.path.write_text(text)
    seen = await log.ask()
    assert measured(seen, "postfix_smtp_messages_processed_total", provider="gmail", status="sent") == 1
    assert "1 mails in 2" in found(seen, "delivery.time").summary
    log.clock.advance(130)
    assert "0 mails in 2" in found(await log.ask(), "delivery.time").summary


async def test_a_log_of_many_forms_and_an_entry_in_two_pieces(tmp_path: Path) -> None:
    log = Log(tmp_path / "mail.log")
    log.path.write_text(_EXPORTED[:40])
    await log.ask()
    with log.path.open("a") as file:
        file.write(_EXPORTED[40:] + "\n" + json.dumps(_FIELDS) + "\n{broken, status=\n" + _SYSLOG)
    seen = await log.ask()
    assert measured(seen, "postfix_smtp_messages_processed_total", provider="gmail", status="sent") == 3


def test_fields_of_bytes_and_lines_of_nonsense() -> None:
    lines = [json.dumps(_FIELDS | {"MESSAGE": list(b"caf\xe9")}), '{"MESSAGE": 7}', "{", "[]", "", "MESSAGE=x", "end"]
    told = "2026-09-21T14:12:20.000000+00:00 mx1 postfix/smtp[7]: caf\ufffd"
    assert list(Plain()(lines)) == [told, '{"MESSAGE": 7}', "{", "[]", "", "end"]
