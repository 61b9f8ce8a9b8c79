"""Publishing to Debian's BIND: compare-and-set, read back, and watched until the secondary has it too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from penguintui.adapters.dns import authority
from penguintui.adapters.dns.publisher import ConflictError, PublishError
from penguintui.adapters.dns.publishing import publisher, watch
from penguintui.adapters.dns.update import DynamicUpdate
from penguintui.config.zones import ZoneSettings
from penguintui.mail.changes import Change
from penguintui.mail.desired import Held

from .dynamic import KEY, KEY_NAME, Primary, dynamic
from .servers import HOST, closed_port

pytestmark = pytest.mark.needs("named", "bind9")

_RECORDS = """
@ TXT "v=spf1 -all"
@ TXT "verification=1"
@ MX 10 mx1
mx1 A 192.0.2.1
mx2 A 192.0.2.2
_dmarc TXT "v=DMARC1; p=no" "ne"
alias CNAME mx1
"""
DMARC = ("_dmarc.shop.example", "TXT")
OLD, NEW = ("v=DMARC1; p=none",), ("v=DMARC1; p=reject",)


@pytest.fixture
async def primary() -> AsyncIterator[Primary]:
    async with dynamic({"shop.example": _RECORDS}) as running:
        yield running


def change(old: tuple[str, ...] = OLD, new: tuple[str, ...] = NEW, key: tuple[str, str] = DMARC) -> Change:
    return Change(*key, old, new, 60.0, 60.0)


async def test_a_change_is_made_and_read_back(primary: Primary) -> None:
    writer = DynamicUpdate("shop.example", primary.update())
    assert (await writer.read([DMARC], 5))[DMARC] == Held(OLD, 60.0)
    assert await writer.publish(change(), 5) == change().words
    assert (await writer.read([DMARC], 5))[DMARC] == Held(NEW, 60.0)
    assert "already" in await writer.publish(change(), 5), "a repeated one does nothing"
    await writer.publish(change().reversed(), 5)
    assert (await writer.read([DMARC], 5))[DMARC] == Held(OLD, 60.0)


async def test_nothing_is_done_when_somebody_else_changed_it(primary: Primary) -> None:
    writer = DynamicUpdate("shop.example", primary.update())
    with pytest.raises(ConflictError, match=r'is "v=DMARC1; p=none" now: somebody else changed it'):
        await writer.publish(change(old=("v=DMARC1; p=quarantine",)), 5)
    with pytest.raises(ConflictError):
        await writer.publish(change(old=()), 5)
    assert (await writer.read([DMARC], 5))[DMARC].values == OLD


async def test_the_server_itself_compares(primary: Primary, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between reading and updating somebody changes it: the prerequisite of the update refuses."""
    writer, other = (DynamicUpdate("shop.example", primary.update()) for _ in range(2))
    ask = authority.ask

    async def overtaken(*asked: object) -> object:
        found = await ask(*asked)  # type: ignore[arg-type]
        monkeypatch.undo()
        await other.publish(change(new=("v=DMARC1; p=quarantine",)), 5)
        return found

    monkeypatch.setattr(authority, "ask", overtaken)
    with pytest.raises(ConflictError):
        await writer.publish(change(), 5)
    assert (await writer.read([DMARC], 5))[DMARC].values == ("v=DMARC1; p=quarantine",)


async def test_what_is_new_gone_long_or_beside_others(primary: Primary) -> None:
    writer = DynamicUpdate("shop.example", primary.update())
    key = ("pm._domainkey.shop.example", "TXT")
    long = "v=DKIM1; k=rsa; p=" + "A" * 392
    await writer.publish(change((), (long,), key), 5)
    assert (await writer.read([key], 5))[key].values == (long,)
    await writer.publish(change((long,), (), key), 5)
    assert (await writer.read([key], 5))[key] == Held()
    apex = ("shop.example", "TXT")
    both = ("v=spf1 -all", "verification=1")
    await writer.publish(change(both, ("v=spf1 ip4:192.0.2.1 -all", "verification=1"), apex), 5)
    assert (await writer.read([apex], 5))[apex].values == ("v=spf1 ip4:192.0.2.1 -all", "verification=1")
    mail = ("shop.example", "MX")
    await writer.publish(
        Change(*mail, ("10 mx1.shop.example",), ("10 mx1.shop.example", "20 mx2.shop.example"), 60, 120), 5
    )
    assert (await writer.read([mail], 5))[mail] == Held(("10 mx1.shop.example", "20 mx2.shop.example"), 120.0)


