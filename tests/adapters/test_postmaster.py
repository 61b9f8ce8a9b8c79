"""Google Postmaster Tools, version 2, against a fake made of its published contract (discovery document)."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.failure import NotAnswered
from penguintui.adapters.postmaster import answers
from penguintui.adapters.postmaster.probe import SCOPE, PostmasterAdapter
from penguintui.config.reputationprobes import GooglePostmasterProbe
from penguintui.model.observation import Observation
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from ..conftest import FrozenClock
from .conftest import TARGET, found, measured
from .webservice import service

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
DEMANDS = ("SPF", "DKIM", "DMARC_POLICY", "ENCRYPTION", "USER_REPORTED_SPAM_RATE")
FINE = {"spam": 0.0004, "spf": 1.0, "dkim": 0.999, "dmarc": 0.998, "tls": 1.0, "errors": 0.01}


@cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_file(url: str, **more: Any) -> str:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem = private_key().private_bytes(*form).decode()
    account = {"type": "service_account", "client_email": "watch@project.example", "private_key_id": "k1"}
    return json.dumps(account | {"private_key": pem, "token_uri": f"{url}/token"} | more)


def compliance(**verdicts: Any) -> dict[str, Any]:
    rows = [{"requirement": name, "status": {"status": verdicts.get(name, "COMPLIANT")}} for name in DEMANDS]
    data: dict[str, Any] = {"domainId": "d.example", "rowData": rows}
    data["oneClickUnsubscribeVerdict"] = verdicts.get("one_click", {"status": {"status": "COMPLIANT"}})
    return {"name": "domains/d.example/complianceStatus", "complianceData": data}


def stat(name: str, value: float, day: int = 22) -> dict[str, Any]:
    return {"metric": name, "date": {"year": 2026, "month": 11, "day": day}, "value": {"doubleValue": value}}


@dataclass
class Google:
    """Token and API. It gives pages of two numbers, and takes only tokens that it gave."""

    numbers: dict[str, float] = field(default_factory=lambda: dict(FINE))
    day: int = 22
    compliance: dict[str, Any] = field(default_factory=compliance)
    statuses: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    queries: list[dict[str, Any]] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)
    tokens: int = 0
    url: str = ""

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form["grant_type"] == "refresh_token":
            assert form["refresh_token"] == "r1"
        else:
            head, claims, signature = str(form["assertion"]).split(".")
            _verify(f"{head}.{claims}".encode(), _bytes(signature))
            self.claims = json.loads(_bytes(claims)) | {"head": json.loads(_bytes(head))}
        if "token" in self.statuses:
            error = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
            return web.json_response(error, status=self.statuses["token"])
        self.tokens += 1
        return web.json_response({"access_token": f"ya29.{self.tokens}", "expires_in": 3599, "token_type": "Bearer"})

    async def answer(self, request: web.Request) -> web.Response:
        what = request.match_info["what"]
        self.asked.append(f"{request.method} {request.path}")
        if what in self.statuses:
            error = {
                "code": self.statuses[what],
                "message": "The caller has no permission",
                "status": "PERMISSION_DENIED",
            }
            return web.json_response({"error": error}, status=self.statuses[what])
        assert request.headers["Authorization"] == f"Bearer ya29.{self.tokens}"
        if what == "complianceStatus":
            return web.json_response(self.compliance)
        query = await request.json()
        self.queries.append(query)
        wanted = [one["name"] for one in query["metricDefinitions"]]
        stats = [stat(name, self.numbers[name], self.day) for name in wanted if name in self.numbers]
        start = int(query.get("pageToken", 0))
        page = {"domainStats": stats[start : start + 2]}
        more = {"nextPageToken": str(start + 2)} if start + 2 < len(stats) else {}
        return web.json_response(page | more)


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _verify(data: bytes, signature: bytes) -> None:
    """Raises when the assertion was not signed by the account's key."""
    private_key().public_key().verify(signature, data, padding.PKCS1v15(), hashes.SHA256())


@contextlib.asynccontextmanager
async def google() -> AsyncIterator[Google]:
    fake = Google()
    async with service({"/token": fake.token, "/v2/domains/{domain}/{what}": fake.answer}) as url:
        fake.url = url
        yield fake


