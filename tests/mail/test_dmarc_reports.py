"""Reports in every wrapping, broken ones, and ones that mean harm."""

from __future__ import annotations

import base64
import gzip
import io
import itertools
import json
import re
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penguintui.mail.dmarc import AggregateReport, FailureReport, Refused, Source, TlsReport, read_reports
from penguintui.mail.dmarc.aggregate import repair

Row = tuple[int, str, str]


def xml(rows: list[Row], head: str = "", org: str = "Reporter.Example", root: str = "feedback") -> bytes:
    records = "".join(
        f"<record><row><source_ip>192.0.2.{count % 9}</source_ip><count>{count}</count><policy_evaluated>"
        f"<disposition>none</disposition><dkim>{dkim}</dkim><spf>{spf}</spf></policy_evaluated></row>"
        "<auth_results><dkim><domain>d.example</domain><result>pass</result></dkim></auth_results></record>"
        for count, dkim, spf in rows
    )
    return (
        f"{head}<{root}><report_metadata><org_name>{org}</org_name><email>a@mail.example</email><report_id>7</report_id>"
        "<date_range><begin>1700000000</begin><end>1700086399</end></date_range></report_metadata>"
        f"<policy_published><domain>X.example</domain><p>reject</p></policy_published>{records}</{root.split(maxsplit=1)[0]}>"
    ).encode()


def zipped(data: bytes, copies: int = 1) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(copies):
            archive.writestr(f"{number}.xml", data)
    return file.getvalue()


def mailed(*attachments: bytes) -> bytes:
    parts = [
        b"--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=r.xml\n"
        b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(data)
        for data in attachments
    ]
    return (
        b"Subject: Report\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n" + b"".join(parts) + b"--b--\n"
    )


def aggregate(data: bytes) -> AggregateReport:
    (report,) = read_reports(data, "r")
    assert isinstance(report, AggregateReport), report
    return report


def refusal(data: bytes) -> str:
    (report,) = read_reports(data, "r")
    assert isinstance(report, Refused), report
    return report.reason


_ROWS: list[Row] = [(3, "pass", "fail"), (4, "fail", "Pass"), (5, "fail", "fail"), (6, "pass", "pass")]


def test_totals() -> None:
    report = aggregate(xml(_ROWS))
    assert (report.records, report.messages, report.dkim_aligned, report.spf_aligned, report.aligned) == (
        4,
        18,
        9,
        10,
        13,
    )
    assert (report.org, report.report_id, report.domain) == ("reporter.example", "7", "x.example")
    assert (report.begin, report.end, report.policy["p"]) == (1_700_000_000.0, 1_700_086_399.0, "reject")
    assert report.sources["192.0.2.3"].messages == 3
    assert Source(*map(sum, zip(*report.sources.values(), strict=True))) == (5, 4, 3, 6)
    assert report.dispositions == {"none": 18}


@pytest.mark.parametrize(
    "wrapped",
    [
        xml(_ROWS),
        b"\xef\xbb\xbf" + xml(_ROWS),
        xml(_ROWS, head='<?xml version="1.0" encoding="UTF-16"?>').decode().encode("utf-16"),
        xml(_ROWS, root='feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0"'),
        re.sub(rb"<(/?)(?=\w)", rb"<\1d:", xml(_ROWS)).replace(b"<d:feedback", b'<d:feedback xmlns:d="urn:x"', 1),
        gzip.compress(xml(_ROWS)),
        gzip.compress(xml(_ROWS)) + b"\0\0trailing",
        gzip.compress(gzip.compress(xml(_ROWS))),
        zipped(xml(_ROWS)),
        zipped(gzip.compress(xml(_ROWS))),
        mailed(xml(_ROWS)),
        mailed(gzip.compress(xml(_ROWS))),
        mailed(zipped(xml(_ROWS))),
        b"Subject: Fwd\nContent-Type: message/rfc822\n\n" + mailed(zipped(xml(_ROWS))),
    ],
    ids=itertools.count(),  # what is packed has the time in it
)
def test_wrappings(wrapped: bytes) -> None:
    assert aggregate(wrapped).messages == 18


