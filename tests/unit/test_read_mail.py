# ruff: noqa: E501 - texts as they stand in mails and on paper
"""A mail becomes a Reading: whose it is, what its sender wrote, what came with it; whatever the bytes."""

import contextlib
import time
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.reference import SAMPLE_KEY, PageCode, encode_page
from config.vocabulary import DocumentKind
from parsers.errors import DamagedFile, LimitExceeded, ParseError
from parsers.message import read_mail
from parsers.options import ReadOptions
from parsers.reading import Answer, Box, Document, Page, Reading

OPTIONS = ReadOptions(keys=(SAMPLE_KEY,), reply_address="referrals@clinic.example", zone="America/New_York")


def a_token() -> str:
    from config.reference import mint_number

    return encode_page(PageCode(1, mint_number([4, 5, 6, 7, 8, 9, 10]), 2, 0, 0), SAMPLE_KEY)


def two_pages(data: bytes, name: str) -> Reading:
    """A stand-in for the page reader: every attachment has two pages and one document on the second."""
    box = Box(1, 0.1, 0.1, 0.1, 0.1)
    from config.vocabulary import AnswerId

    document = Document((0, 1), DocumentKind.CONFIRMATION, 0.9, answers={AnswerId.RECEIVED: Answer(True, 0.99, box)})
    return Reading("application/pdf", (Page(0), Page(1)), (document,))


