"""Whom a report blames: the recipient, the sender, or something in the mail; told in many words and languages."""

from __future__ import annotations

import json

import pytest

from penguintui.mail.bounce import Kind, read
from tests.mail.test_bounce import dsn, only, plain
from tests.mail.test_bounce_servers import reports

_OF_OTHERS = (
    "550 Return address does not exist",
    "550 The return path address was not found",
    "550 From address not found",
    "550 Reply-To address does not exist",
    "550 Envelope sender address does not exist",
    "550 cannot verify sender: mailbox not found",
    "550 Could not complete sender verify callout: user unknown",
    "550 5.1.0 <me@x.example>... Sender unknown",
    "550 5.7.1 Sender user unknown",
    "550 Your address <me@x.example> was not found",
    "550 Your domain does not exist",
    "550 x.example: domain does not exist (sender)",
    "550 Sending host not found",
    "550 Client host not found",
    "550 Helo name mx.x.example: host not found",
    "550 5.7.1 HELO domain does not exist",
    "550 Message-ID header was not found",
    "550 DKIM key was not found",
    "550 Bad address in From header",
    "550 5.6.0 Header From contains an invalid address",
    "550 does not accept messages with an empty subject",
    "550 This server does not accept mail from dynamic addresses",
    "550 This group does not accept messages from external senders",
    "550 The recipient does not accept mail over 10 MB",
    "550 mailbox unavailable due to maintenance",
    "550 Recipient refuses to accept your mail",
    "535 5.7.8 user not found",
    "535 Authentication failed: no such user",
    "550 From: domain x.example has no MX or A record; domain not found",
    "554 SMTP Protocol Returned a Permanent Error 554 Transaction failed",
    "550 URL in the message body does not exist",
    "550 recipient has no mailbox space",
    "554 no valid recipients",
    "554-No SMTP service 554-Bad DNS PTR resource record.",
    "550 This message scored 17.3 spam points.",
    "550 El buzón del destinatario está lleno",
    "550 Il mittente non è autorizzato",
    "550 5.2.1 Le compte du destinataire est bloque. The recipient account isblocked.",
    "550 5.7.1 Mail from unknown user denied",
    "550 Your sending IP has no such host name",
    "550 5.7.1 host unknown: your hostname does not resolve",
    "550 Blocked: message from an invalid address",
    "550 5.7.1 Message rejected: URL domain does not exist",
    "550 5.7.1 Invalid Message-ID: domain not found",
    "550 Your email account does not exist on this server, so you cannot send",
    "553 sorry, your mailserver has no such domain (#5.7.1)",
    "550 5.5.3 Too many unknown users; closing",
    "550 link in message points to a domain that does not exist",
    "550 List-Unsubscribe address does not exist",
    "554 The sending server's domain does not exist",
    "550 MAIL FROM: no such user here",
    "550 mailfrom domain not found",
    "550 Originator's address does not exist",
    "550 rejected: the author's address does not exist",
    "550 5.7.1 invalid From: user unknown at x.example",
    "550 Cannot verify the address you are sending from: user unknown",
    "550 the bounce address was not found",
    "550 Postmaster of x.example does not exist",
    "550 not in whitelist: no such account",
    "550 5.7.1 domain x.example is not known to be yours: unknown domain",
    "550 source domain does not exist",
    "550 client name does not exist",
    "550 remote host unknown, access denied",
    "550 peer unknown: unknown host",
    "550 connecting host not found in DNS",
    "550 Requested action not taken: mailbox unavailable invalid DNS MX or A/AAAA resource record",
    "554 30 Sorry, your message cannot be delivered. This mailbox is disabled (554.30).",
    "550 5.2.122 The recipient has exceeded their limit for the number of messages they can receive per hour",
)

