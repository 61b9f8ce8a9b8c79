"""The mail log of Postfix: who takes our mail, how fast, and why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from penguintui.adapters.asking import Answer
from penguintui.adapters.levels import judge, limit_crossed
from penguintui.adapters.logs.following import FollowedLog
from penguintui.adapters.logs.line import split_line
from penguintui.adapters.logs.reach import judge_reading
from penguintui.adapters.postfix.deliveries import STAGES, Deliveries, Histogram, Tally, meaning
from penguintui.adapters.span import span
from penguintui.config.probes import Levels, PostfixLogProbe
from penguintui.mail.postfix import DELIVERY, deliveries
from penguintui.model.clock import Clock, Time
from penguintui.model.observation import Bookmark, Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Target

_TOP = 5


class PostfixLogAdapter:
    """Reads what was added since the last asking. Counters live as long as the adapter, window and position longer."""

    def __init__(self, settings: PostfixLogProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._log = FollowedLog(settings, clock)
        self._counts = Deliveries(settings.window, settings.slow_after)
        self._stamp: tuple[str, Time] = ("", 0.0)

    def go_on(self, bookmarks: Mapping[str, str]) -> None:
        self._log.go_on(bookmarks.get(self._settings.path, ""))
        self._counts.remember(bookmarks.get(self._window, ""))

    @property
    def _window(self) -> str:
        """The bookmark of what was counted up to the position, by minute."""
        return f"window of {self._settings.path}"

    async def probe(self, target: Target, deadline: float) -> Observation:
        """Read on and judge."""
        return await self._log.observe(self._ask(deadline), deadline)

    async def close(self) -> None:
        await self._log.close()

    async def _ask(self, deadline: float) -> Answer:
        reading = await self._log.read(deadline, self._read, DELIVERY.encode())
        tally = self._counts.window(self._clock.now())
        findings = (
            judge_reading(self._settings.path, reading, self._clock.now(), "deliveries"),
            *judge_deliveries(tally, self._counts.samples, self._settings),
        )
        samples = (
            *counted(self._counts),
            Sample("penguintui_log_lines_total", float(self._log.lines)),
            Sample("penguintui_log_behind_bytes", float(reading.behind)),
        )
        bookmarks = (
            Bookmark(self._settings.path, reading.mark, here=True),
            Bookmark(self._window, self._counts.text(), here=True),
        )
        return Answer(samples, findings, bookmarks=bookmarks)

    def _read(self, lines: Iterator[str]) -> None:
        now = self._clock.now()
        for line, delivery in deliveries(lines):
            self._counts.add(delivery, self._time(line.time, now))

    def _time(self, stamp: str, now: Time) -> Time:
        """When a line was written; many have the same stamp, one after the other."""
        if stamp != self._stamp[0]:
            line = split_line(f"{stamp} host postfix: ", now)
            self._stamp = (stamp, now if line is None or line.time is None else min(line.time, now))
        return self._stamp[1]


def counted(counts: Deliveries) -> Iterator[Sample]:
    """All counters and histograms."""
    for (provider, status), count in counts.statuses.items():
        labels = {"provider": provider, "status": status}
        yield Sample("postfix_smtp_messages_processed_total", float(count), labels)
    for provider, timing in counts.timings.items():
        yield from _histogram("postfix_delivery_seconds", timing.whole, {"provider": provider})
        for stage, histogram in zip(STAGES, timing.stages, strict=True):
            labels = {"provider": provider, "stage": stage}
            yield from _histogram("postfix_smtp_delivery_delay_seconds", histogram, labels)


def _histogram(name: str, histogram: Histogram, labels: Mapping[str, str]) -> Iterator[Sample]:
    for bound, count in histogram.buckets():
        yield Sample(f"{name}_bucket", float(count), {**labels, "le": bound})
    yield Sample(f"{name}_sum", histogram.sum, labels)
    yield Sample(f"{name}_count", float(histogram.count), labels)


def judge_deliveries(
    tally: Tally, samples: Mapping[tuple[str, str, str], str], settings: PostfixLogProbe
) -> Iterator[Finding]:
    """Bounces, deferrals and time of the window: of all mail, and of each provider that had enough of it."""
    providers = sorted({provider for provider, _ in tally.statuses})
    for subject in ("", *providers):
        chosen = [subject] if subject else providers
        sent, deferred, bounced = (
            sum(tally.statuses[provider, status] for provider in chosen) for status in ("sent", "deferred", "bounced")
        )
        slow = sum(tally.slow[provider] for provider in chosen)
        parts = (
            ("delivery.bounced", "bounced", bounced, sent + bounced, settings.bounced_percent),
            ("delivery.deferred", "were put off", deferred, sent + deferred + bounced, settings.deferred_percent),
            ("delivery.time", f"took more than {span(settings.slow_after)}", slow, sent, settings.slow_percent),
        )
        for check, words, count, whole, levels in parts:
            if whole < settings.least:
                if not subject:
                    yield _too_little(check, whole, settings)
                continue
            evidence = _spent(tally, chosen) if check == "delivery.time" else _reasons(tally, samples, chosen, check)
            yield _share(check, subject, words, (count, whole), levels, settings.window, evidence)


def _too_little(check: str, whole: int, settings: PostfixLogProbe) -> Finding:
    summary = f"{whole} mails in {span(settings.window)} are too few for a verdict; {settings.least} are enough"
    return Finding(check, Status.UNKNOWN, summary, remedy="Wait for more, or judge over a longer window.")


def _share(
    check: str,
    subject: str,
    words: str,
    counts: tuple[int, int],
    levels: Levels,
    window: float,
    evidence: Mapping[str, str],
) -> Finding:
    count, whole = counts
    percent = 100.0 * count / whole
    status = judge(percent, levels)
    what = "attempts" if check == "delivery.deferred" else "mails"
    to = f" to {subject}" if subject else ""
    summary = f"{percent:.1f} % of {whole} {what}{to} {words} in {span(window)}"
    if crossed := limit_crossed(status, levels, "%"):
        summary += f", {crossed}"
    if status is not Status.OK and evidence:
        summary += f"; most often: {next(iter(evidence.values()))}"
    remedy = "" if status is Status.OK else evidence.get("remedy", _REMEDIES[check])
    return Finding(check, status, summary, subject, remedy, {**evidence, "share": f"{count} of {whole}"})


_REMEDIES = {
    "delivery.bounced": "Stop what sends to these addresses and clean its lists; correct what the reasons name.",
    "delivery.deferred": "Read the reasons; send more slowly to whoever puts mail off.",
    "delivery.time": "See where the time goes: content filters before the queue, the queue itself, or the other side.",
}


def _reasons(
    tally: Tally, samples: Mapping[tuple[str, str, str], str], chosen: list[str], check: str
) -> dict[str, str]:
    """The reasons that were given most often, each with the latest answer."""
    status = check.removeprefix("delivery.")
    top = [item for item in tally.reasons.most_common() if item[0][0] in chosen and item[0][1] == status][:_TOP]
    evidence = {}
    for place, (key, count) in enumerate(top, 1):
        evidence[f"reason {place}"] = f"{count} × {key[2]} at {key[0]}: {samples.get(key, '')}"
    if top:
        means, remedy = meaning(samples.get(top[0][0], ""))
        evidence |= {name: text for name, text in (("means", means), ("remedy", remedy)) if text}
    return evidence


def _spent(tally: Tally, chosen: list[str]) -> dict[str, str]:
    """Where the slow ones spent their time, the longest stage first."""
    spent = {stage: sum(tally.spent.get((provider, stage), 0.0) for provider in chosen) for stage in STAGES}
    whole = sum(spent.values())
    ordered = sorted(spent.items(), key=lambda item: -item[1])
    return {stage: f"{100 * seconds / whole:.0f} % in {stage.replace('_', ' ')}" for stage, seconds in ordered if whole}
