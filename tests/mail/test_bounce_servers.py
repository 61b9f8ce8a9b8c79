"""What mail servers of many kinds write, in mails of our own: of whom, how lasting; and what must never suppress."""

from __future__ import annotations

from pathlib import Path

import pytest

from penguintui.mail.bounce import Kind, read
from tests.mail.test_bounce import dsn, only, plain

_MAILS = Path(__file__).with_name("bounces")

_TOLD = {
    "qmail": [("x@d.example", "5.1.1", True)],
    "qmail-remote": [
        ("x@d.example", "5.1.1", True),
        ("y@e.example", "5.0.980", False),
        ("z@f.example", "5.0.947", False),
        ("w@g.example", "5.1.2", True),
    ],
    "exim-dns": [("x@d.example", "5.0.912", True)],
    "exim-warn": [("x@d.example", "4.7.1", False)],
    "exim-quota": [("x@d.example", "4.0.922", False)],
    "exim-pipe": [("x@d.example", "5.0.939", False)],
    "sendmail8": [("x@d.example", "5.1.1", True)],
    "courier": [("x@d.example", "5.1.1", True)],
    "opensmtpd": [("x@d.example", "5.1.1", True)],
    "dragonfly": [("x@d.example", "5.1.1", True)],
    "gmail-old": [("x@d.example", "5.1.1", True)],
    "gmail-old-delay": [("x@d.example", "4.0.947", False)],
    "yahoo": [("x@d.example", "5.1.1", True)],
    "yahoo2": [("x@d.example", "5.0.932", True)],
    "mailru": [("x@d.example", "5.1.1", True)],
    "einsundeins": [("x@d.example", "5.1.1", True)],
    "gmx": [("x@d.example", "5.1.1", True)],
    "domino": [("x@d.example", "5.0.911", True)],
    "exchange2003": [("x@d.example", "5.0.911", True)],
    "exchange-german": [("x@d.example", "5.1.1", True)],
    "exchange-french": [("x@d.example", "5.1.1", True)],
    "exchange-online": [("x@d.example", "5.1.10", True)],
    "imail": [("x@d.example", "5.0.911", True)],
    "imail2": [("x@d.example", "5.0.922", False)],
    "mailmarshal": [("x@d.example", "5.1.1", True)],
    "messagingserver": [("x@d.example", "5.1.1", True)],
    "apachejames": [("x@d.example", "5.1.1", True)],
    "mfilter": [("x@d.example", "5.1.1", True)],
    "activehunter": [("x@d.example", "5.1.1", True)],
    "yahoo-groups": [("x@d.example", "5.0.911", True)],
    "status-notification": [("x@d.example", "5.3.0", True)],
    "trouble-delivering": [("x@d.example", "5.1.1", True)],
    "verizon": [("5551234567@vtext.com", "5.0.911", True)],
    "surfcontrol": [("x@d.example", "5.1.1", True)],
    "trend": [("x@d.example", "5.1.1", True)],
    "sendgrid": [("x@d.example", "5.1.1", True)],
    "ezweb": [("x@ezweb.ne.jp", "5.0.911", True)],
    "biglobe": [("x@biglobe.ne.jp", "5.0.922", False)],
    "kddi": [("x@au.com", "5.0.922", False)],
    "powermta-ish": [("x@d.example", "5.1.1", True)],
    "zoho": [("x@d.example", "5.1.1", True)],
    "postfix-short": [("x@d.example", "5.1.1", True)],
    "mdaemon": [("x@d.example", "5.0.911", True)],
    "postfix-text": [("x@d.example", "5.1.1", True)],
    "zimbra-lmtp": [("x@d.example", "5.2.2", False)],
    "mimecast": [("x@d.example", "5.1.1", True)],
    "kerio": [("x@d.example", "5.1.1", True)],
    "icewarp": [("x@d.example", "5.1.1", True)],
}
"""File to recipients, each with its status and whether the address is given up."""

_TELL_OF_NO_FAILURE = (
    "no-bounce-of-a-person",
    "away-german",
    "away-moved",
    "away-french",
    "away-precedence",
    "challenge",
    "ticket",
    "mailman-hold",
    "read-receipt",
)


