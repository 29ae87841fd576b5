"""Packets signed and encrypted on their way through a real mail server, and opened by an office with OpenSSL."""

from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from config.smime_settings import SmimeSettings
from gateway.mail_keys import own_signature
from outbound.mail import SmtpSender
from outbound.sender import Accepted, Deferred, Outcome, Refused
from outbound.smime import OwnSignature, Smime
from tests.integration.mail_server import Mailroom, mail_server
from tests.integration.test_smtp_faults import Book, a_packet
from tests.rigs.openssl_office import Authority, Correspondent, verified

OFFICE = "desk@office.example"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.made(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def clinic(authority: Authority) -> Correspondent:
    return authority.office("referrals@clinic.example")


@pytest.fixture(scope="module")
def office(authority: Authority) -> Correspondent:
    return authority.office(OFFICE)


def own(of: Correspondent) -> OwnSignature:
    found = own_signature(SmimeSettings(certificate=of.certificate, key=of.key))
    assert found is not None
    return found


def on_file(*offices: Correspondent) -> Callable[[str], str]:
    return lambda address: next((one.certificate.read_text() for one in offices if one.address == address), "")


async def sent(folder: Path, smime: Smime) -> tuple[Outcome, bytes, Book]:
    """How it ended, and what the server got."""
    book, room = Book(), Mailroom()
    async with mail_server(folder, room) as listening:
        outcome = await SmtpSender(listening.account, smime).submit(a_packet(folder), OFFICE, "key-1", book.commit)
    content = room.received[0].content if room.received else b""
    assert isinstance(content, bytes)
    return outcome, content, book


def the_pdf(entity: bytes) -> bytes:
    (pdf,) = [part for part in message_from_bytes(entity, policy=default).walk() if part.get_content_subtype() == "pdf"]
    content = pdf.get_content()
    assert isinstance(content, bytes)
    return content


async def test_a_signed_packet_is_verified_by_the_office_and_keeps_its_headers(
    tmp_path: Path, clinic: Correspondent, authority: Authority
) -> None:
    outcome, mail, book = await sent(tmp_path, Smime(on_file(), own(clinic)))
    assert isinstance(outcome, Accepted)
    assert book.references == [outcome.reference]
    message = message_from_bytes(mail, policy=default)
    assert message.get_content_type() == "multipart/signed"
    assert message["Message-ID"] == outcome.reference
    assert message["Auto-Submitted"] == "auto-generated"
    assert the_pdf(verified(mail, authority.certificate)) == a_packet(tmp_path).path.read_bytes()
    assert the_pdf(mail) == a_packet(tmp_path).path.read_bytes(), "a program that knows no S/MIME shows it all the same"


async def test_a_packet_for_an_office_whose_certificate_is_on_file_is_read_by_nobody_else(
    tmp_path: Path, clinic: Correspondent, office: Correspondent, authority: Authority
) -> None:
    outcome, mail, _ = await sent(tmp_path, Smime(on_file(office), own(clinic)))
    assert isinstance(outcome, Accepted)
    message = message_from_bytes(mail, policy=default)
    assert (message.get_content_type(), message["Message-ID"]) == ("application/pkcs7-mime", outcome.reference)
    assert b"%PDF" not in mail  # its letters alone may stand in any Base64
    with pytest.raises(AssertionError):
        clinic.opened(mail)
    signed = office.opened(mail)
    assert the_pdf(verified(signed, authority.certificate)) == a_packet(tmp_path).path.read_bytes()


async def test_without_a_key_of_ours_it_is_encrypted_all_the_same(tmp_path: Path, office: Correspondent) -> None:
    outcome, mail, _ = await sent(tmp_path, Smime(on_file(office)))
    assert isinstance(outcome, Accepted)
    assert the_pdf(office.opened(mail)) == a_packet(tmp_path).path.read_bytes()


async def test_without_any_certificate_a_mail_goes_out_as_before(tmp_path: Path) -> None:
    outcome, mail, _ = await sent(tmp_path, Smime(on_file()))
    assert isinstance(outcome, Accepted)
    assert message_from_bytes(mail).get_content_type() == "multipart/mixed"


async def test_where_the_certificate_on_file_has_ended_nothing_goes_out_in_the_clear(
    tmp_path: Path, authority: Authority
) -> None:
    ended = authority.office(OFFICE, since="200101", days=730)
    outcome, mail, book = await sent(tmp_path, Smime(on_file(ended)))
    assert isinstance(outcome, Refused)
    assert (
        "certificate on file for desk@office.example ended on 2022-01-01: `referloop certificate add`" in outcome.cause
    )
    assert (mail, book.references) == (b"", [])


async def test_where_our_own_has_ended_packets_wait_and_no_try_is_counted(tmp_path: Path, authority: Authority) -> None:
    ended = authority.office("referrals@clinic.example", since="200101", days=730)
    outcome, mail, _ = await sent(tmp_path, Smime(on_file(), own(ended)))
    assert isinstance(outcome, Deferred)
    assert not outcome.counts
    assert "ended on 2022-01-01" in outcome.cause
    assert mail == b""


def test_lines_that_begin_with_dots_and_from_stay_what_was_signed(clinic: Correspondent, authority: Authority) -> None:
    entity = b"Content-Type: text/plain\r\n\r\n.\r\nFrom here on\r\n..x \r\n\r\n"
    signed = Smime(on_file(), own(clinic)).wrapped(entity, OFFICE, datetime.now(UTC))
    assert verified(signed, authority.certificate) == entity