_OF_THE_RECIPIENT = (
    "550 The recipient may contain a non-existent account, please check the recipient address.",
    "550 5.1.1 User unknown, message returned to sender",
    "550 5.1.1 User Unknown. Please contact sender's administrator",
    "550 Your message to x@d.example was not delivered: user unknown",
    "550 5.1.1 The address you sent to does not exist",
    "550 5.1.1 Your recipient does not exist",
    "550 5.1.1 Recipient unknown. Please check your address book",
    "550 Message was not accepted -- invalid mailbox. Local mailbox x@d.example is unavailable: user not found",
    "550 an MX or SRV record indicated no SMTP service",
    "550 L'utilisateur n'existe pas",
    "550 Der Empfänger existiert nicht",
    "550 Ontvanger bestaat niet",
    "550 Destinatário inexistente",
    "550 Mottagaren finns inte",
    "550 Modtageren findes ikke",
    "550 Tuntematon vastaanottaja",
    "550 Ο παραλήπτης δεν υπάρχει",
    "550 Alıcı bulunamadı",
    "550 A címzett nem létezik",
    "550 Utilizatorul nu există",
    "550 Nie ma takiego użytkownika",
    "550 Příjemce neexistuje",
    "550 Почтовый ящик не существует",
    "550 Користувача не знайдено",
    "550 收件人地址不存在",
)


@pytest.mark.parametrize("reply", _OF_OTHERS)
def test_blame_of_anything_else_gives_no_address_up(reply: str) -> None:
    assert [notice.hard for report in reports(reply) for notice in read(report)] == [False, False]


@pytest.mark.parametrize("reply", _OF_THE_RECIPIENT)
def test_blame_of_the_recipient_does(reply: str) -> None:
    assert [notice.hard for report in reports(reply) for notice in read(report)] == [True, True]


@pytest.mark.parametrize(
    ("intro", "subject"),
    [
        ("Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Verteilerlisten:", "Unzustellbar: hi"),
        ("Échec de la remise aux destinataires suivants ou aux listes de distribution :", "Non remis : hi"),
        ("No se pudo entregar el mensaje a los siguientes destinatarios:", "No se puede entregar: hi"),
        ("Recapito non riuscito ai seguenti destinatari o liste di distribuzione:", "Non recapitabile: hi"),
        ("Сбой доставки следующим получателям или спискам рассылки:", "Не удается доставить: hi"),
        ("次の受信者または配布リストへの配信に失敗しました:", "配信不能: hi"),
        ("다음 받는 사람 또는 메일 그룹에게 배달하지 못했습니다.", "배달되지 않음: hi"),
    ],
)
def test_exchange_in_words_only(intro: str, subject: str) -> None:
    text = (
        f"{intro}\n\nx@d.example\n\nDiagnostic information for administrators:\n\nGenerating server: mx.d.example\n\n"
        "x@d.example\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n\nOriginal message headers:\n\nTo: y@e"
    )
    mail = plain(text, "Return-Path: <>\n", "Microsoft Exchange <postmaster@mx.d.example>")
    notice = only(mail.replace(b"failure notice", subject.encode()))
    assert (notice.recipient, notice.status, notice.hard) == ("x@d.example", "5.1.1", True)


@pytest.mark.parametrize(
    ("kind", "why", "told"),
    [
        ("Permanent", "NoEmail", ("5.0.911", "userunknown", True)),
        ("Permanent", "Suppressed", ("5.0.911", "userunknown", True)),
        ("Transient", "MailboxFull", ("4.0.922", "mailboxfull", False)),
        ("Transient", "General", ("4.0.901", "onhold", False)),
    ],
)
def test_amazon_by_its_types_alone(kind: str, why: str, told: tuple[str, str, bool]) -> None:
    bounce = {"bounceType": kind, "bounceSubType": why, "bouncedRecipients": [{"emailAddress": "a@d.example"}]}
    body = json.dumps({"notificationType": "Bounce", "bounce": bounce})
    notice = only(f"From: no-reply@sns.amazonaws.com\nSubject: AWS\n\n{body}".encode())
    assert (notice.status, notice.reason, notice.hard) == told
    assert notice.diagnosis == f"{kind} {why}"


def test_a_refusal_from_a_mail_server_in_any_language() -> None:
    text = "Tuote ei saapunut perille:\n\n<x@d.example>: 550 5.1.1 Tuntematon vastaanottaja\n"
    notice = only(plain(text).replace(b"failure notice", b"Virhe"))
    assert (notice.kind, notice.recipient, notice.hard) == (Kind.BOUNCE, "x@d.example", True)
    assert only(plain(text, sender="ann@d.example").replace(b"failure notice", b"Virhe")).kind is Kind.OTHER


