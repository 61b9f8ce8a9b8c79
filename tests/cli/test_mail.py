"""`penguintui mail …`: what is printed, and with which code it ends."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from penguintui.cli.mail import LARGEST, mail_app
from penguintui.mail.signer import record_for
from tests.adapters.servers import HOST, closed_port
from tests.adapters.zoneserver import Zone, zones
from tests.mail.test_bounce import dsn
from tests.mail.test_bulk import GOOD
from tests.mail.test_dmarc_reports import tls, xml
from tests.mail.test_keys import _ED, _RSA, pem

_ZONE: Zone = {
    "a.example": [
        {"TXT": "v=spf1 ip4:192.0.2.1 a:no.example include:b.example exp=why.a.example -all"},
        {"MX": [10, "mx.a.example"]},
        {"NS": "ns.a.example"},
    ],
    "b.example": [{"TXT": "v=spf1 ip4:192.0.2.2"}],
    "why.a.example": [{"TXT": "%{i} is not ours"}],
    "mx.a.example": [{"A": "192.0.2.1"}],
    "_dmarc.a.example": [{"TXT": "v=DMARC1; p=reject"}],
    "broken.example": [{"TXT": "v=spf1 nonsense"}],
    "silent.example": ["TIMEOUT"],
    "xn--bcher-kva.example": [{"TXT": "v=spf1 +all"}],
    "odd.example": [{"TXT": "v=spf1 exists:%{l}.odd.example -all"}],
    'a\\b"c d\x00.odd.example': [{"A": "127.0.0.2"}],
}


def mail(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(mail_app, arguments, input=stdin)


def lines(done: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


async def asked(*arguments: str, zone: Zone = _ZONE) -> Result:
    """The command, put to a name server of the zone."""
    async with zones(zone) as server:
        place = f"{HOST}:{server.port}"
        return await asyncio.to_thread(mail, *arguments, "--resolver", place, "--timeout", "0.5")


@pytest.mark.parametrize(
    ("ip", "sender", "result", "code"),
    [
        ("192.0.2.1", "eva@a.example", "pass", 0),
        ("192.0.2.9", "eva@a.example", "fail", 1),
        ("192.0.2.9", "eva@none.example", "none", 1),
        ("192.0.2.9", "eva@broken.example", "permerror", 2),
        ("192.0.2.9", "eva@silent.example", "temperror", 3),
        ("192.0.2.9", "eva@bücher.example", "pass", 0),
        ("192.0.2.9", 'a\\b"c d\x00@odd.example', "pass", 0),
        ("2001:db8::1", "", "none", 1),
    ],
)
async def test_spf(ip: str, sender: str, result: str, code: int) -> None:
    done = await asked("spf", "--ip", ip, "--mail-from", sender, "--json")
    assert json.loads(done.stdout)["result"] == result, done.stdout
    assert done.exit_code == code


async def test_spf_counts_and_explains() -> None:
    arguments = ("spf", "--ip", "192.0.2.9", "--mail-from", "eva@a.example")
    told = json.loads((await asked(*arguments, "--json")).stdout)
    assert told["explanation"] == "192.0.2.9 is not ours"
    assert (told["lookups"], told["voids"], told["void_names"]) == (2, 1, ["no.example A"])
    words = (await asked(*arguments)).stdout
    assert words.startswith("fail: ")
    assert "2 of 10 look-ups" in words
    assert "192.0.2.9 is not ours" in words


async def test_one_question_waits_no_longer_than_told() -> None:
    begun = time.monotonic()
    done = await asked("spf", "--ip", "192.0.2.9", "--mail-from", "eva@silent.example")
    assert time.monotonic() - begun < 10, "half a second was allowed; ten are not for a slow machine"
    assert done.stdout.startswith("temperror: ")


def test_a_resolver_that_is_none() -> None:
    with closed_port() as port:
        arguments = ("spf", "--ip", "192.0.2.9", "--mail-from", "a@a.example", "--timeout", "0.2", "--json")
        done = mail(*arguments, "--resolver", f"{HOST}:{port}")
    assert (json.loads(done.stdout)["result"], done.exit_code) == ("temperror", 3)
    done = mail(*arguments, "--resolver", f"{HOST}:no-port")
    assert done.exit_code == 64
    assert "no port" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("spf", "--ip", "192.0.2", "--mail-from", "a@a.example"),
        ("lint", ""),
        ("lint", "ü" * 300 + ".example"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    done = mail(*arguments)
    assert done.exit_code == 64
    assert done.stderr
    assert not done.stdout


async def test_lint() -> None:
    done = await asked("lint", "a.example", "--json")
    told = json.loads(done.stdout)
    status = {finding["check"]: finding["status"] for finding in told["findings"]}
    assert (status["dns.mx"], status["dns.dmarc"]) == ("OK", "OK")
    assert (status["dns.spf"], status["dns.dkim"]) == ("WARNING", "UNKNOWN")
    assert told["spf"]["looks"][0]["voids"] == ["no.example A"]
    assert done.exit_code == 1


async def test_lint_in_words() -> None:
    done = await asked("lint", "a.example", "--selector", "pm")
    assert "CRITICAL dns.dkim pm: " in done.stdout
    assert "\n   1  a:no.example  finds nothing: no.example A\n" in done.stdout
    assert done.exit_code == 2


async def test_a_published_key_beside_the_signer_s(tmp_path: Path) -> None:
    own, other = tmp_path / "own.pem", tmp_path / "other.pem"
    own.write_bytes(pem(_RSA))
    other.write_bytes(pem(_ED))
    zone: Zone = _ZONE | {"pm._domainkey.a.example": [{"TXT": record_for(pem(_RSA))}]}
    assert (
        "OK dns.dkim pm: DKIM key pm._domainkey.a.example is the signer's"
        in (await asked("lint", "a.example", "--selector", f"pm={own}", zone=zone)).stdout
    )
    differs = await asked("lint", "a.example", "--selector", f"pm={other}", zone=zone)
    assert ("is not the signer's" in differs.stdout, differs.exit_code) == (True, 2)
    gone = await asked("lint", "a.example", "--selector", f"pm={tmp_path / 'no'}", zone=zone)
    assert ("cannot be read" in gone.output, gone.exit_code) == (True, 2)


async def test_the_tree_of_lookups_is_indented() -> None:
    zone: Zone = {
        "a.example": [{"TXT": "v=spf1 include:b.example -all"}],
        "b.example": [{"TXT": "v=spf1 a:b.example"}, {"A": "192.0.2.1"}],
    }
    assert "\n   2  include:b.example\n     1  a:b.example\n" in (await asked("lint", "a.example", zone=zone)).stdout


async def test_lint_of_sending_addresses() -> None:
    more: Zone = {
        "1.2.0.192.in-addr.arpa": [{"PTR": "mx.a.example"}],
        "2.0.0.127.bl.example": [{"A": "127.0.0.2"}],
        "9.2.0.192.bl.example": [{"A": "127.0.0.2"}],
    }
    arguments = ("lint", "a.example", "--address", "192.0.2.1", "--address", "192.0.2.9", "--blocklist", "bl.example")
    done = await asked(*arguments, "--helo", "mx.a.example", "--json", zone=_ZONE | more)
    status = {(f["check"], f["subject"]): f["status"] for f in json.loads(done.stdout)["findings"]}
    assert status["dns.ptr", "192.0.2.1"] == status["dns.spf", "192.0.2.1"] == "OK"
    assert status["dns.ptr", "192.0.2.9"] == status["dns.spf", "192.0.2.9"] == "CRITICAL"
    assert status["dns.blocklist", "192.0.2.1 bl.example"] == "OK"
    assert status["dns.blocklist", "192.0.2.9 bl.example"] == "CRITICAL"


async def test_lint_connects_on_demand() -> None:
    done = await asked("lint", "a.example", "--connect", "--json", zone=_ZONE | {"mx.a.example": [{"AAAA": "::1"}]})
    found = [f for f in json.loads(done.stdout)["findings"] if f["check"] == "mail-tls.server"]
    assert [(f["subject"], f["status"]) for f in found] == [("mx.a.example", "UNKNOWN")], "nobody listens at port 25"
    assert not [
        f for f in json.loads((await asked("lint", "a.example", "--json")).stdout)["findings"] if "tls" in f["check"]
    ]


async def test_lint_of_silence_is_unknown() -> None:
    done = await asked("lint", "silent.example", "--json", zone={"silent.example": ["TIMEOUT"]})
    assert {f["status"] for f in json.loads(done.stdout)["findings"] if f["check"] in ("dns.spf", "dns.mx")} == {
        "UNKNOWN"
    }


_BOUNCE = dsn(
    "Final-Recipient: rfc822; a@d.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no \x1b[2J"
)


def test_bounces(tmp_path: Path) -> None:
    one, other, gone = tmp_path / "one.eml", tmp_path / "other.eml", tmp_path / "gone.eml"
    one.write_bytes(_BOUNCE)
    other.write_bytes(b"Subject: hello\n\nhi")
    done = mail("bounce", "--json", str(one), str(gone), str(other))
    first, second, third = lines(done)
    assert {"file", "kind", "recipient", "status", "reason", "hard", "feedback_type"} <= first.keys()
    assert (first["file"], first["kind"], first["recipient"], first["status"], first["hard"]) == (
        str(one), "bounce", "a@d.example", "5.1.1", True,
    )  # fmt: skip
    assert "No such file" in second["error"]
    assert (third["kind"], third["hard"]) == ("other", False)
    assert done.exit_code == 2, "one could not be read"


def test_standard_input_and_words_that_move_no_cursor() -> None:
    done = mail("bounce", "-", stdin=_BOUNCE)
    assert done.stdout.startswith("-: bounce 5.1.1 userunknown (hard, suppress) of a@d.example: ")
    assert "\x1b" not in done.stdout
    assert done.exit_code == 0
    no_bounce = mail("bounce", "-", stdin=b"From: ann@d.example\nSubject: hello\n\nhi").stdout
    assert no_bounce.startswith("-: no bounce, no complaint")


def test_dmarc(tmp_path: Path) -> None:
    report, broken = tmp_path / "r.xml.gz", tmp_path / "broken.xml"
    report.write_bytes(gzip.compress(xml([(3, "pass", "fail"), (2, "fail", "fail")])))
    broken.write_bytes(b"<feedback><report_metadata>")
    done = mail("dmarc", "--json", str(broken), str(report))
    refused, read = lines(done)
    assert refused.keys() == {"file", "error"}
    wanted = {"file", "org", "report_id", "domain", "begin", "end", "records", "messages"}
    assert wanted | {"dkim_aligned", "spf_aligned", "aligned"} <= read.keys()
    assert (read["records"], read["messages"], read["aligned"]) == (2, 5, 3)
    assert done.exit_code == 1, "one was refused"
    assert "5 messages in 2 rows, 3 aligned (60.0 %)" in mail("dmarc", str(report)).stdout


def test_tls_reports() -> None:
    data = json.dumps(tls()).encode()
    assert lines(mail("tlsrpt", "--json", "-", stdin=data))[0]["policies"][0]["failed"] == 2
    assert "2 failed" in mail("tlsrpt", "-", stdin=data).stdout
    assert mail("tlsrpt", "-", stdin=b"nothing").exit_code == 1


def test_complaints() -> None:
    data = (
        b"Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nx\n--b\n"
        b"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: a@d.example\n\n--b--\n"
    )
    (told,) = lines(mail("arf", "--json", "-", stdin=data))
    assert (told["recipient"], told["feedback_type"], told["suppress"]) == ("a@d.example", "abuse", True)
    assert mail("arf", "-", stdin=data).stdout == "-: complaint abuse of a@d.example, suppress\n"


def test_what_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.eml"
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)
    (told,) = lines(mail("bounce", "--json", str(path)))
    assert "more than 64 MiB" in told["error"]


def test_headers_are_judged_and_refusals_explained(tmp_path: Path) -> None:
    good, poor = tmp_path / "good.eml", tmp_path / "poor.eml"
    good.write_text(GOOD, newline="")
    poor.write_text("From: a@b.example\nSubject: x\n\nhi")
    assert mail("headers", str(good)).exit_code == 0
    done = mail("headers", str(good), str(poor), str(tmp_path / "none.eml"), "--json")
    first, second, third = lines(done)
    assert done.exit_code == 2
    assert (first["status"], first["from"], first["signatures"][0]["selector"]) == ("OK", "shop.example", "pm")
    assert second["status"] == "CRITICAL"
    assert {"dkim", "one-click", "missing"} <= {one["code"] for one in second["demands"] if one["status"] != "OK"}
    assert "cannot be read" in third["error"]
    shown = mail("headers", str(poor), "--transactional", "--code", "550 5.7.515 Access denied").stdout.splitlines()
    assert shown[0].startswith("microsoft 5.7.515: SPF, DKIM and DMARC are demanded")
    assert shown[1].startswith(f"{poor}: CRITICAL")
    assert not any("one-click" in line for line in shown)


def test_refusals_alone() -> None:
    known, unknown = "421 4.7.0 [TSS04] deferred", "550 5.9.9 no"
    assert mail("headers", "--code", known).exit_code == 0
    done = mail("headers", "--json", "--code", known, "--code", unknown)
    assert done.exit_code == 1
    assert [one.get("provider") for one in lines(done)] == ["yahoo", None]
    assert lines(done)[0]["retry"] is True
    assert mail("headers").exit_code == 64


def test_mails_of_50_mib_say_what_their_beginning_says(tmp_path: Path) -> None:
    large = tmp_path / "large.eml"
    bounced = dsn(
        "Final-Recipient: rfc822; a@d.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no user"
    )
    large.write_bytes(bounced + (b"x" * 79 + b"\n") * ((50 << 20) // 80))
    (told,) = lines(mail("bounce", "--json", str(large)))
    assert (told["kind"], told["recipient"], told["status"]) == ("bounce", "a@d.example", "5.1.1")
    assert lines(mail("dmarc", "--json", str(large)))[0]["error"]
    judged = lines(mail("headers", "--json", str(large)))[0]
    assert "25 MB" in next(one["sentence"] for one in judged["demands"] if one["code"] == "size")
    assert large.stat().st_size > 50 << 20, "the original is kept"


def test_reports_that_would_fill_the_memory_are_refused_with_a_reason(tmp_path: Path) -> None:
    bomb, entities, good = tmp_path / "bomb.xml.gz", tmp_path / "entities.xml", tmp_path / "good.xml"
    bomb.write_bytes(gzip.compress(gzip.compress(b"\0" * 200_000_000)))
    lol = "".join(f'<!ENTITY l{n} "{10 * f"&l{n - 1};"}">' for n in range(1, 10))
    entities.write_text(f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{lol}]><feedback>&l9;</feedback>')
    good.write_bytes(xml([(3, "pass", "fail")]))
    done = mail("dmarc", "--json", str(bomb), str(entities), str(good))
    assert done.exit_code == 1
    first, second, third = lines(done)
    assert "bomb" in first["error"]
    assert "document type" in second["error"]
    assert third["messages"] == 3
    assert bomb.exists()
    assert entities.exists()