@pytest.mark.parametrize("name", _TOLD)
def test_mails(name: str) -> None:
    found = read(_MAILS.joinpath(f"{name}.eml").read_bytes())
    assert [(notice.recipient, notice.status, notice.hard) for notice in found] == _TOLD[name]
    assert {notice.kind for notice in found} == {Kind.BOUNCE}


@pytest.mark.parametrize("name", _TELL_OF_NO_FAILURE)
def test_mails_of_people_and_their_machines(name: str) -> None:
    found = read(_MAILS.joinpath(f"{name}.eml").read_bytes())
    assert not any(notice.suppress or notice.kind is Kind.BOUNCE for notice in found)


def test_every_mail_is_tested() -> None:
    assert {path.stem for path in _MAILS.iterdir()} == {*_TOLD, *_TELL_OF_NO_FAILURE}


_FOR_GOOD = (
    "550 5.1.1 <x@d.example>: Recipient address rejected: User unknown in virtual mailbox table",
    "550 5.1.1 <x@d.example>: Recipient address rejected: User unknown in relay recipient table",
    "550 5.1.1 <x@d.example>... User unknown",
    "550 Unknown user: x@d.example",
    "550 No such user here",
    "550 Requested action not taken: mailbox unavailable",
    "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found",
    "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).",
    "552 1 Requested mail action aborted, mailbox not found",
    "550 5.1.1 <x@aol.com>: Recipient address rejected: aol.com",
    "550 5.1.1 unknown or illegal alias: x@d.example",
    "550 5.1.0 Address rejected.",
    "550 5.1.1 User does not exist: x@d.example",
    "550 5.1.1 x@d.example Recipient not found. <https://support.mailchannels.example/kb>",
    "550 x@d.example: user not found",
    "550 Invalid recipient x@d.example (#5.1.1)",
    "550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550",
    "550 sorry, no mailbox here by that name (#5.1.1)",
    "550 sorry, no mailbox here by that name. (#5.7.17)",
    "511 sorry, no mailbox here by that name (#5.1.1 - chkuser)",
    "550 user not found",
    "550 RCPT TO:<x@web.example> User unknown",
    "550 unknown user",
    "553 5.3.0 <x@d.example>... No such user",
    "550 5.1.1 sid: x@d.example ... no such recipient",
    "550 Recipient does not exist on this system",
    "550 Benutzer unbekannt",
    "550 Unbekannter Empfaenger / unknown recipient",
    "550 Empfaenger unbekannt",
    "550 Destinatario desconocido",
    "550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. LPN416",
    "550 Boite du destinataire inconnue",
    "550 Utilisateur inconnu",
    "550 Utente sconosciuto",
    "550 Adres nie istnieje / user unknown",
    "550 Mailbox not found or access denied",
    "550 non-existent mailbox",
    "550 #5.1.0 Address rejected x@d.example",
    "550 #5.1.1 The recipient account does not exist",
    "550 User not found: x@163.example",
    "550 MI:UNF user not found",
    "550 User is not exist",
    "550 The user does not exist",
    "550 5.1.1 Account not available",
    "550 5.1.1 no mailbox by that name is currently available",
    "550 5.1.1 Not our Customer",
    "551 5.7.1 The user is not local; please try <y@e.example>",
    "551 not our user",
    "551 User has moved; please try <y@e.example>",
    "550 5.1.6 recipient no longer on server: x@d.example",
    "550 Recipient unknown",
    "550 5.1.1 <x@d.example> is not a valid mailbox",
    "550 <x@d.example> No such mailbox",
    "550 5.1.2 The recipient domain does not exist",
    "550 5.1.2 <x@d.example>... Host unknown (Name server: d.example: no data known)",
    "550 permanent failure for one or more recipients (x@d.example:550 5.1.1 User unknown)",
    "550 5.4.310 DNS domain d.example does not exist [Message=InfoDomainNonexistent]",
    "554 5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain",
    "550 5.4.4 Invalid domain name",
)
"""Replies by which a server says that there is no such address."""

