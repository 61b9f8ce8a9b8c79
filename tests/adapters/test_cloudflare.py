"""Publishing to a fake of Cloudflare's API: read, compared, changed in one batch or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.dns.cloudflare import CloudflareZone, _record, _written
from penguintui.adapters.dns.publisher import ConflictError, PublishError
from penguintui.mail.changes import Change
from penguintui.mail.desired import Held
from penguintui.model.secret import Secret

from .cloudflare import FakeCloudflare, cloudflare
from .servers import HOST, answering, serving

APEX = ("shop.example", "TXT")
OLD, NEW = ("proof=1", "v=spf1 -all"), ("proof=1", "v=spf1 ip4:192.0.2.1 -all")


@pytest.fixture
async def fake() -> AsyncIterator[FakeCloudflare]:
    async with cloudflare() as running:
        running.add("shop.example", "TXT", '"v=spf1 -all"')
        running.add("shop.example", "TXT", "proof=1")
        running.add("shop.example", "MX", "MX1.shop.example", priority=10, ttl=3600)
        running.add("www.shop.example", "CNAME", "shop.example")
        yield running


def change(old: tuple[str, ...] = OLD, new: tuple[str, ...] = NEW, key: tuple[str, str] = APEX) -> Change:
    return Change(*key, old, new, 300.0, 300.0)


async def test_a_change_is_one_batch_and_only_what_differs_is_touched(fake: FakeCloudflare) -> None:
    zone, proof = CloudflareZone(fake.settings), next(r for r in fake.records.values() if r["content"] == "proof=1")
    assert (await zone.read([APEX], 5))[APEX] == Held(OLD, 300.0)
    await zone.publish(change(), 5)
    assert (await zone.read([APEX], 5))[APEX] == Held(NEW, 300.0)
    assert fake.records[proof["id"]]["content"] == "proof=1"
    assert [call for call in fake.calls if call.startswith("POST")] == [fake.calls[-2]]
    calls = len(fake.calls)
    assert "already" in await zone.publish(replace(change(), new_ttl=300.0), 5)
    assert len(fake.calls) == calls + 1, "a repeated one only reads"


async def test_records_come_and_go_and_back(fake: FakeCloudflare) -> None:
    zone, mail = CloudflareZone(fake.settings), ("shop.example", "MX")
    forward = Change(*mail, ("10 mx1.shop.example",), ("20 mx2.shop.example", "30 mx3.shop.example"), 3600, 600)
    await zone.publish(forward, 5)
    assert (await zone.read([mail], 5))[mail] == Held(("20 mx2.shop.example", "30 mx3.shop.example"), 600.0)
    await zone.publish(forward.reversed(), 5)
    assert (await zone.read([mail], 5))[mail] == Held(("10 mx1.shop.example",), 3600.0)
    key = ("pm._domainkey.shop.example", "TXT")
    long = 'v=DKIM1; k=rsa; p="\\' + "A" * 400
    await zone.publish(change((), (long,), key), 5)
    assert (await zone.read([key], 5))[key].values == (long,)
    await zone.publish(change((long,), (), key), 5)
    assert (await zone.read([key], 5))[key] == Held()


@pytest.mark.parametrize(
    ("type", "values", "data"),
    [
        (
            "CAA",
            ('0 issue "ca.example"', '0 issue "ca.example; validationmethods=dns-01"'),
            {"flags": 0, "tag": "issue"},
        ),
        ("SRV", ("0 5 993 mx.shop.example", "10 5 993 mx.shop.example"), {"port": 993, "target": "mx.shop.example"}),
        ("TLSA", (f"3 1 1 {'01' * 32}", f"3 1 1 {'ab' * 32}"), {"usage": 3, "matching_type": 1}),
    ],
)
async def test_types_that_are_written_as_fields(
    fake: FakeCloudflare, type: str, values: tuple[str, str], data: dict[str, object]
) -> None:
    zone, key = CloudflareZone(fake.settings), ("x.shop.example", type)
    await zone.publish(change((), values[:1], key), 5)
    (record,) = [one for one in fake.records.values() if one["type"] == type]
    assert data.items() <= record["data"].items()
    assert isinstance([*record["data"].values()][-1], str)
    await zone.publish(change(values[:1], values[1:], key), 5)
    assert (await zone.read([key], 5))[key].values == values[1:]


async def test_what_somebody_else_changed_is_left_alone(fake: FakeCloudflare) -> None:
    zone = CloudflareZone(fake.settings)
    with pytest.raises(ConflictError, match="somebody else changed it"):
        await zone.publish(change(old=("proof=1", "v=spf1 ~all")), 5)
    assert not [call for call in fake.calls if call.startswith("POST")]


async def test_a_record_deleted_in_between_fails_the_whole_batch(fake: FakeCloudflare) -> None:
    zone, answer = CloudflareZone(fake.settings), fake.answer

    def overtaken(method: str, *asked: object) -> object:
        if method == "POST":
            del fake.records[next(id for id, r in fake.records.items() if "spf1" in r["content"])]
        return answer(method, *asked)  # type: ignore[arg-type]

    fake.answer = overtaken  # type: ignore[assignment,method-assign]
    with pytest.raises(PublishError, match=r"answered 404: Record does not exist. \(81044\)"):
        await zone.publish(change(new=("v=spf1 mx -all", "extra=1")), 5)
    assert [r["content"] for r in fake.records.values() if r["type"] == "TXT"] == ["proof=1"]


async def test_pages_are_all_read_and_aliases_seen(fake: FakeCloudflare) -> None:
    fake.per_page = 1
    zone, alias = CloudflareZone(fake.settings), ("www.shop.example", "TXT")
    found = await zone.read([APEX, alias], 5)
    assert found[APEX].values == OLD
    assert found[alias].alias == "shop.example"


async def test_refusals_say_why_and_hide_the_token(fake: FakeCloudflare) -> None:
    wrong = CloudflareZone(fake.settings.model_copy(update={"token": Secret("wrong-token")}))
    trouble = (await wrong.read([APEX], 5))[APEX].trouble
    assert "does not accept the token: Authentication error (10000)" in trouble
    assert "wrong-token" not in trouble
    fake.status = 429
    assert "wait five minutes" in (await CloudflareZone(fake.settings).read([APEX], 5))[APEX].trouble


async def test_garbage_is_trouble() -> None:
    async with serving(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno")) as server:
        settings = FakeCloudflare(port=server.port).settings
        assert "no JSON" in (await CloudflareZone(settings).read([APEX], 5))[APEX].trouble
    with pytest.raises(PublishError, match=f"{HOST}:{server.port}"):
        async with asyncio.timeout(10):
            await CloudflareZone(settings).publish(change(), 5)


@given(st.text(st.characters(max_codepoint=255, min_codepoint=32), max_size=600))
def test_texts_come_back_as_they_went(text: str) -> None:
    written = _written(change(), text, 300)
    assert _record("TXT", {"id": "1", **written}).value == text