def test_late_is_not_failed() -> None:
    """Some write a code of class 5 while they still try."""
    notice = only(dsn("Final-Recipient: rfc822; a@d.example\nAction: delayed\nStatus: 5.1.1"))
    assert (notice.status, notice.hard, notice.suppress) == ("5.1.1", False, False)


def test_a_domain_that_google_does_not_find() -> None:
    said = "DNS Error: 1 DNS type 'mx' lookup of d.example responded with code {}"
    fields = "Final-Recipient: rfc822; a@d.example\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; " + said
    found = [only(dsn(fields.format(code))) for code in ("NXDOMAIN", "SERVFAIL")]
    assert [(notice.reason, notice.hard) for notice in found] == [("hostunknown", True), ("networkerror", False)]


def test_a_stated_code_outdoes_a_vaguer_one_in_the_text() -> None:
    fields = "Final-Recipient: rfc822; a@d.example\nAction: failed\nStatus: 4.4.7\n"
    said = "Diagnostic-Code: smtp; 550 4.4.7 Message expired.<421 4.4.0 Unable to lookup DNS for d.example>"
    assert only(dsn(fields + said)).status == "4.4.7"


def test_the_fields_of_a_report_in_a_part_of_text() -> None:
    """The recipient is the report's, never the first of the returned mail."""
    data = dsn("Final-Recipient: rfc822; a@d.example\nAction: failed\nStatus: 5.1.1")
    notice = only(data.replace(b"message/delivery-status", b"text/plain"))
    assert (notice.recipient, notice.status) == ("a@d.example", "5.1.1")


@pytest.mark.parametrize(("to", "recipient"), [("a@d.example", "a@d.example"), ("a@d.example, b@d.example", "")])
def test_of_several_recipients_nobody_knows_which_failed(to: str, recipient: str) -> None:
    data = (
        "From: MAILER-DAEMON@mx.example\nTo: me@x.example\nSubject: failure notice\n"
        'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\n550 5.1.1 user unknown, not delivered\n'
        f"--b\nContent-Type: message/rfc822\n\nTo: {to}\n\nhi\n--b--\n"
    )
    assert only(data.encode()).recipient == recipient


@pytest.mark.parametrize(
    ("line", "recipient"),
    [("'o'neill@d.example' on 1/1/2024 10:00 AM", "o'neill@d.example"), ("收件人（x@d.example）", "x@d.example")],
)
def test_marks_around_an_address_are_not_its_own(line: str, recipient: str) -> None:
    text = f"Your message did not reach the following recipient:\n\n      {line}\n550 User unknown\n"
    assert only(plain(text, "Return-Path: <>\n")).recipient == recipient


_SUBJECTS = """
Abwesend: hi | Fuera de la oficina: hi | Fuori sede: hi | Afwezigheidsbericht: hi | Resposta automática: hi |
Automatyczna odpowiedź: hi | Autosvar: hi | Automatiskt svar: hi | Automatisk svar: hi | Poissa: hi |
Automaattinen vastaus: hi | Автоматический ответ: hi | Автоответ: hi | Автоматична відповідь: hi |
Automatická odpověď: hi | Automatikus válasz: hi | Răspuns automat: hi | Otomatik yanıt: hi |
Αυτόματη απάντηση: hi | 自動返信: hi | 自动答复: hi | 自動回覆: hi | 자동 회신: hi | AW: Abwesend |
תשובה אוטומטית: hi | رد تلقائي: hi | Trả lời tự động: hi | Automatic vacation reply: hi
"""


@pytest.mark.parametrize("subject", [subject.strip() for subject in _SUBJECTS.split("|")])
def test_automatic_answers_by_their_subject(subject: str) -> None:
    body = "Postmaster says: 550 5.1.1 user unknown, your message was not delivered."
    notice = only(f"From: Eva <x@d.example>\nTo: me@x.example\nSubject: {subject}\n\n{body}".encode())
    assert (notice.kind, notice.recipient) == (Kind.AUTO_REPLY, "x@d.example")
