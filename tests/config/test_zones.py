"""The block `dns`: what it asks for, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from penguintui.config.desired import wanted
from penguintui.config.loading import load, read
from penguintui.config.zones import DnsSettings
from penguintui.mail.desired import Wanted
from tests.config.example import EXAMPLE, SECRETS

_BLOCK = """
dns:
  zones:
    Shop.example.:
      servers: [192.0.2.53]
      domains:
        shop.example:
          mx: [10 MX1.shop.example.]
          dkim: {pm: {key: !file dkim.pem}, old: {retired: true}}
        news.shop.example: {spf: {addresses: ["2001:db8::1"], include: [other.example], rest: -all}}
      pointers: {192.0.2.10: mx1.shop.example}
      records:
        - {name: mx1.shop.example, type: A, values: [192.0.2.10], ttl: 5m}
        - {name: proof.news.shop.example, type: TXT, values: [proof=1]}
"""


def loaded(folder: Path, text: str) -> DnsSettings:
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "dkim.pem").write_bytes(key)
    (folder / "dkim.pem").chmod(0o600)
    (folder / "c.yaml").write_text(text, encoding="utf-8")
    return load(folder / "c.yaml", {}).dns


def test_what_is_wanted_is_derived(tmp_path: Path) -> None:
    dns = loaded(tmp_path, _BLOCK)
    found = dns.zone_of("SHOP.example")
    assert found is not None
    sets = {one.purpose + one.name: one for one in wanted(*found, "shop.example")}
    assert sets["mxshop.example"].values == ("10 mx1.shop.example",)
    assert sets["dkimpm._domainkey.shop.example"].values[0].startswith("v=DKIM1; k=ed25519; p=")
    assert sets["dkimold._domainkey.shop.example"].values == ()
    assert sets["ptr10.2.0.192.in-addr.arpa"].values == ("mx1.shop.example",)
    assert sets["amx1.shop.example"] == Wanted("mx1.shop.example", "A", ("192.0.2.10",), "a", 300.0)
    assert len(sets) == 5, "the records of the name below are that name's"
    below = dns.zone_of("news.shop.example")
    assert below is not None
    assert [one.values for one in wanted(*below, "news.shop.example")] == [
        ("v=spf1 ip6:2001:db8::1 include:other.example -all",),
        ("proof=1",),
    ]
    assert dns.zone_of("other.example") is None


def test_a_key_that_is_none_is_said(tmp_path: Path) -> None:
    text = _BLOCK.replace("{key: !file dkim.pem}", "{key: nonsense}")
    found = loaded(tmp_path, text).zone_of("shop.example")
    assert found is not None
    with pytest.raises(ValueError, match="the signer's key cannot be read"):
        wanted(*found, "shop.example")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            "",
            "config.yaml:9:9: dns.zones['a.example'].domains['b.example']: 'b.example' is not in the zone 'a.example'",
        ),
        ("domain: c.example}", "no zone of the block `dns` declares 'c.example'"),
        ("domain: a.example}", "the zone of 'a.example' has no `update`"),
    ],
)
def test_names_that_lead_nowhere(tmp_path: Path, more: str, words: str) -> None:
    text = "dns:\n  zones:\n    a.example:\n      servers: [192.0.2.53]\n"
    if more:
        text += f"actions:\n  p:\n    title: P\n    target: t\n    steps:\n    - {{name: p, type: dns, {more}\n"
    else:
        text = "\n" + text + "\n      domains:\n\n        b.example: {}\n"
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    problems = [str(problem) for problem in read(tmp_path / "config.yaml", {}).problems]
    assert any(words in problem for problem in problems), problems


def test_the_example_can_be_written() -> None:
    dns = load(EXAMPLE, SECRETS).dns
    sets = [
        one for name, zone in dns.zones.items() for domain in zone.names(name) for one in wanted(name, zone, domain)
    ]
    assert len(sets) == 10