@pytest.fixture
async def fake() -> AsyncIterator[Google]:
    async with google() as one:
        yield one


@pytest.fixture
def clock() -> Iterator[FrozenClock]:
    yield FrozenClock(NOW)


def adapter(fake: Google, clock: FrozenClock, credentials: str | None = None, **more: Any) -> PostmasterAdapter:
    key = Secret(credentials if credentials is not None else key_file(fake.url))
    settings = {"domains": ["d.example"], "credentials": key, "url": fake.url} | more
    return PostmasterAdapter(GooglePostmasterProbe(type="google-postmaster", **settings), clock)


async def told(fake: Google, clock: FrozenClock, credentials: str | None = None, **more: Any) -> Observation:
    asked = adapter(fake, clock, credentials, **more)
    observation = await asked.probe(TARGET, clock.monotonic() + 20)
    await asked.close()
    assert "ya29" not in repr(observation) and "PRIVATE KEY" not in repr(observation)
    return observation


async def test_a_domain_in_order(fake: Google, clock: FrozenClock) -> None:
    seen = await told(fake, clock, act_as="postmaster@d.example")
    assert seen.up and seen.complete
    assert {finding.status for finding in seen.findings} == {Status.OK}
    assert found(seen, "postmaster.spam").summary == (
        "0.04 % of the mail in inboxes is reported as spam from d.example on 2026-11-22"
    )
    assert found(seen, "postmaster.compliance").summary == "d.example complies with all 6 demands of Gmail"
    assert measured(seen, "google_postmaster_spam_ratio", domain="d.example") == 0.0004
    assert measured(seen, "google_postmaster_authenticated_ratio", mechanism="dkim") == 0.999
    assert measured(seen, "google_postmaster_compliant", requirement="SPF") == 1
    assert measured(seen, "google_postmaster_data_age_seconds") == 36 * 3600
    assert fake.claims["iss"] == "watch@project.example" and fake.claims["sub"] == "postmaster@d.example"
    assert fake.claims["scope"] == SCOPE and fake.claims["aud"] == f"{fake.url}/token"
    assert fake.claims["head"] == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert fake.claims["exp"] - fake.claims["iat"] == 3600 and fake.claims["iat"] == int(NOW)
    assert len(fake.queries) == 3 and fake.queries[1]["pageToken"] == "2", "pages are followed to their end"
    assert fake.queries[0]["timeQuery"]["dateRanges"]["dateRanges"] == [
        {"start": {"year": 2026, "month": 11, "day": 17}, "end": {"year": 2026, "month": 11, "day": 24}}
    ]


@pytest.mark.parametrize(
    ("number", "value", "check", "status"),
    [
        ("spam", 0.002, "postmaster.spam", Status.WARNING),
        ("spam", 0.004, "postmaster.spam", Status.CRITICAL),
        ("dkim", 0.95, "postmaster.dkim", Status.WARNING),
        ("dmarc", 0.5, "postmaster.dmarc", Status.CRITICAL),
        ("tls", 0.8, "postmaster.tls", Status.CRITICAL),
        ("errors", 0.3, "postmaster.errors", Status.CRITICAL),
        ("low_ip_reputation", 0.005, "postmaster.errors", Status.WARNING),
    ],
)
async def test_numbers_are_judged(
    fake: Google, clock: FrozenClock, number: str, value: float, check: str, status: Status
) -> None:
    fake.numbers[number] = value
    assert found(await told(fake, clock), check, "d.example").status is status


async def test_what_gmail_does_not_tell_is_unknown_and_no_number(fake: Google, clock: FrozenClock) -> None:
    fake.numbers, fake.compliance = {}, {"name": "domains/d.example/complianceStatus"}
    seen = await told(fake, clock)
    judged = [finding for finding in seen.findings if finding.check != "postmaster.reach"]
    assert len(judged) == 7 and {finding.status for finding in judged} == {Status.UNKNOWN}
    assert "enough mail" in found(seen, "postmaster.spam").summary
    assert not [sample for sample in seen.samples if sample.metric.startswith("google")]


