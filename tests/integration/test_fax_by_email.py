"""Faxes through a service that is written to by mail: what it is sent, and what its own mails do to the packet."""

import email
import email.policy
from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from config.reference import format_number
from config.vocabulary import Channel
from gateway.domain.arrival import Part, PartState
from gateway.domain.referral import Status
from gateway.domain.transmission import Purpose, TransmissionState
from gateway.services import ending
from gateway.services.record_delivery import RecordDelivery
from gateway.testing import memory_store
from outbound.carriers.fax_by_email import FaxByEmail, FaxService
from outbound.sender import Accepted
from parsers.read import read
from tests.builders import NOON
from tests.contract.rigs import attachments, commit_nothing, dots, tiff_packet
from tests.integration.mail_server import Mailroom, mail_server
from tests.rigs.reading_desk import NUMBER as NUMBER_OF_THE_FIRST
from tests.rigs.reading_desk import OPTIONS, RULES, ReadingDesk

NUMBER = "+15085550101"
T = TransmissionState
SERVICE = "results.sinch.example"

SINCH_SENT = f"A fax you sent to: {NUMBER} was sent successfully.\nNumber of pages: 2\nThanks!"
SINCH_FAILED = f"A fax you sent to: {NUMBER} was not sent successfully.\nNumber of retries: 3\nThanks!"
YES = {
    "sinch": ("Fax sent", SINCH_SENT),
    "plain": (
        "Successful fax to (508) 555-0101",
        "Your fax was successfully sent to 1-508-555-0101 (2 pages).",
    ),
    "terse": ("Fax to 15085550101 delivered", "Status: delivered"),
}
NO = {
    "sinch": ("Fax failed", SINCH_FAILED),
    "busy": ("Fax to 508-555-0101", "We could not deliver your fax to 508-555-0101: line was busy."),
    "unsuccessful": ("Unsuccessful fax", "Your fax to +1 (508) 555-0101 has not been sent. 0 of 2 pages were sent."),
}
NEITHER = {
    "queued": ("Fax queued", f"Your fax to {NUMBER} has been accepted and will be sent shortly."),
    "received": ("New fax", f"You have received a new fax from {NUMBER}."),
}


def a_mail(told: tuple[str, str], sender: str = f"Fax <no-reply@{SERVICE}>") -> bytes:
    subject, text = told
    return (
        f"From: {sender}\r\nTo: referrals@clinic.example\r\nSubject: {subject}\r\nMessage-ID: <r-{hash(text)}@x>\r\n"
        f"Date: Mon, 02 Mar 2026 07:10:00 -0500\r\nContent-Type: text/plain\r\n\r\n{text}\r\n"
    ).encode()


class Desk:
    """A referral whose packet was mailed to the service."""

    def __init__(self, desk: ReadingDesk) -> None:
        self.desk = desk
        self.row = self.send(desk.referral_id)

    def send(self, referral_id: int) -> int:
        with self.desk.store.transaction() as tx:
            number = sum(len(tx.transmissions_of(r.id)) for r in tx.referrals())
            row = tx.intend_transmission(
                referral_id=referral_id,
                purpose=Purpose.REQUEST,
                channel=Channel.FAX,
                destination=NUMBER,
                key=f"fax-{number}",
                requested_by="system",
                at=NOON,
            )
            sending = replace(row, state=T.SENDING, carrier="email", pages=2)
            tx.save_transmission(sending, T.INTENDED, None)
            ending.accepted(tx, RULES, sending, f"<{row.key}@clinic.example>", NOON)
        return row.id

    def take(self, mail: bytes) -> Part:
        options = replace(OPTIONS, fax_services=("sinch.example",))
        return self.desk.take_reading(read(mail, "it", options), Channel.EMAIL)[0]

    def state(self, row: int | None = None) -> TransmissionState:
        with self.desk.store.transaction() as tx:
            return tx.transmission(row or self.row).state


@pytest.fixture
def desk() -> Generator[Desk]:
    store = memory_store()
    yield Desk(ReadingDesk.with_a_mail_sent(store))
    store.close()


@pytest.mark.parametrize("told", sorted(YES))
def test_the_services_yes_is_the_delivery(desk: Desk, told: str) -> None:
    assert desk.take(a_mail(YES[told])).state is PartState.FILED
    assert desk.state() is T.DELIVERED
    assert desk.desk.referral().status is Status.DELIVERED