def a_mail(body: str = "", subject: str = "Re: Referral", html: str = "", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Front Desk <desk@heart.example>"
    mail["To"] = "referrals@clinic.example"
    mail["Subject"] = subject
    mail["Date"] = "Fri, 20 Nov 2026 10:00:00 -0500"
    mail["Message-ID"] = "<abc@heart.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(body)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def read(mail: EmailMessage | bytes) -> Reading:
    return read_mail(mail if isinstance(mail, bytes) else mail.as_bytes(), OPTIONS, two_pages)


def test_a_reply_in_the_body_is_read_without_quote_signature_and_disclaimer() -> None:
    body = (
        "Hi,\n\nWe can see Maria Garcia (DOB 3/4/1961) Thurs the 3rd at 2:30.\n\nThanks,\nKim Doe\nHeart Clinic\n"
        "555-123-4567\n\nCONFIDENTIALITY NOTICE: This e-mail is intended only for the addressee.\n\n"
        "On Thu, Nov 19, 2026 at 9:00 AM Clinic <referrals@clinic.example>\nwrote:\n> Patient: John Other\n> DOB 1/1/1950\n"
    )
    reading = read(a_mail(body))
    [document] = reading.documents
    assert document.kind is DocumentKind.APPOINTMENT_NOTICE
    assert document.appointment is not None
    assert document.appointment.at.isoformat() == "2026-12-03T14:30:00"
    assert [(one.family, one.given) for one in document.people] == [("Garcia", "Maria")]
    assert "Other" not in document.text
    assert "CONFIDENTIAL" not in document.text
    assert {one.name: one.value for one in document.fields}["signer"] == "Kim Doe"


def test_html_is_read_as_seen() -> None:
    html = (
        "<html><head><style>p{color:red}</style></head><body><p>Pt <b>no-showed</b> today.</p>"
        "<script>alert('x')</script><div style='display:none'>Patient: Eve Hidden</div>"
        "<blockquote><p>Patient: John Other</p></blockquote></body></html>"
    )
    mail = a_mail("See HTML", html=html)
    [document] = read(mail).documents
    assert document.text == "Pt no-showed today."
    assert document.kind is DocumentKind.NO_SHOW


def test_a_forwarded_mail_is_its_forwarded_text() -> None:
    body = (
        "FYI\n\n---------- Forwarded message ---------\nFrom: Desk <d@h.example>\nDate: Fri, Nov 20, 2026\n"
        "Subject: Garcia\nTo: <x@y.example>\n\nUnfortunately we are not accepting new patients.\n"
    )
    [document] = read(a_mail(body, subject="Fwd: Garcia")).documents
    assert document.kind is DocumentKind.DECLINE
    assert "not accepting" in document.text


def test_outlook_headers_end_the_senders_words() -> None:
    body = (
        "Please send recent labs before we can schedule.\n\nFrom: Clinic <r@clinic.example>\nSent: Thursday\n"
        "To: Desk\nSubject: Referral\n\nPatient: John Other"
    )
    [document] = read(a_mail(body)).documents
    assert document.kind is DocumentKind.INFORMATION_REQUEST
    assert "Other" not in document.text
    assert "labs" in {one.name: one.value for one in document.fields}["missing_items"]


def test_tokens_count_only_when_their_mac_holds() -> None:
    token = a_token()
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")
    plus = f"referrals+{token.lower()}@clinic.example"
    mail = a_mail("ok", Delivered_To=plus, X_Original_To=f"referrals+{forged}@clinic.example")
    reading = read(mail)
    assert reading.mail is not None
    assert reading.mail.tokens == (token,)
    reading = read(a_mail("ok", X_Referloop_Reference=forged))
    assert reading.mail is not None
    assert reading.mail.tokens == ()
    on_paper = encode_page(PageCode(1, token[4:12], 2, 1, 3), SAMPLE_KEY)
    reading = read(a_mail("ok", X_Referloop_Reference=on_paper))
    assert reading.mail is not None
    assert reading.mail.tokens == ()


def test_threads_are_newest_first() -> None:
    reading = read(a_mail("ok", In_Reply_To="<c@x>", References="<a@x> <b@x> <c@x>"))
    assert reading.mail is not None
    assert reading.mail.in_reply_to == ("c@x", "b@x", "a@x")
    assert reading.mail.message_id == "abc@heart.example"
    assert reading.mail.sender == "desk@heart.example"


def test_attachments_are_read_and_their_pages_numbered_on() -> None:
    mail = a_mail("see attached")
    mail.add_attachment(b"%PDF-1.4 one", maintype="application", subtype="pdf", filename="../../etc/one\u202e.pdf")
    mail.add_attachment(
        b"%PDF-1.4 two", maintype="application", subtype="pdf", disposition="inline", filename="two.pdf"
    )
    reading = read(mail)
    assert [page.index for page in reading.pages] == [0, 1, 2, 3]
    assert [document.pages for document in reading.documents] == [(0, 1), (2, 3)]
    assert [document.attachment for document in reading.documents] == ["one.pdf", "two.pdf"]
    boxes = [answer.box for answer in reading.documents[1].answers.values()]
    assert boxes[0] is not None
    assert boxes[0].page == 3


def test_a_logo_is_no_document_and_is_not_forgotten() -> None:
    mail = a_mail("The referral was received, we will call the patient.")
    mail.add_attachment(
        b"\x89PNG" + b"0" * 900, maintype="image", subtype="png", disposition="inline", filename="logo.png"
    )
    [document] = read(mail).documents
    assert {one.name: one.value for one in document.fields}["small_images"] == "logo.png"


def test_an_attachment_that_cannot_be_read_leaves_the_rest() -> None:
    def damaged(data: bytes, name: str) -> Reading:
        raise DamagedFile("broken")

    mail = a_mail("Pt no-showed today.")
    mail.add_attachment(b"x", maintype="application", subtype="pdf", filename="a.pdf")
    reading = read_mail(mail.as_bytes(), OPTIONS, damaged)
    assert reading.error == "a.pdf: broken"
    assert [document.kind for document in reading.documents] == [DocumentKind.NO_SHOW]


def test_an_empty_attachment_is_not_passed_over() -> None:
    given: list[tuple[bytes, str]] = []

    def empty(data: bytes, name: str) -> Reading:
        given.append((data, name))
        raise DamagedFile("the file is empty")

    mail = a_mail("Our note is attached.")
    mail.add_attachment(b"", maintype="application", subtype="pdf", filename="note.pdf")
    assert read_mail(mail.as_bytes(), OPTIONS, empty).error == "note.pdf: the file is empty"
    assert given == [(b"", "note.pdf")]


def test_an_invitation_is_an_appointment() -> None:
    mail = a_mail("Invitation", subject="Invitation: visit")
    invite = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nDTSTART:20261203T191500Z\r\nSUMMARY:Visit Maria Garcia\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    mail.add_attachment(invite.encode(), maintype="text", subtype="calendar", filename="invite.ics")
    [document] = read(mail).documents
    assert document.appointment is not None
    assert document.appointment.at.isoformat() == "2026-12-03T14:15:00"
    assert document.kind is DocumentKind.APPOINTMENT_NOTICE


def test_winmail_is_a_doubt() -> None:
    mail = a_mail("see attached")
    mail.add_attachment(b"\x78\x9f\x3e\x22", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    [document] = read(mail).documents
    assert "winmail.dat" in document.doubts[0]


def test_two_senders_are_a_doubt() -> None:
    raw = a_mail("Pt no-showed").as_bytes()
    [document] = read(b"From: evil@x.example\r\n" + raw).documents
    assert document.doubts == ("the mail names more than one sender",)


DSN = b"""From: MAILER-DAEMON@mx.example
To: referrals@clinic.example
Subject: Undelivered Mail Returned to Sender
Return-Path: <>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I'm sorry. Your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; desk@heart.example
Action: %ACTION%
Status: %STATUS%

--B
Content-Type: message/rfc822

Message-ID: <tx-77@clinic.example>
Subject: Referral
From: referrals@clinic.example

--B--
"""


@pytest.mark.parametrize(("action", "status", "permanent"), [("failed", "5.1.1", True), ("delayed", "4.4.1", False)])
def test_a_delivery_report_names_whose_mail_failed(action: str, status: str, permanent: bool) -> None:
    reading = read(DSN.replace(b"%ACTION%", action.encode()).replace(b"%STATUS%", status.encode()))
    assert reading.mail is not None
    assert reading.mail.bounced_message_ids == ("tx-77@clinic.example",)
    assert reading.mail.bounced_recipients == ("desk@heart.example",)
    assert reading.mail.bounce_is_permanent is permanent
    assert reading.mail.is_auto_reply is False
    assert [document.kind for document in reading.documents] == [DocumentKind.BOUNCE]


def test_a_delivery_receipt_is_no_bounce() -> None:
    reading = read(DSN.replace(b"%ACTION%", b"delivered").replace(b"%STATUS%", b"2.0.0"))
    assert reading.documents[0].kind is not DocumentKind.BOUNCE


def test_a_free_form_bounce_is_recognised() -> None:
    body = (
        "Hi. This is the qmail-send program.\n<desk@heart.example>:\n550 5.1.1 user unknown\n\n"
        "--- Below this line is a copy of the message.\n\nMessage-ID: <tx-9@clinic.example>\n"
    )
    mail = a_mail(body, subject="failure notice", Return_Path="<>")
    mail.replace_header("From", "MAILER-DAEMON@mx.example")
    reading = read(mail)
    assert reading.mail is not None
    assert reading.mail.bounced_message_ids == ("tx-9@clinic.example",)
    assert reading.mail.bounced_recipients == ("desk@heart.example",)
    assert reading.mail.bounce_is_permanent is True


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"X_Autoreply": "yes"}, {"Precedence": "auto_reply"}],
)
def test_machines_answers_are_auto_replies(headers: dict[str, str]) -> None:
    reading = read(a_mail("I am away until Monday.", **headers))
    assert [document.kind for document in reading.documents] == [DocumentKind.AUTO_REPLY]


