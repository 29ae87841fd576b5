# ruff: noqa: E501 - texts as services write them
"""A fax that a service sends on by mail is the caller's, and the service's words are nobody's answer."""

from email.message import EmailMessage

import pytest

from config.vocabulary import Channel, DocumentKind
from gateway.domain.arrival import Arrival, ArrivalState
from gateway.services.claims import evidence_of
from parsers.message import read_mail
from parsers.options import ReadOptions
from parsers.reading import Document, Page, Reading
from tests.builders import NOON, SHA, an_envelope

CALLER = "+15085550101"
OURS = "(617) 555-0199"
SERVICES: dict[str, tuple[str, str, str]] = {
    "eFax": ("eFax <message@inbound.efax.com>", "eFax message from \"HARBOR CARDIOLOGY\" - 3 page(s), Caller-ID: 1-508-555-0101", "You have received a 3 page fax at 2026-11-20 09:14:22 EST.\n\n* The reference number for this fax is atl_did1-1604943259-16175550199-31.\n\nView this fax using your PDF reader. Please visit www.efax.com/en/help if you have any questions regarding this message or your service.\n\nThank you for using the eFax service!"),
    "eFax Corporate": ("eFax Corporate <message@inbound.efaxcorporate.com>", "eFax from 15085550101 - 3 page(s)", "You have received a 3 page fax from 15085550101."),
    "RingCentral": ("RingCentral <notify@ringcentral.com>", "New Fax Message from (508) 555-0101 on 11/20/2026 9:14 AM", f"You Have a New Fax Message\n\nFrom: (508) 555-0101\nReceived: Friday, November 20, 2026 at 9:14 AM\nPages: 3\nTo: {OURS}\n\nTo view this message, open the attachment or log in to your RingCentral account."),
    "Concord": ("Concord Fax <noreply@concordfax.com>", "Fax Received: 3 pages from 5085550101", f"A new fax has been received.\nCaller ID: 5085550101\nRemote CSID: HARBOR CARD\nCalled Number: {OURS}\nTotal pages: 3"),
    "SRFax": ("SRFax <no-reply@srfax.com>", "Fax Received from 508-555-0101 - 3 Page(s)", f"You have received a fax.\nFrom Fax Number: 508-555-0101\nRemote ID: 508 555 0101\nTo: {OURS}\nPages: 3\nDate: Nov 20/26 09:14 AM"),
    "MyFax": ("MyFax <NoReply@myfax.com>", "MyFax message from 15085550101 - 3 page(s)", "You have received a 3 page fax from 1-508-555-0101."),
    "HelloFax": ("HelloFax <noreply@hellofax.com>", "You've received a fax from +1 508-555-0101", "You've received a 3 page fax from +1 508-555-0101. It is attached."),
    "Vonage": ("Vonage <no-reply@vonage.com>", "New fax from 1 (508) 555-0101", f"You have a new fax.\nFrom: 1 (508) 555-0101\nTo: {OURS}\nPages: 3"),
    "Faxage": ("FAXAGE <donotreply@faxage.com>", "Fax received at 617-555-0199 from 508-555-0101", f"CID: 508-555-0101\nTSID: HARBOR CARDIO\nDNIS: {OURS}\nPages: 3"),
    "Medfax": ("MedFax <fax@medfax.net>", "Incoming fax: 3 pages", f"Caller ID: (508) 555-0101\nTo: {OURS}\nPages: 3"),
    "Nextiva": ("vFAX <faxes@nextivafax.com>", "Inbound Fax from 5085550101", f"Date/Time: 11/20/2026 9:14\nFrom: 5085550101\nTo: {OURS}\nNumber of Pages: 3"),
    "a hospital's own": ("Fax Server <fax@hospital.example>", "Fax from +15085550101 (HARBOR)", f"Caller ID: +15085550101\nFax line: {OURS}\nPages: 3"),
    "Documo": ("mFax <notifications@documo.com>", "New fax received from (508) 555-0101", f"Sender: (508) 555-0101\nRecipient: {OURS}\nPages: 3\nStatus: received"),
    "Updox": ("Updox <noreply@updox.com>", "New fax: 3 pages from 508.555.0101", "You have a new fax from 508.555.0101."),
    "Sfax": ("Sfax <notify@sfaxme.com>", "Fax received from 15085550101", "Fax From: 15085550101 | CSID: HARBOR | Pages: 3"),
}  # fmt: skip


