"""The loop by mail that nobody on the way can read: a clinic and an office with certificates, on Postfix and Dovecot.

The office uses OpenSSL. What it gets is locked for it and signed by the clinic; what it answers is signed by it and
locked for the clinic, which keeps it as it came.
"""

import asyncio
import hashlib
import smtplib
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from gateway.demo.office_hand import fill_in, pages_of, scan_to_pdf
from gateway.demo.offices import Act, Deed
from gateway.domain.referral import Status
from gateway.services.match_part import KEPT
from tests.rigs.clinic_mail import CLINIC, OFFICE, MailClinic, mail_clinic
from tests.rigs.dovecot import PROGRAM, Dovecot
from tests.rigs.openssl_office import Authority, Correspondent, verified
from tests.rigs.postfix import why_not
from tests.scenarios.test_clinic_mail import seen

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_not()), reason=why_not()),
    pytest.mark.skipif(not Path(PROGRAM).exists(), reason="Dovecot is not installed"),
]
BOOKED = Deed(Act.TICK_BY_MAIL, 0.0, boxes=("received", "appointment_booked"))


@pytest.fixture
def clinic(tmp_path: Path) -> Generator[MailClinic]:
    with mail_clinic(tmp_path) as opened:
        yield opened


def mails(dovecot: Dovecot, user: str) -> list[bytes]:
    """A mailbox's mails, byte for byte."""
    with replace(dovecot, user=user).session() as mailbox:
        mailbox.select("INBOX", readonly=True)
        numbers = mailbox.search(None, "ALL")[1][0].split()
        found = [mailbox.fetch(number, "(BODY.PEEK[])")[1][0] for number in numbers]
    return [one[1] for one in found if isinstance(one, tuple)]


def answer(clinic: MailClinic, mail: bytes, opened: bytes, office: Correspondent, own: Correspondent) -> None:
    """Tick the cover, scan it, sign it, lock it for the clinic, and send it."""
    (pdf,) = [part for part in message_from_bytes(opened, policy=default).walk() if part.get_content_subtype() == "pdf"]
    content = pdf.get_content()
    assert isinstance(content, bytes)
    visit = datetime.now(UTC).replace(hour=14, minute=30, second=0, microsecond=0, tzinfo=None) + timedelta(days=9)
    reply = EmailMessage()
    reply.set_content("Our answer is attached.")
    scan = scan_to_pdf([fill_in(pages_of(content)[0], BOOKED, visit, seed=7)], BOOKED, seed=7)
    reply.add_attachment(scan, maintype="application", subtype="pdf", filename="scan.pdf")
    entity = office.encrypt(office.sign(reply.as_bytes().replace(b"\n", b"\r\n")), [own.certificate])
    asked = message_from_bytes(mail, policy=default)
    head = (
        f"From: Front Desk <{OFFICE}>\r\nTo: {asked['Reply-To']}\r\nSubject: Re: {asked['Subject']}\r\n"
        f"In-Reply-To: {asked['Message-ID']}\r\nMessage-ID: <{clinic.office.prepare_id().strip('<>')}>\r\n"
    )
    with smtplib.SMTP("127.0.0.1", clinic.postfix.port, timeout=30) as postfix:
        postfix.sendmail(OFFICE, [asked["Reply-To"].addresses[0].addr_spec], head.encode() + entity)


async def test_a_referral_and_its_answer_are_signed_and_locked_on_the_way(clinic: MailClinic) -> None:
    authority = Authority.made(clinic.folder / "authority")
    own, office = authority.office(CLINIC), authority.office(OFFICE)
    smime = {"certificate": str(own.certificate), "key": str(own.key)}
    clinic.settle(clinic.dovecot.port, clinic.postfix.port, smime=smime)
    added = clinic.command("certificate", "add", str(office.certificate))
    assert "mail is encrypted until" in added.communicate(timeout=60)[0]
    async with clinic.daemon() as address:
        first, second = clinic.refer("Okafor"), clinic.refer("Winter")
        await seen(clinic, lambda _: clinic.in_office() == 2, "both packets are in the office's mailbox")
        got = {str(message_from_bytes(mail)["Message-ID"]): mail for mail in mails(clinic.dovecot, OFFICE)}
        with clinic.desk() as desk:
            packets = [got[desk.sendings(one)[0].carrier_reference] for one in (first, second)]
        opened = [verified(office.opened(packet), authority.certificate) for packet in packets]

        # The office's own signature, by the certificate on file.
        await asyncio.to_thread(answer, clinic, packets[0], opened[0], office, own)
        await seen(clinic, lambda desk: desk.filed(first) == ["confirmation"], "the answer is filed")
        # The same office, it says; but another certificate signed it.
        forger = Authority.made(clinic.folder / "forger", "Forger").office(OFFICE)
        await asyncio.to_thread(answer, clinic, packets[1], opened[1], forger, own)
        await seen(clinic, lambda desk: desk.counts().get("parts.review", 0) == 1, "the forgery waits for a person")

        with clinic.desk() as desk:
            referral = desk.referral(first)
            assert referral is not None
            assert referral.status is Status.SCHEDULED
            assert desk.filed(second) == []
            vault = desk.desk.vault
            with desk.desk.store.transaction() as tx:
                (part,) = tx.filed_on(referral.id)
                arrival = tx.arrival(part.arrival_id)
                findings = KEPT.validate_json(tx.evidence_of(part.id)).findings
                (queued,) = tx.parts_of(arrival.id + 1)
            assert "this office's certificate signed it (office.example, S/MIME)" in findings
            assert (
                "smime=fail (another certificate signed it than the one on file for desk@office.example)"
                in queued.reason
            )
            came = {hashlib.sha256(mail).hexdigest() for mail in mails(clinic.dovecot, CLINIC)}
            assert arrival.sha256 in came, "kept as it came, byte for byte"
            assert b"pkcs7-mime" in vault.path(arrival.sha256).read_bytes()
        assert await asyncio.to_thread(clinic.health, address) == []
        removed = clinic.command("certificate", "remove", OFFICE)
        assert "unencrypted again" in removed.communicate(timeout=60)[0]
        third = clinic.refer("Archer")
        await seen(clinic, lambda _: clinic.in_office() == 3, "the third packet is in the office's mailbox")
        with clinic.desk() as desk:
            reference = desk.sendings(third)[0].carrier_reference
        got = {str(message_from_bytes(mail)["Message-ID"]): mail for mail in mails(clinic.dovecot, OFFICE)}
        assert b"pdf" in verified(got[reference], authority.certificate), "signed still, and readable"
    checked = clinic.command("doctor", "--verify")
    assert "all well" in checked.communicate(timeout=60)[0]