def test_copies_have_the_same_key() -> None:
    assert aggregate(xml(_ROWS)).key == aggregate(gzip.compress(xml(_ROWS, org="reporter.example"))).key


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "neither"),
        (b"\x00\x01\x02", "neither"),
        (b"hello world", "neither"),
        (b"<html></html>", "root is <html>"),
        (xml(_ROWS)[:-20], "no XML"),
        (xml(_ROWS).replace(b"<report_id>7</report_id>", b""), "report_id"),
        (xml(_ROWS).replace(b"<count>5", b"<count>many"), "number"),
        (xml(_ROWS, head='<!DOCTYPE x [<!ENTITY a "b">]>'), "document type"),
        (xml(_ROWS, head="<!DOCTYPE feedback>"), "document type"),
        (xml(_ROWS, head='<!DOCTYPE x SYSTEM "file:///etc/passwd">'), "document type"),
        (gzip.compress(b"x" * 100)[:11], "gzip"),
        (gzip.compress(b"")[:8] + b"\xff" * 20, "gzip"),
        (b"PK\x03\x04broken", "zip"),
        (zipped(b"", copies=0) + b"", "neither"),
        (b"Subject: hi\n\nhello", "no report attached"),
        (b'{"policies": 3}', "no TLS report"),
        (b"{" * 100_000, "no JSON"),
        (b"<a>" * 100_000, "root is <a>"),
        (b"<feedback>" * 100_000, "deep"),
        (b"<feedback><record>" + b"<a>" * 200_000, "a row of more than 256 KiB"),
        (b"<feedback><record><count>1</count><record></record></record></feedback>", "a <record> within"),
    ],
    ids=itertools.count(),  # what is packed has the time in it
)
def test_refusals_say_why(data: bytes, word: str) -> None:
    assert word in refusal(data)


@pytest.mark.parametrize("pack", [gzip.compress, zipped])
def test_bombs_are_not_unpacked(pack: object) -> None:
    assert callable(pack)
    assert "bomb" in refusal(pack(b"<feedback>" + b" " * 20_000_000))


def test_packed_without_end() -> None:
    data = xml(_ROWS)
    for _ in range(6):
        data = gzip.compress(data)
    assert "times over" in refusal(data)


def test_a_bad_report_does_not_stop_the_rest() -> None:
    found = read_reports(mailed(b"<feedback>", xml(_ROWS), gzip.compress(b"<x/>"), zipped(xml(_ROWS))))
    assert [type(report) for report in found] == [Refused, AggregateReport, Refused, AggregateReport]


def test_a_report_as_the_text_of_a_mail() -> None:
    report = xml([(2, "pass", "fail")], head='<?xml version="1.0"?>\n')
    assert aggregate(b"Subject: Report\nContent-Type: text/plain\n\n" + report).messages == 2


def test_what_reporters_break_is_repaired() -> None:
    broken = xml(_ROWS).replace(b"a@mail.example", b"<a@mail.example> & \xff\x02")
    assert aggregate(broken).messages == 18
    assert b"&lt;a@mail.example>" in repair(broken)


def test_failure_report() -> None:
    report = (
        b"Subject: failed\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nhi\n"
        b"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: auth-failure\nSource-IP: 192.0.2.9\n"
        b"Arrival-Date: Tue, 14 Nov 2023 22:13:20 +0000\nAuth-Failure: dkim, spf\nDelivery-Result: strange\n"
        b"--b\nContent-Type: message/rfc822\n\nFrom: A <a@X.example>\n\nx\n--b--\n"
    )
    (found,) = read_reports(report)
    assert isinstance(found, FailureReport)
    assert (found.reported_domain, found.source_ip, found.arrival) == ("x.example", "192.0.2.9", 1_700_000_000.0)
    assert (found.auth_failure, found.delivery_result) == (("dkim", "spf"), "other")


def test_failure_report_in_plain_text() -> None:
    text = (
        b"Subject: DMARC Failure Report\n\nA message failed the DMARC policy of your domain.\n\n"
        b"Sender Domain: X.example\n"
        b"Sender IP Address: 192.0.2.9\nReceived Date: Tue, 14 Nov 2023 22:13:20 +0000\nSPF Alignment: no\n"
    )
    (found,) = read_reports(text)
    assert isinstance(found, FailureReport)
    assert (found.reported_domain, found.source_ip, found.arrival) == ("x.example", "192.0.2.9", 1_700_000_000.0)


def tls() -> dict[str, object]:
    return {
        "organization-name": "R",
        "report-id": "1",
        "date-range": {"start-datetime": "2023-11-14T22:13:20Z", "end-datetime": "2023-11-15T22:13:19Z"},
        "policies": [
            {
                "policy": {"policy-type": "sts", "policy-domain": "X.example"},
                "summary": {"total-successful-session-count": 5, "total-failure-session-count": "2"},
                "failure-details": [{"result-type": "certificate-expired", "failed-session-count": 2}],
            }
        ],
    }