_NOT_THE_ADDRESS = (
    "550 5.2.1 The email account that you tried to reach is inactive.",
    "550 5.2.1 The email account that you tried to reach is disabled. Learn more",
    "550 Mailbox is inactive",
    "550 Mail is rejected by recipients",
    "550 Callout verification failed: 550 5.1.1 unknown",
    "550 Verification failed for <me@x.example>",
    "550 Account disabled",
    "554 5.7.1 Account has been suspended",
    "554 5.4.6 Too many hops",
    "554 5.4.14 Hop count exceeded - possible mail loop ATTR34",
    "452 4.2.2 The email account that you tried to reach is over quota",
    "552 5.2.2 The recipient's inbox is out of storage space and inactive.",
    "552 5.2.2 <x@d.example>: user is overquota",
    "552 Mailbox limit exceeded for this email address",
    "550 Mailbox quota exceeded",
    "552 RCPT TO:<x@d.example> Mailbox disk quota exceeded",
    "552-5.7.4 Quota exceeded",
    "452 4.1.1 requested action aborted: insufficient system storage",
    "550 Das Postfach ist voll / mailbox full",
    "522 5.2.2 User has exceeded mailbox size",
    "552 5.2.2 Over quota",
    "550 5.7.1 Message exceeds the recipient's quota",
    "452 <x@d.example> insufficient disk space. try again later",
    "550-Mailbox is full / Blocks limit exceeded / Inode limit exceeded",
    "552 size limit exceeded",
    "552 5.3.4 Message size exceeds fixed limit",
    "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient",
    "534 5.2.3 Message too big",
    "552 Message exceeds maximum fixed size",
    "554 IP=192.0.2.1 - Dialup/transient IP not allowed. Use a mailgateway instead!",
    "554 Denied (Mode: normal)",
    "554 rejected due to spam URL in content",
    "550 High probability of spam",
    "554 5.7.1 Message rejected due to spam policy",
    "550 5.7.1 Unsolicited Mail is refused, score 21.3",
    "550 permanent failure for one or more recipients (x@d.example:blocked)",
    "554 Message refused",
    "550 Administrative prohibition",
    "451 4.7.1 Greylisting in action, please come back in 00:05:00",
    "451 Temporarily deferred; come back later",
    "421 4.3.2 Service not available",
    "421 Too many concurrent SMTP connections; please try again later.",
    "550-5.7.26 This mail has been blocked because the sender is unauthenticated.",
    "550 5.7.26 Unauthenticated email from x.example is not accepted due to domain's DMARC policy",
    "550 5.7.1 Email rejected per DMARC policy for x.example",
    "550 5.7.23 The message was rejected because of Sender Policy Framework violation -> 550 5.7.1 x",
    "550 5.7.1 SPF MAIL FROM check failed",
    "550 5.7.1 <me@x.example>: Sender address rejected: Access denied",
    "553 5.1.8 <me@x.example>... Domain of sender address me@x.example does not exist",
    "501 5.1.7 Invalid address sender",
    "450 4.1.8 <me@x.example>: Sender address rejected: Domain not found",
    "550 5.7.25 [192.0.2.1] The IP address sending this message does not have a PTR record setup",
    "450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]",
    "550 5.7.1 Client host rejected: cannot find your hostname, [192.0.2.1]",
    "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname",
    "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
    "554 5.7.1 <x@d.example>: Relay access denied",
    "550 relay not permitted",
    "550 5.7.1 Unable to relay for x@d.example",
    "530 5.7.0 Must issue a STARTTLS command first",
    "530 5.7.0 Authentication Required",
    "454 4.7.0 TLS not available due to local problem",
    "552 5.7.0 This message was blocked because its content presents a potential security issue.",
    "554 5.7.1 virus Eicar-Test-Signature detected by ClamAV",
    "550 5.7.1 Your message contains a virus",
    "550 maximum allowed line length is 998 octets, got 1234",
    "555 5.5.2 Syntax error, goodbye",
    "501 5.5.4 Invalid arguments",
    "503 5.5.1 Bad sequence of commands",
    "550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy",
    "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required",
    "550 5.7.124 RESOLVER.RST.SenderNotInAllowedList; not authorized",
    "550 5.4.300 Message expired -> 451 4.7.0 x",
    "550 5.7.1 Blocked by SpamAssassin",
    "554 5.7.1 [P4] Message blocked due to spam content in the message.",
    "550 5.2.0 x@d.example: message content rejected due to suspected spam, PCPSN2",
    "554 5.7.1 [HM08] Message rejected due to local policy.",
    "550 5.7.0 Local Policy Violation",
    "550 rejected by recipient's spam filter",
    "550 Rejected by header based Anti-Spoofing policy: x@d.example",
    "550 Connection frequency limited. http://service.mail.qq.com/cgi-bin/help?id=20022",
    "550 Domain frequency limited.",
    "550 SPF check failed.",
    "550 DT:SPM 126 mx1,x http://mail.163.com/help/help_spam_16.htm?ip=192.0.2.1",
    "554 DT:SPM 163 smtp5,x http://mail.163.com/help/help_spam_16.htm",
    "554 MI:SPB 163 smtp",
    "451 DT:SPM please try again",
    "554 mailbox suspended due to inactivity",
    "550 Account has been deactivated",
    "550 x@d.example: the user's mailbox is locked",
    "525 5.7.13 Disabled recipient address",
    "550 5.7.13 The account is disabled",
    "550 extended mail is not allowed",
    "550 5.4.312 Message expired, DNS query failed",
    "550 we do not accept email from free mail providers",
    "550 5.1.1 Recipient temporarily unavailable",
)
"""Replies that blame the mail, its sender, the moment or a full mailbox."""