async def test_an_alias_is_not_written_over(primary: Primary) -> None:
    writer = DynamicUpdate("shop.example", primary.update())
    key = ("alias.shop.example", "A")
    assert (await writer.read([key], 5))[key] == Held(("192.0.2.1",), 60.0, "mx1.shop.example")
    with pytest.raises(PublishError, match="is an alias of mx1"):
        await writer.publish(change(("192.0.2.1",), ("192.0.2.2",), key), 5)


@pytest.mark.parametrize(
    ("key", "name", "words"),
    [
        (KEY[:-4] + "AAAA", KEY_NAME, "does not accept the key penguintui-test: the key is not the one it has"),
        (KEY, "other", "does not accept the key other: it does not know the key"),
        ("not base64!", KEY_NAME, "is no base64"),
    ],
)
async def test_wrong_keys_are_told_apart(primary: Primary, key: str, name: str, words: str) -> None:
    writer = DynamicUpdate("shop.example", primary.update(key, name))
    with pytest.raises(PublishError, match=words) as failure:
        await writer.publish(change(), 5)
    assert key not in str(failure.value)


async def test_a_mail_server_without_an_address_is_refused_by_bind(primary: Primary) -> None:
    mail = ("shop.example", "MX")
    with pytest.raises(PublishError, match="or the record names a mail server without an address"):
        await DynamicUpdate("shop.example", primary.update()).publish(
            change(("10 mx1.shop.example",), ("10 nowhere.shop.example",), mail), 5
        )


async def test_refusals_say_what_to_look_at(primary: Primary) -> None:
    with pytest.raises(PublishError, match=r"answered REFUSED|lame delegation"):
        await DynamicUpdate("other.example", primary.update()).publish(
            change((), NEW, ("_dmarc.other.example", "TXT")), 5
        )
    with pytest.raises(PublishError, match=r"answered REFUSED|lame delegation"):
        await DynamicUpdate("shop.example", primary.update()).publish(change((), NEW, ("_dmarc.x.test", "TXT")), 5)
    with pytest.raises(PublishError, match=r"'999\.1\.1\.1' is no A record"):
        await DynamicUpdate("shop.example", primary.update()).publish(
            change((), ("999.1.1.1",), ("new.shop.example", "A")), 5
        )


async def test_silence_is_trouble_not_absence() -> None:
    with closed_port() as port:
        held = await authority.held(DMARC, f"{HOST}:{port}", 0.3)
    assert "did not answer" in held.trouble


async def test_both_servers_are_watched_until_they_have_it() -> None:
    async with dynamic({"shop.example": _RECORDS}, secondary=True) as primary:
        zone = ZoneSettings(servers=primary.servers, update=primary.update())
        writer, told = publisher("shop.example", zone), list[str]()
        before = await authority.observe([DMARC], zone.servers, 5)
        assert {held.values for held in before[DMARC].values()} == {OLD}
        watching = asyncio.create_task(watch(zone.servers, {DMARC: NEW}, 20, told.append))
        assert await writer.publish(change(), 5)
        assert await watching == {}
        assert sorted(line.split()[0] for line in told) == sorted(zone.servers)
        late = await watch(zone.servers, {DMARC: OLD}, 0.2, told.append)
        assert set(late) == set(zone.servers)
        assert 'is "v=DMARC1; p=reject" there' in late[zone.servers[1]].why
