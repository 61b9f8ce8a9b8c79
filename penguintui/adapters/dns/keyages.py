"""Since when each DKIM key has been seen published, remembered over restarts by bookmarks, and what follows from it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from penguintui.mail.dkimkey import is_key
from penguintui.mail.records import TagError, Verdict, parse_tags
from penguintui.mail.signer import judge_age
from penguintui.model.clock import Time
from penguintui.model.observation import Bookmark
from penguintui.model.status import Status

_PLACE = "DKIM key "


class KeyAges:
    """A key is as old as it has been seen: published longer ago, it is older."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[str, Time]] = {}

    def go_on(self, bookmarks: Mapping[str, str]) -> None:
        """Remember what an earlier one saw."""
        for place, mark in bookmarks.items():
            digest, _, since = mark.partition(" ")
            if place.startswith(_PLACE) and since.isdecimal() and len(since) < 12:
                self._since[place.removeprefix(_PLACE)] = (digest, float(since))

    def bookmarks(self) -> Iterator[Bookmark]:
        for name, (digest, since) in self._since.items():
            yield Bookmark(_PLACE + name, f"{digest} {since:.0f}")

    def judge(self, name: str, texts: Sequence[str], now: Time) -> Verdict | None:
        """Of the one key at a name; None where there is none, or where nobody can tell which one is used.

        A key that is another than last time is new.
        """
        keys = [key for key in map(_key, texts) if key]
        if len(keys) != 1:
            return None
        digest = hashlib.sha256(keys[0].encode()).hexdigest()[:16]
        known, since = self._since.get(name, ("", now))
        if known != digest:
            since = now
        self._since[name] = (digest, since)
        verdict = judge_age(name, since, now)
        days = f"{max(0.0, now - since) / 86_400:.0f} days"
        return Verdict(verdict.status, verdict.summary, verdict.remedy, {"seen for": days})


def _key(text: str) -> str:
    try:
        return "".join(parse_tags(text).get("p", "").split()) if is_key(text) else ""
    except TagError:
        return ""


def aged(verdict: Verdict, age: Verdict | None) -> Verdict:
    """What is said of a key, with its age; the age is the reason only where all else is fine."""
    if age is None:
        return verdict
    worse = age if verdict.status is Status.OK and age.status is not Status.OK else verdict
    return Verdict(worse.status, worse.summary, worse.remedy, {**verdict.evidence, **age.evidence})
