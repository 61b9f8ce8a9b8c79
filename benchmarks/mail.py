"""The rules of mail: a lint of 100 domains, 10,000 bounces, a DMARC report of 2,000 records, Postfix's log and queue.

Beside us, where penguintui[oracles] is installed, checkdmarc on the same domains and parsedmarc on the same report. The
name server runs in a process of its own and answers each question after 20 ms. Bounces are those below the folder in
PENGUINTUI_CONFORMANCE_DATA, again and again, or else some of our own; the command reads them, each from its file.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from benchmarks.measuring import Row, milliseconds
from benchmarks.queue import measure_queue

_HOST, _DELAY = "127.0.0.1", 0.02
_DOMAINS = [f"d{n}.example" for n in range(100)]
_BOUNCES, _RECORDS, _MAILS = 10_000, 2_000, 50_000
_LINES_OF_A_MAIL = 7
_DAY = 86_400


def measure() -> list[Row]:
    return [*_lint(), *_bounces(), *_dmarc(), *_postfix(), *measure_queue()]


def zone() -> dict[str, list[dict[str, object]]]:
    """Domains as most are: mail at two servers, three senders, a key, a policy."""
    names: dict[str, list[dict[str, object]]] = {
        f"spf{n}.provider.example": [{"TXT": f"v=spf1 ip4:198.51.100.{n} include:all.provider.example ~all"}]
        for n in range(3)
    }
    names["all.provider.example"] = [{"TXT": "v=spf1 ip4:203.0.113.0/24 ~all"}]
    names["_dmarc.example"] = []
    for domain in _DOMAINS:
        includes = " ".join(f"include:spf{n}.provider.example" for n in range(3))
        names[domain] = [
            {"SOA": f"ns1.{domain}. hostmaster.{domain}. 1 3600 600 86400 60"},
            *({"NS": f"ns{n}.{domain}"} for n in (1, 2)),
            *({"MX": [10 * n, f"mx{n}.{domain}"]} for n in (1, 2)),
            {"TXT": f"v=spf1 mx a {includes} -all"},
            {"A": "192.0.2.1"},
        ]
        for host in ("ns1", "ns2", "mx1", "mx2"):
            names[f"{host}.{domain}"] = [{"A": "192.0.2.2"}]
        names[f"_dmarc.{domain}"] = [{"TXT": f"v=DMARC1; p=reject; rua=mailto:dmarc@{domain}"}]
        names[f"pm._domainkey.{domain}"] = [{"TXT": "v=DKIM1; p="}]
    return names


def _lint() -> Iterator[Row]:
    with _name_server() as server:
        port = int(server.readline())
        begin = time.perf_counter()
        asyncio.run(_lint_all(port))
        ours = time.perf_counter() - begin
        most = int(server.ask())
        yield Row("lint of 100 domains, DNS answers after 20 ms", ours, "s")
        yield Row("  questions under way at once", most, "questions", most=50)
        if _missing("checkdmarc"):
            return
        begin = time.perf_counter()
        _checkdmarc(port)
        theirs = time.perf_counter() - begin
        yield Row("  the same by checkdmarc", theirs, "s")
        yield Row("  how much faster", theirs / ours, "times", least=20)


async def _lint_all(port: int) -> None:
    from penguintui.adapters.dns.nameserver import opened
    from penguintui.mail.domain import lint_domain

    server = await opened(f"{_HOST}:{port}", "the benchmark's server", 120)
    found = await asyncio.gather(*(lint_domain(server, domain, ["pm"]) for domain in _DOMAINS))
    assert all("published" in str(next(f.summary for f in one.findings if f.check == "dns.spf")) for one in found)


def _checkdmarc(port: int) -> None:
    import checkdmarc
    import dns.resolver
    from dns.nameserver import Do53Nameserver

    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [Do53Nameserver(_HOST, port)]
    found = checkdmarc.check_domains(list(_DOMAINS), resolver=resolver, skip_tls=True)
    assert all(one["spf"]["valid"] and one["dmarc"]["valid"] for one in found)


class _Served:
    """The other side of a name server's process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def readline(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def ask(self) -> str:
        """How many questions were under way at most."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self.readline()


@contextmanager
def _name_server() -> Iterator[_Served]:
    command = [sys.executable, "-m", "benchmarks.mail"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _Served(process)
        finally:
            process.terminate()


async def _serve() -> None:
    from tests.adapters.zoneserver import zones

    async with zones(zone(), _DELAY) as server:
        print(server.port, flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(server.most, flush=True)


def _bounces() -> Iterator[Row]:
    mails = _mails()
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for n in range(_BOUNCES):
            files.append(str(Path(folder, f"{n}.eml")))
            Path(files[-1]).write_bytes(mails[n % len(mails)])
        process = subprocess.Popen(
            [sys.executable, "-m", "penguintui", "mail", "bounce", "--json", *files], stdout=subprocess.DEVNULL
        )
        _, code, used = os.wait4(process.pid, 0)
        process.returncode = code
    assert code == 0
    yield Row(f"10,000 bounces by the command ({len(mails)} different)", used.ru_utime + used.ru_stime, "s", most=30)
    yield Row("  its memory", used.ru_maxrss / 1024, "MB", most=100)


def _mails() -> list[bytes]:
    folder = Path(os.environ.get("PENGUINTUI_CONFORMANCE_DATA") or "nowhere", "mail/bounces/mails")
    own = (
        "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nIt did not work.\n--b\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        "Final-Recipient: rfc822; a@d.example\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown\n\n--b--\n"
    )
    return [path.read_bytes() for path in sorted(folder.glob("*"))] or [own.encode()]


def _dmarc() -> Iterator[Row]:
    from penguintui.mail.dmarc import AggregateReport, read_reports

    report = _report()
    ours = milliseconds(lambda: read_reports(report, "r.xml"))
    (read,) = read_reports(report, "r.xml")
    assert isinstance(read, AggregateReport) and read.records == _RECORDS
    yield Row("DMARC report with 2,000 records", ours, "ms")
    if _missing("parsedmarc"):
        return
    from parsedmarc import parse_aggregate_report_file

    theirs = milliseconds(lambda: parse_aggregate_report_file(report, offline=True, always_use_local_files=True), 3)
    yield Row("  the same by parsedmarc", theirs, "ms")
    yield Row("  how much faster", theirs / ours, "times", least=10)


def _report() -> bytes:
    row = (
        "<record><row><source_ip>{ip}</source_ip><count>{count}</count><policy_evaluated>"
        "<disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>"
        "<identifiers><header_from>d.example</header_from></identifiers><auth_results>"
        "<dkim><domain>d.example</domain><selector>pm</selector><result>pass</result></dkim>"
        "<spf><domain>d.example</domain><result>fail</result></spf></auth_results></record>"
    )
    # addresses from all over the world, as a real report has them: others look up where they are
    addresses = [f"{11 + n % 180}.{n * 7 % 251}.{n * 13 % 241}.{n % 250}" for n in range(_RECORDS)]
    rows = "".join(row.format(ip=ip, count=n + 1) for n, ip in enumerate(addresses))
    return (
        '<?xml version="1.0"?><feedback><report_metadata><org_name>o.example</org_name><email>r@o.example</email>'
        "<report_id>1</report_id><date_range><begin>1700000000</begin><end>1700086399</end></date_range>"
        "</report_metadata><policy_published><domain>d.example</domain><adkim>r</adkim><aspf>r</aspf><p>none</p>"
        f"<sp>none</sp><pct>100</pct></policy_published>{rows}</feedback>"
    ).encode()


def _postfix() -> Iterator[Row]:
    from penguintui.adapters.postfix.log import PostfixLogAdapter
    from penguintui.clock import SystemClock
    from penguintui.config.probes import PostfixLogProbe

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "mail.log")
        path.write_text("".join(_log()))
        probe = PostfixLogProbe(type="postfix-log", path=str(path), read_from="start", timeout=600)
        adapter = PostfixLogAdapter(probe, SystemClock())
        begin = time.process_time()
        lines = asyncio.run(_follow(adapter))
        seconds = time.process_time() - begin
    rate = lines / seconds
    yield Row("lines of Postfix's log", rate, "a second", least=400_000)
    yield Row("  10 million mails a day", 100 * 10_000_000 * _LINES_OF_A_MAIL / rate / _DAY, "% of a core", most=2)


async def _follow(adapter: object) -> float:
    """Ask until all is read; the lines that were."""
    from penguintui.adapters.postfix.log import PostfixLogAdapter
    from penguintui.model.target import Kind, Target

    assert isinstance(adapter, PostfixLogAdapter)
    while True:
        seen = await adapter.probe(Target("mx", Kind.QUEUE, "benchmark"), time.monotonic() + 600)
        numbers = {sample.metric: sample.value for sample in seen.samples}
        if not numbers["penguintui_log_behind_bytes"]:
            await adapter.close()
            return numbers["penguintui_log_lines_total"]


def _log() -> Iterator[str]:
    """Seven lines for each mail, as Postfix 3.7 writes them."""
    relays = ("gmail-smtp-in.l.google.com", "mta5.am0.yahoodns.net", "d.mail.protection.outlook.com", "mx.d.example")
    for n in range(_MAILS):
        when = time.strftime("%b %d %H:%M:%S", time.localtime(1_790_000_000 + n // 100))
        head, queue_id = f"{when} mx1 postfix", f"4jYRTJ{n:06d}zLq64"
        relay = f"{relays[n % 4]}[192.0.2.{n % 250}]:25"
        yield f"{head}/smtpd[101]: connect from app.example[192.0.2.3]\n"
        yield f"{head}/smtpd[101]: {queue_id}: client=app.example[192.0.2.3]\n"
        yield f"{head}/cleanup[102]: {queue_id}: message-id=<{n}@app.example>\n"
        yield f"{head}/qmgr[103]: {queue_id}: from=<news@d.example>, size=4711, nrcpt=1 (queue active)\n"
        yield (
            f"{head}/smtp[104]: {queue_id}: to=<user{n}@e.example>, relay={relay}, delay=1.{n % 10}, "
            f"delays=0.02/0.01/0.4/0.7, dsn=2.0.0, status=sent (250 2.0.0 OK {n} x1-y2 - gsmtp)\n"
        )
        yield f"{head}/qmgr[103]: {queue_id}: removed\n"
        yield f"{head}/smtpd[101]: disconnect from app.example[192.0.2.3] ehlo=1 mail=1 rcpt=1 data=1 commands=4\n"


def _missing(module: str) -> bool:
    """Whether another program is not there to compare with, and saying so."""
    if find_spec(module) is not None:
        return False
    print(f"{module} is not measured: pip install 'penguintui[oracles]'", file=sys.stderr)
    return True


if __name__ == "__main__":
    asyncio.run(_serve())