@pytest.mark.parametrize("told", sorted(NO))
def test_the_services_no_is_a_failure_that_it_has_retried_itself(desk: Desk, told: str) -> None:
    assert desk.take(a_mail(NO[told])).state is PartState.FILED
    assert desk.state() is T.FAILED
    with desk.desk.store.transaction() as tx:
        faxed = [t for t in tx.transmissions_of(desk.desk.referral_id) if t.channel is Channel.FAX]
        assert len(faxed) == 1, "not dialled again by us"
        assert [task.kind.value for task in tx.tasks()] == ["fix_destination"]


@pytest.mark.parametrize("told", sorted(NEITHER))
def test_what_is_neither_leaves_it_accepted(desk: Desk, told: str) -> None:
    desk.take(a_mail(NEITHER[told]))
    assert desk.state() is T.ACCEPTED


def test_a_fax_that_the_service_sends_on_is_read_whatever_words_are_around_it(desk: Desk) -> None:
    """Or a patient's note would be lost behind "has been delivered"."""
    head = f"From: Fax <no-reply@{SERVICE}>\r\nSubject: Fax from {NUMBER} has been delivered\r\nMIME-Version: 1.0\r\n"
    kind = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    body = f"--b\r\nContent-Type: text/plain\r\n\r\nA fax from {NUMBER} was successfully delivered to you.\r\n"
    note = "Content-Disposition: attachment; filename=fax.txt\r\n\r\nConsult note of Maria Okafor, born 04/23/1961.\r\n"
    desk.take(f"{head}{kind}{body}--b\r\nContent-Type: text/plain\r\n{note}--b--\r\n".encode())
    assert desk.state() is T.ACCEPTED
    with desk.desk.store.transaction() as tx:
        (item,) = tx.queue()
        reading = tx.reading_of(item.arrival.id)
    assert reading is not None
    assert any("Okafor" in document.text for document in reading.documents)


@pytest.mark.parametrize("sender", ["no-reply@evil.example", "x@notsinch.example", "x@sinch.example.evil.example"])
def test_only_the_domains_in_the_settings_are_heard(desk: Desk, sender: str) -> None:
    desk.take(a_mail(YES["plain"], sender))
    assert desk.state() is T.ACCEPTED


def test_two_faxes_that_wait_at_one_number_are_told_apart_by_the_referral_or_by_a_person(desk: Desk) -> None:
    other = desk.desk.also_open("Quist", "Ada")
    second = desk.send(other.id)
    assert desk.take(a_mail(YES["plain"])).state is PartState.REVIEW
    assert (desk.state(), desk.state(second)) == (T.ACCEPTED, T.ACCEPTED)
    subject, text = YES["plain"]
    part = desk.take(a_mail((f"Re: Referral {format_number(NUMBER_OF_THE_FIRST)}: {subject}", text)))
    assert part.state is PartState.FILED, part.reason
    assert (desk.state(), desk.state(second)) == (T.DELIVERED, T.ACCEPTED)


async def test_a_service_that_stays_silent_leaves_it_uncertain_and_a_late_word_settles_it(
    desk: Desk, tmp_path: Path
) -> None:
    clock = desk.desk.clock
    service = FaxService("{number}@fax.example", "x", NUMBER)
    async with mail_server(tmp_path, Mailroom()) as listening:
        senders = {Channel.FAX: FaxByEmail(service, listening.account)}
        delivery = RecordDelivery(desk.desk.store, clock, RULES, senders)
        assert await delivery.poll() == 0
        clock.advance(RULES.carrier_patience + timedelta(seconds=1))
        assert await delivery.poll() == 1
    assert desk.state() is T.UNCERTAIN
    desk.take(a_mail(YES["plain"]))
    assert desk.state() is T.DELIVERED
    with desk.desk.store.transaction() as tx:
        assert tx.tasks() == []


async def test_the_service_gets_the_pages_the_number_and_no_patient(tmp_path: Path) -> None:
    room = Mailroom()
    async with mail_server(tmp_path, room) as listening:
        carrier = FaxByEmail(FaxService("{digits}@fax.example", "{own_number}", "+15085550100"), listening.account)
        packet = tiff_packet(tmp_path, 2)
        outcome = await carrier.submit(packet, NUMBER, "k-1", commit_nothing)
    assert isinstance(outcome, Accepted)
    (envelope,) = room.received
    assert envelope.rcpt_tos == ["15085550101@fax.example"]
    assert isinstance(envelope.content, bytes)
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert message["Subject"] == "+15085550100"
    text = message.get_body(("plain",))
    assert text is not None
    assert text.get_content().strip() == "Please fax the attached PDF."
    assert [dots(pdf) for pdf in attachments(room)] == [dots(packet.path.read_bytes())]
    assert not packet.path.with_suffix(".fax.pdf").exists()