def test_a_machines_notice_of_an_appointment_is_no_auto_reply() -> None:
    mail = a_mail(
        "The appointment is scheduled for 12/3/2026 at 2 pm.", subject="Appointment", Auto_Submitted="auto-generated"
    )
    assert read(mail).documents[0].kind is DocumentKind.APPOINTMENT_NOTICE


def hostile() -> dict[str, bytes]:
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(2000)
    )
    rfc822 = b"Content-Type: message/rfc822\r\n\r\n" * 2000
    parts = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * 100_000
    split_name = parts.replace(b'boundary="b"', b'boundary*0="b"')
    report = b"Content-Type: message/delivery-status\r\n\r\n" + b"A: b\r\n\r\n" * 100_000
    return {
        "subject": b"Subject: " + b"=?utf-8?q?x?= " * 60_000 + b"\r\n\r\nbody",
        "from list": b"From: " + b"a@b.example, " * 42_000 + b"\r\n\r\nbody",
        "nested": nested,
        "nested mails": rfc822,
        "parts": parts,
        "parts under a split boundary": split_name,
        "report": report,
    }


@pytest.mark.parametrize("name", sorted(hostile()))
def test_a_hostile_mail_is_refused_before_it_is_parsed(name: str) -> None:
    started = time.monotonic()
    with pytest.raises(LimitExceeded):
        read(hostile()[name])
    assert time.monotonic() - started < 2


def test_thirty_one_levels_are_too_deep() -> None:
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(35)
    )
    with pytest.raises(LimitExceeded):
        read(nested)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"Subject: =?x-unknown?b?////?=\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe no-showed",
        b"Subject: =?utf-8?b?!!!!?=\r\n\r\nhi",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!notbase64!!",
        b"Date: Fri, 99 Foo 20266 25:61:61 +9999\r\nFrom: \r\n\r\nhi",
        b"Content-Disposition: attachment; filename*=utf-16''%ff%fe\r\nContent-Type: application/pdf\r\n\r\nx",
        b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644\r\n\x00\x01garbage\r\n",
    ],
)
def test_odd_bytes_are_read_as_far_as_they_go(raw: bytes) -> None:
    assert read(raw).mail is not None


_LINES = st.sampled_from(
    [
        b"From: a@b.example", b"Subject: =?utf-8?q?=41?=", b"Content-Type: multipart/mixed; boundary=b", b"--b", b"--b--", b"",
        b"Content-Type: text/html", b"Content-Type: message/rfc822", b"Content-Type: message/delivery-status", b"<p>x</div><!",
        b"Content-Transfer-Encoding: base64", b"On Fri wrote:", b"> q", b"Content-Type: text/calendar", b"BEGIN:VEVENT",
        b"DTSTART:99999999T999999Z", b"END:VEVENT", b"Content-Disposition: inline; filename=\"x\"", b"Date: x", b"\xff\x00",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(_LINES, st.binary(max_size=30)), max_size=40))
def test_no_bytes_raise_anything_but_our_own_errors(lines: list[bytes]) -> None:
    with contextlib.suppress(ParseError):
        read(b"\r\n".join(lines))