async def test_an_old_number_is_no_verdict(fake: Google, clock: FrozenClock) -> None:
    fake.day = 17
    finding = found(await told(fake, clock), "postmaster.spam")
    assert finding.status is Status.UNKNOWN and "is 6 days old" in finding.summary


async def test_what_needs_work_is_named_with_googles_reason(fake: Google, clock: FrozenClock) -> None:
    verdict = {"status": {"status": "NEEDS_WORK"}, "reason": "NO_UNSUB_PROMO_SPAM_REPORTS"}
    fake.compliance = compliance(DMARC_POLICY="NEEDS_WORK", one_click=verdict)
    seen = await told(fake, clock)
    finding = found(seen, "postmaster.compliance")
    assert finding.status is Status.CRITICAL
    assert "a DMARC record, one-click unsubscribe (no unsub promo spam reports)" in finding.summary
    assert measured(seen, "google_postmaster_compliant", requirement="DMARC_POLICY") == 0
    fake.compliance = compliance(SPF="STATE_UNSPECIFIED")
    assert found(await told(fake, clock), "postmaster.compliance").status is Status.UNKNOWN


async def test_a_token_is_kept_until_its_end_and_replaced_when_refused(fake: Google, clock: FrozenClock) -> None:
    asked = adapter(fake, clock)
    for wait in (60.0, 3500.0, 60.0):
        assert (await asked.probe(TARGET, clock.monotonic() + 20)).up
        clock.advance(wait)
    assert fake.tokens == 2
    fake.statuses["complianceStatus"] = 401
    await asked.probe(TARGET, clock.monotonic() + 20)
    fake.statuses.clear()
    assert (await asked.probe(TARGET, clock.monotonic() + 20)).complete and fake.tokens == 3
    await asked.close()


async def test_a_user_who_consented(fake: Google, clock: FrozenClock) -> None:
    key = {"type": "authorized_user", "client_id": "i", "client_secret": "s", "refresh_token": "r1"}
    assert (await told(fake, clock, json.dumps(key | {"token_uri": f"{fake.url}/token"}))).up


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"type": "other"}, "are no key file"),
        ({"client_email": None}, "lack client_email"),
        ({"private_key": "no key"}, "no RSA key"),
        ({"token_uri": "http://token.example/"}, "no https address"),
    ],
)
async def test_credentials_that_are_none(fake: Google, clock: FrozenClock, more: Any, words: str) -> None:
    seen = await told(fake, clock, key_file(fake.url, **more))
    finding = found(seen, "postmaster.reach")
    assert finding.evidence["reason"] == "local" and words in finding.summary
    assert not fake.tokens


async def test_what_google_refuses_is_said_in_its_words(fake: Google, clock: FrozenClock) -> None:
    fake.statuses = {"token": 400}
    finding = found(await told(fake, clock), "postmaster.reach")
    assert finding.evidence["reason"] == "denied" and "Invalid JWT Signature" in finding.summary
    fake.statuses = {"complianceStatus": 403, "domainStats:query": 404}
    finding = found(await told(fake, clock), "postmaster.reach")
    assert finding.evidence["reason"] == "denied" and "The caller has no permission" in finding.summary
    fake.statuses = {"domainStats:query": 404}
    seen = await told(fake, clock)
    assert seen.up and not seen.complete
    missing = found(seen, "postmaster.numbers", "d.example")
    assert missing.status is Status.UNKNOWN and "no such domain" in missing.summary


values = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5)
FIELDS = [
    "metric",
    "date",
    "value",
    "rowData",
    "requirement",
    "status",
    "year",
    "month",
    "day",
    "doubleValue",
    "intValue",
]
json_values = st.recursive(
    values | st.sampled_from(["spam", "SPF", "COMPLIANT"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
)


@given(json_values, st.lists(json_values, max_size=4))
def test_documents_of_any_shape_are_read_without_an_error(document: Any, stats: list[Any]) -> None:
    settings = GooglePostmasterProbe(type="google-postmaster", domains=["d"], credentials=Secret("x"))
    assert len(answers.numbers("d", stats, settings, NOW).findings) == 6
    with contextlib.suppress(NotAnswered):
        answers.compliance("d", {"complianceData": document})
        answers.compliance("d", document)