def test_tls_report() -> None:
    (found,) = read_reports(gzip.compress(json.dumps(tls()).encode()))
    assert isinstance(found, TlsReport)
    (policy,) = found.policies
    assert (found.begin, policy.domain, policy.successful, policy.failed) == (1_700_000_000.0, "x.example", 5, 2)
    assert policy.failures == {"certificate-expired": 2}


@pytest.mark.parametrize(
    ("key", "value"), [("date-range", {}), ("policies", [{}]), ("policies", [3]), ("report-id", "")]
)
def test_broken_tls_reports(key: str, value: object) -> None:
    assert refusal(json.dumps(tls() | {key: value}).encode())


@pytest.mark.parametrize("failed", [-1, None, "many", True])
def test_counts_of_tls_reports_are_numbers(failed: object) -> None:
    summary = {"total-successful-session-count": 5, "total-failure-session-count": failed}
    policy = {"policy": {"policy-type": "sts", "policy-domain": "x.example"}, "summary": summary}
    assert "a count of the TLS report is" in refusal(json.dumps(tls() | {"policies": [policy]}).encode())


_VERDICT = st.sampled_from(["pass", "fail", "PASS", ""])


@given(st.lists(st.tuples(st.integers(0, 10**6), _VERDICT, _VERDICT), max_size=8))
def test_any_totals(rows: list[Row]) -> None:
    report = aggregate(xml(rows))
    passed = [(count, dkim.lower() == "pass", spf.lower() == "pass") for count, dkim, spf in rows]
    assert report.records == len(rows)
    assert report.messages == sum(count for count, _, _ in passed)
    assert report.aligned == sum(count for count, dkim, spf in passed if dkim or spf)
    assert report.dkim_aligned + report.spf_aligned >= report.aligned


@given(st.binary(max_size=200), st.sampled_from([b"", b"<feedback>", b"PK\x03\x04", b"\x1f\x8b", b"{", b"A: b\n\n"]))
@settings(max_examples=200)
def test_any_bytes(data: bytes, start: bytes) -> None:
    assert read_reports(start + data)


@given(st.integers(0, 400), st.integers(0, 255))
def test_any_damage(position: int, byte: int) -> None:
    data = bytearray(zipped(xml(_ROWS)))
    data[position % len(data)] = byte
    assert read_reports(bytes(data))


@pytest.mark.parametrize(
    "encoding",
    ["GB2312", "Shift_JIS", "Big5", "EUC-KR", "windows-1252", "UTF-16", "foo-bar", "hex", "idna", "us-ascii"],
)
def test_encodings_that_reporters_declare(encoding: str) -> None:
    org = {
        "GB2312": "网易",
        "Shift_JIS": "日本",
        "Big5": "臺灣",
        "EUC-KR": "한국",
        "windows-1252": "Société",
        "us-ascii": "Société",
    }.get(encoding, "x")
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + xml(_ROWS, org=org).decode()
    known = encoding not in ("foo-bar", "hex", "idna", "us-ascii")
    report = aggregate(text.encode(encoding if known else "utf-8"))
    assert (report.org.lower(), report.messages) == (org.lower(), aggregate(xml(_ROWS)).messages)


def test_what_follows_a_report_is_left_out() -> None:
    assert aggregate(xml(_ROWS) + b"\n\0\0-- \nsent by <x>").messages == aggregate(xml(_ROWS)).messages


def test_every_file_of_an_archive_is_read() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in {"d/": b"", "d/a.xml": xml(_ROWS), "bad.xml": b"<x>", "__MACOSX/._a.xml": b"x"}.items():
            archive.writestr(name, data)
        archive.writestr("tls.json", b"{}")
        archive.writestr("b.xml.gz", gzip.compress(xml(_ROWS)))
    found = read_reports(file.getvalue(), "r.zip")
    assert [type(one) for one in found] == [AggregateReport, Refused, Refused, AggregateReport]
    assert [one.name for one in found if isinstance(one, Refused)] == ["r.zip/bad.xml", "r.zip/tls.json"]
    many = read_reports(zipped(b"<x>", copies=60), "r.zip")
    assert len(many) == 51
    assert "an archive of 60 files" in str(many[-1])