def reports(reply: str) -> list[bytes]:
    """The reply as Postfix reports it, in a machine-readable part, and as Exim does, in words."""
    fields = (
        f"Final-Recipient: rfc822; x@d.example\nAction: failed\nStatus: {reply[0]}.0.0\nDiagnostic-Code: smtp; {reply}"
    )
    said = f"<x@d.example>: host mx.d.example[192.0.2.9] said: {reply} (in reply to RCPT TO command)"
    words = (
        "This message was created automatically by mail delivery software.\n\n"
        "A message that you sent could not be delivered to one or more of its\nrecipients. "
        "This is a permanent error. The following address(es) failed:\n\n  x@d.example\n"
        "    host mx.d.example [192.0.2.9]\n    SMTP error from remote mail server after RCPT TO:<x@d.example>:\n"
        f"    {reply}\n"
    )
    return [dsn(fields, said), plain(words, "X-Failed-Recipients: x@d.example\n")]


@pytest.mark.parametrize(
    ("recipient", "sender"),
    [
        ("Benutzer unbekannt", "Absender unbekannt"),
        ("Die Adresse existiert nicht", "Die Adresse des Absenders existiert nicht"),
        ("Destinataire inconnu", "Expéditeur inconnu"),
        ("L'adresse n'existe pas", "L'adresse de l'expéditeur n'existe pas"),
        ("Usuario desconocido", "Remitente desconocido"),
        ("Utente non trovato", "Mittente inesistente"),
        ("Usuário não existe", "O remetente não existe"),
        ("Gebruiker onbekend", "Afzender onbekend"),
        ("Адрес: пользователь не найден", "Отправитель не найден"),
        ("用户不存在", "发件人地址不存在"),
    ],
)
def test_other_languages_tell_the_recipient_from_the_sender(recipient: str, sender: str) -> None:
    for report in reports(f"550 {recipient}"):
        assert only(report).hard
    for report in reports(f"550 {sender}"):
        assert (only(report).hard, only(report).reason) == (False, "rejected")


@pytest.mark.parametrize("reply", _FOR_GOOD)
def test_replies_that_give_an_address_up(reply: str) -> None:
    for report in reports(reply):
        notice = only(report)
        assert (notice.recipient, notice.hard, notice.status[0]) == ("x@d.example", True, "5")


@pytest.mark.parametrize("reply", _NOT_THE_ADDRESS)
def test_replies_that_do_not(reply: str) -> None:
    for report in reports(reply):
        notice = only(report)
        assert (notice.recipient, notice.hard, notice.status[0]) == ("x@d.example", False, reply[0])
