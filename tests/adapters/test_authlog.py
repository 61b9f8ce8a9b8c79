"""What is read from the lines of an authentication log."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.logs.authlog import Login, Part, parse_line

UTC = datetime.UTC
NOW = datetime.datetime(2027, 3, 2, 12, 0, tzinfo=UTC).timestamp()


def parse(message: str, program: str = "sshd[811]") -> Login | None:
    return parse_line(f"Mar  2 11:59:30 mx1 {program}: {message}", NOW, UTC)


def read(message: str, program: str = "sshd[811]") -> tuple[str, str, str, str]:
    login = parse(message, program)
    assert login is not None, message
    assert login.time == NOW - 30
    return login.result.value.removeprefix("login."), login.user, login.source, login.method


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Failed password for root from 203.0.113.9 port 51022 ssh2", ("failed", "root", "203.0.113.9", "password")),
        (
            "Failed password for invalid user git from 2001:DB8::7 port 4 ssh2",
            ("invalid-user", "git", "2001:db8::7", "password"),
        ),
        (
            "Accepted publickey for ana from 198.51.100.4 port 40112 ssh2: ED25519 SHA256:8rT1",
            ("accepted", "ana", "198.51.100.4", "publickey"),
        ),
        ("Invalid user oracle from 203.0.113.9 port 51024", ("invalid-user", "oracle", "203.0.113.9", "")),
        (
            "error: maximum authentication attempts exceeded for root from 203.0.113.9 port 5 ssh2 [preauth]",
            ("failed", "root", "203.0.113.9", ""),
        ),
        (
            "Connection closed by authenticating user root 203.0.113.9 port 51030 [preauth]",
            ("failed", "root", "203.0.113.9", ""),
        ),
        (
            "Disconnecting invalid user adm 203.0.113.9 port 9: Too many authentication failures [preauth]",
            ("failed", "adm", "203.0.113.9", ""),
        ),
        (
            "User backup from 203.0.113.9 not allowed because not listed in AllowUsers",
            ("failed", "backup", "203.0.113.9", ""),
        ),
        (
            "error: PAM: Authentication error for eva from 192.0.2.5 via 10.0.0.1",
            ("failed", "eva", "192.0.2.5", ""),
        ),
        (
            "Failed publickey for invalid user git from 192.0.2.5 port 7 ssh2: RSA SHA256:9aa",
            ("invalid-user", "git", "192.0.2.5", "publickey"),
        ),
        (
            "Received disconnect from 192.0.2.5 port 7:14: No supported authentication methods available [preauth]",
            ("failed", "", "192.0.2.5", ""),
        ),
        ("ROOT LOGIN REFUSED FROM 192.0.2.5 port 9 [preauth]", ("failed", "ROOT", "192.0.2.5", "")),
    ],
)
def test_sshd(message: str, expected: tuple[str, str, str, str]) -> None:
    assert read(message) == expected
    assert read(message, "sshd-session[9]") == expected


@pytest.mark.parametrize(
    ("program", "message", "expected"),
    [
        (
            "postfix/submission/smtpd[77]",
            "warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
            ("failed", "", "203.0.113.9", "LOGIN"),
        ),
        (
            "postfix/smtpd[77]",
            "warning: h.example[2001:db8::1]: SASL PLAIN authentication failed: wrong, sasl_username=eva@example.com",
            ("failed", "eva@example.com", "2001:db8::1", "PLAIN"),
        ),
        (
            "postfix/smtps/smtpd[77]",
            "4BxQ2f1z: client=host.example[198.51.100.4], sasl_method=PLAIN, sasl_username=ana@example.com",
            ("accepted", "ana@example.com", "198.51.100.4", "PLAIN"),
        ),
        (
            "postfix/smtpd[77]",
            "warning: a[192.0.2.1]: SASL PLAIN authentication failed: Connection lost to authentication server",
            ("error", "", "192.0.2.1", "PLAIN"),
        ),
        (
            "dovecot",
            "imap-login: Login: user=<ana@example.com>, method=PLAIN, rip=198.51.100.4, lip=10.0.0.2, mpid=3, TLS",
            ("accepted", "ana@example.com", "198.51.100.4", "PLAIN"),
        ),
        (
            "dovecot",
            "pop3-login: Disconnected: Connection closed (auth failed, 3 attempts in 9 secs): user=<eva>, "
            "method=LOGIN, rip=203.0.113.9, lip=10.0.0.2",
            ("failed", "eva", "203.0.113.9", "LOGIN"),
        ),
        (
            "dovecot",
            "auth: passwd-file(eva@example.com,203.0.113.9,<n4JLdHNV>): unknown user",
            ("failed", "eva@example.com", "203.0.113.9", "passwd-file"),
        ),
        (
            "postfix/smtpd[77]",
            "disconnect from unknown[203.0.113.9] ehlo=1 auth=0/2 quit=1 commands=2/4",
            ("failed", "", "203.0.113.9", ""),
        ),
        (
            "vsftpd",
            "pam_unix(vsftpd:auth): authentication failure; logname= uid=0 tty=ftp ruser=eva rhost=192.0.2.5  user=eva",
            ("failed", "eva", "192.0.2.5", "pam"),
        ),
        (
            "su[5]",
            "pam_unix(su:auth): authentication failure; logname=ana uid=1000 tty=pts/1 ruser=ana rhost=  user=root",
            ("failed", "root", "local", "pam"),
        ),
    ],
)
def test_mail_servers_and_pam(program: str, message: str, expected: tuple[str, str, str, str]) -> None:
    assert read(message, program) == expected


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("sshd[1]", "Failed publickey for ana from 198.51.100.4 port 5 ssh2: RSA SHA256:aa"),  # one key of several
        ("sshd[1]", "pam_unix(sshd:auth): authentication failure; uid=0 ruser= rhost=192.0.2.5  user=eva"),
        ("sshd[1]", "Server listening on 0.0.0.0 port 22."),
        ("sshd[1]", "pam_unix(sshd:session): session opened for user ana(uid=1000) by (uid=0)"),
        (
            "dovecot",
            "imap-login: Disconnected: Inactivity (no auth attempts in 180 secs): user=<>, rip=192.0.2.9",
        ),
        ("CRON[12]", "pam_unix(cron:session): session opened for user root"),
        ("kernel", "Failed password for root from 203.0.113.9 port 51022 ssh2"),
    ],
)
def test_other_lines_say_nothing(program: str, message: str) -> None:
    assert parse(message, program) is None


@pytest.mark.parametrize(
    "message",
    [
        "Failed password for invalid user x from 192.0.2.66 port 1 ssh2 from 203.0.113.9 port 51022 ssh2",
        "Failed password for invalid user x from 192.0.2.66 port 1 ssh2: y from 203.0.113.9 port 51022 ssh2",
    ],
)
def test_a_user_name_cannot_put_the_blame_on_another_address(message: str) -> None:
    assert read(message)[2] == "203.0.113.9"


def test_a_user_name_of_dovecot_cannot_put_the_blame_on_another_address() -> None:
    line = "imap-login: Aborted login (auth failed, 1 attempts): user=<a>, rip=192.0.2.66, x>, rip=203.0.113.9, y"
    assert read(line, "dovecot")[2] == "203.0.113.9"


def test_counts_stand_in_the_line() -> None:
    repeated = parse("message repeated 4 times: [ Failed password for root from 203.0.113.9 port 51022 ssh2]")
    assert repeated is not None and repeated.count == 4
    attempts = parse(
        "imap-login: Aborted login (auth failed, 3 attempts in 9 secs): user=<a>, rip=192.0.2.1, l", "dovecot"
    )
    assert attempts is not None and attempts.count == 3
    failed = parse("disconnect from unknown[203.0.113.9] ehlo=1 auth=1/3 quit=1 commands=3/5", "postfix/smtpd[2]")
    assert failed is not None and failed.count == 2 and failed.part is Part.AFTER


FAILED = "mx1 sshd[811]: Failed password for root from 203.0.113.9 port 51022 ssh2"


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("Mar  2 11:59:30", "2027-03-02T11:59:30"),
        ("Mar  3 11:00:00", "2027-03-03T11:00:00"),  # a clock that is a little ahead
        ("Mar  3 13:00:00", "2026-03-03T13:00:00"),
        ("Dec 31 23:59:59", "2026-12-31T23:59:59"),
        ("Feb 29 10:00:00", "2024-02-29T10:00:00"),
        ("2027-03-02T12:59:30.25+01:00", "2027-03-02T11:59:30.25"),
        ("2027-03-02T11:59:30Z", "2027-03-02T11:59:30"),
        ("2027-03-02T11:59:30+0000", "2027-03-02T11:59:30"),
        ("2027-03-02 11:59:30", "2027-03-02T11:59:30"),
        ("<38>Mar  2 11:59:30", "2027-03-02T11:59:30"),
    ],
)
def test_stamps(stamp: str, expected: str) -> None:
    login = parse_line(f"{stamp} {FAILED}", NOW, UTC)
    assert login is not None
    assert login.time == datetime.datetime.fromisoformat(expected + "+00:00").timestamp()


def test_a_year_less_stamp_is_local_time() -> None:
    login = parse_line(f"Mar  2 11:59:30 {FAILED}", NOW, datetime.timezone(datetime.timedelta(hours=2)))
    assert login is not None and login.time == NOW - 30 - 7200


def test_rfc_5424_head() -> None:
    line = f"<38>1 2027-03-02T11:59:30.000Z mx1 sshd 811 - - {FAILED.partition(': ')[2]}"
    login = parse_line(line, NOW, UTC)
    assert login is not None and login.source == "203.0.113.9" and login.time == NOW - 30


def test_a_line_without_a_stamp_has_no_time() -> None:
    login = parse_line(f"sshd[811]: {FAILED.partition(': ')[2]}", NOW, UTC)
    assert login is not None and login.time is None


def test_mapped_addresses_are_those_of_ipv4() -> None:
    assert read("Failed password for root from ::ffff:203.0.113.9 port 51022 ssh2")[2] == "203.0.113.9"


def test_what_a_stranger_typed_is_printable_and_bounded() -> None:
    login = parse(
        f"imap-login: Aborted login (auth failed, 1 attempts): user=<\x1b[2J{'x' * 500}>, rip=192.0.2.1", "dovecot"
    )
    assert login is not None
    assert login.user.isprintable() and len(login.user) == 128


FRAGMENTS = st.sampled_from(
    [
        *("Mar  2 11:59:30 ", "2027-03-02T11:59:30", "+99:99", "Feb 31 25:61:61 ", "9999-12-31T23:59:59-23:59 "),
        *("0001-01-01T00:00:00+23:59 ", "mx1 ", "sshd[1]: ", "dovecot: ", "postfix/smtpd[1]: ", "imap-login: Login"),
        *("Failed password for ", "Accepted none for ", " from ", "1.2.3.4", " port 1", "user=<", ": ", "rip=", "]"),
        *("(auth failed, 999999 attempts", "pam_unix(x:auth): authentication failure; ", "sasl_username="),
        "message repeated 3 times: [",
    ]
)


@given(st.lists(FRAGMENTS | st.text(max_size=12), max_size=12).map("".join), st.floats(0, 4e9))
def test_never_raises(line: str, now: float) -> None:
    login = parse_line(line, now, UTC)
    if login is not None:
        assert login.source and login.count >= 1 and login.user.isprintable()


@given(st.binary(max_size=200))
def test_never_raises_on_any_bytes(data: bytes) -> None:
    parse_line("Mar  2 11:59:30 mx1 sshd[1]: Failed password for " + data.decode("utf-8", "replace"), NOW, UTC)


@given(st.floats(1e8, 4e9), st.floats(0, 300 * 86400))
def test_a_year_less_stamp_of_the_last_months_is_read_back(now: float, age: float) -> None:
    time = float(int(now - age))
    stamp = datetime.datetime.fromtimestamp(time, UTC)
    login = parse_line(f"{stamp:%b} {stamp.day:2d} {stamp:%H:%M:%S} {FAILED}", now, UTC)
    assert login is not None and login.time == time