def three_pages(data: bytes, name: str) -> Reading:
    return Reading(
        "application/pdf", (Page(0), Page(1), Page(2)), (Document((0, 1, 2), DocumentKind.CONSULT_NOTE, 0.95),)
    )


def a_fax_mail(sender: str, subject: str, body: str, *, is_attached: bool = True) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "referrals@clinic.example", subject
    mail["Date"] = "Fri, 20 Nov 2026 10:00:00 -0500"
    mail.set_content(body)
    if is_attached:
        mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="octet-stream", filename="FAX_20261120.pdf")
    return mail


def read(mail: EmailMessage) -> Reading:
    return read_mail(mail.as_bytes(), ReadOptions(zone="America/New_York"), three_pages)


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_the_sender_is_the_caller_and_the_document_is_the_fax(service: str) -> None:
    reading = read(a_fax_mail(*SERVICES[service]))
    assert reading.mail is not None
    assert reading.mail.is_fax
    assert reading.mail.fax_caller == CALLER
    assert not reading.mail.fax_is_partial
    assert [document.attachment for document in reading.documents] == ["FAX_20261120.pdf"]
    assert reading.documents[0].doubts == ()
    arrival = Arrival(1, SHA, 9, an_envelope(channel=Channel.EMAIL, sender=""), NOON, ArrivalState.READ)
    assert evidence_of(arrival, reading, reading.documents[0], (), NOON).sender == CALLER


@pytest.mark.parametrize(
    "told", ["1 of 3 pages received", "Pages: 1/3", "This is a partial fax.", "The fax was received with errors."]
)
def test_a_fax_that_was_cut_off_is_told(told: str) -> None:
    sender, subject, body = SERVICES["SRFax"]
    reading = read(a_fax_mail(sender, subject, f"{told}\n{body}"))
    assert reading.mail is not None
    assert reading.mail.fax_is_partial


def test_fewer_pages_than_announced_are_a_doubt() -> None:
    sender, subject, _ = SERVICES["MyFax"]
    [document] = read(a_fax_mail(sender, subject.replace("3", "7"), "You have received a 7 page fax.")).documents
    assert document.doubts == ("the fax service speaks of 7 pages, 3 came",)


def test_a_fax_that_lies_at_the_service_is_for_a_person() -> None:
    sender, subject, body = SERVICES["RingCentral"]
    [document] = read(a_fax_mail(sender, subject, body, is_attached=False)).documents
    assert "not in this mail" in document.doubts[0]


def test_a_caller_that_is_not_told_is_not_the_service() -> None:
    reading = read(
        a_fax_mail("eFax <message@inbound.efax.com>", "eFax from unknown - 3 page(s)", "You received a fax.")
    )
    assert reading.mail is not None
    assert (reading.mail.is_fax, reading.mail.fax_caller) == (True, "")


def test_an_office_that_speaks_of_faxes_is_no_service() -> None:
    body = "We received your fax. Maria Garcia is scheduled on 12/3/2026 at 2:30 pm.\n\nKim\nPhone: 508-555-0101\nFax: 508-555-0102"
    reading = read(a_fax_mail("Kim <kim@heart.example>", "Re: your fax", body))
    assert reading.mail is not None
    assert not reading.mail.is_fax
    assert reading.documents[0].appointment is not None


def test_a_report_on_a_fax_that_we_sent_is_no_arrival() -> None:
    reading = read(
        a_fax_mail(
            "eFax <send@efax.com>",
            "Successful transmission to 15085550101",
            "Your fax was successfully sent to 15085550101.",
            is_attached=False,
        )
    )
    assert reading.mail is not None
    assert not reading.mail.is_fax
