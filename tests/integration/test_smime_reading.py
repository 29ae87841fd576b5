"""Signed and encrypted mails from an office that uses OpenSSL: what is inside is read, what does not hold is told."""

import random
from datetime import date
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from parsers.leaves import leaf
from parsers.options import OpeningKey, ReadOptions, Smime
from parsers.read import read
from parsers.reading import Reading, SignatureKind, SignatureResult
from tests.rigs.openssl_office import Authority, Correspondent, addressed, text_entity
from tests.rigs.signed_mail import SIGNED_TEXT

DESK = "front.desk@harbor.example"
CLINIC = "referrals@clinic.example"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.made(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def office(authority: Authority) -> Correspondent:
    return authority.office(DESK)


@pytest.fixture(scope="module")
def clinic(authority: Authority) -> Correspondent:
    return authority.office(CLINIC)


def smime(
    *, keys: tuple[Correspondent, ...] = (), on_file: Path | None = None, authorities: Path | None = None
) -> Smime:
    return Smime(
        keys=tuple(OpeningKey(one.certificate.read_text(), one.key.read_text()) for one in keys),
        authorities=authorities.read_text() if authorities else "",
        on_file={DESK: on_file.read_text()} if on_file else {},
    )


def reading(mail: bytes, known: Smime | None = None, written: date | None = None) -> Reading:
    return read(mail, "it", ReadOptions(zone="America/New_York", written=written, smime=known or Smime()))


def verdict(read_: Reading) -> tuple[str, str]:
    assert read_.mail is not None
    (check,) = read_.mail.signatures
    assert (check.kind, check.domain) == (SignatureKind.SMIME, "harbor.example")
    assert check.is_senders_own is (check.result is SignatureResult.HOLDS)
    return check.result.value, check.reason


def doubts(read_: Reading) -> str:
    return "; ".join(doubt for document in read_.documents for doubt in document.doubts)


@pytest.mark.parametrize("beside", [True, False])
def test_a_signature_holds_by_the_certificate_on_file_or_by_an_authority(
    office: Correspondent, authority: Authority, *, beside: bool
) -> None:
    mail = addressed(office.sign(text_entity(SIGNED_TEXT), beside=beside), DESK, CLINIC)
    for known in (smime(on_file=office.certificate), smime(authorities=authority.certificate)):
        got = reading(mail, known)
        assert verdict(got) == ("pass", "")
        assert (SIGNED_TEXT in got.documents[0].text, doubts(got)) == (True, "")


@pytest.mark.parametrize("beside", [True, False])
def test_a_signature_of_somebody_unknown_is_read_and_says_nothing(office: Correspondent, *, beside: bool) -> None:
    got = reading(addressed(office.sign(text_entity(SIGNED_TEXT), beside=beside), DESK, CLINIC))
    assert verdict(got) == ("unchecked", "nobody whom the clinic knows vouches for the signer")
    assert (SIGNED_TEXT in got.documents[0].text, doubts(got)) == (True, "")


def test_a_changed_word_is_a_failure_that_a_person_sees(office: Correspondent) -> None:
    mail = addressed(office.sign(text_entity(SIGNED_TEXT)), DESK, CLINIC).replace(b"3/12/2026", b"3/13/2026")
    got = reading(mail, smime(on_file=office.certificate))
    assert verdict(got) == ("fail", "the signature does not fit, or the mail was changed")
    assert "smime=fail" in doubts(got)


def test_a_part_added_beside_the_signed_one_is_a_failure(office: Correspondent) -> None:
    mail = addressed(office.sign(text_entity(SIGNED_TEXT)), DESK, CLINIC)
    boundary = mail.partition(b'boundary="')[2].partition(b'"')[0]
    added = b"--" + boundary + b"\r\nContent-Type: text/plain\r\n\r\nShe is booked for 4/1/2026.\r\n"
    last = mail.rindex(b"--" + boundary + b"--")
    got = reading(mail[:last] + added + mail[last:], smime(on_file=office.certificate))
    assert verdict(got)[0] == "fail"
    assert "smime=fail" in doubts(got)


def test_another_certificate_than_the_one_on_file_is_a_failure(office: Correspondent, tmp_path: Path) -> None:
    forger = Authority.made(tmp_path, "Forger").office(DESK)
    mail = addressed(forger.sign(text_entity(SIGNED_TEXT)), DESK, CLINIC)
    assert verdict(reading(mail, smime(on_file=office.certificate)))[0] == "fail"
    assert verdict(reading(mail, smime(on_file=office.certificate)))[1].startswith("another certificate signed it")


def test_a_renewed_certificate_that_an_authority_vouches_for_holds(office: Correspondent, authority: Authority) -> None:
    renewed = authority.office(DESK)
    mail = addressed(renewed.sign(text_entity(SIGNED_TEXT)), DESK, CLINIC)
    assert verdict(reading(mail, smime(on_file=office.certificate, authorities=authority.certificate)))[0] == "pass"


def test_somebody_elses_good_signature_under_this_sender_is_a_failure(authority: Authority) -> None:
    other = authority.office("someone@else.example")
    mail = addressed(other.sign(text_entity(SIGNED_TEXT)), DESK, CLINIC)
    got = reading(mail, smime(authorities=authority.certificate))
    assert verdict(got) == ("fail", "someone@else.example signed it, not the sender")


def test_a_certificate_for_the_whole_domain_signs_for_its_addresses(authority: Authority) -> None:
    hospital = authority.office(DESK, names="DNS:harbor.example")
    mail = addressed(hospital.sign(text_entity(SIGNED_TEXT)), DESK, CLINIC)
    assert verdict(reading(mail, smime(authorities=authority.certificate)))[0] == "pass"


def test_a_certificate_that_had_ended_or_is_for_servers_vouches_for_nobody(authority: Authority) -> None:
    ended = authority.office(DESK, since="200101", days=730)
    mail = addressed(ended.sign(text_entity(SIGNED_TEXT)), DESK, CLINIC)
    known = smime(authorities=authority.certificate)
    assert verdict(reading(mail, known, date(2026, 3, 2)))[0] == "unchecked"
    assert verdict(reading(mail, smime(on_file=ended.certificate), date(2026, 3, 2)))[0] == "unchecked"
    server = authority.office(DESK, purpose="serverAuth")
    mail = addressed(server.sign(text_entity(SIGNED_TEXT)), DESK, CLINIC)
    assert verdict(reading(mail, known))[0] == "unchecked"


@pytest.mark.parametrize("cipher", ["aes-256-cbc", "aes-128-cbc", "aes-256-gcm", "des3"])
def test_what_is_encrypted_for_us_is_read_and_its_signature_inside_verified(
    office: Correspondent, clinic: Correspondent, cipher: str
) -> None:
    locked = office.encrypt(office.sign(text_entity(SIGNED_TEXT)), [clinic.certificate], cipher)
    got = reading(addressed(locked, DESK, CLINIC), smime(keys=(clinic,), on_file=office.certificate))
    assert got.mail is not None
    assert (got.mail.is_encrypted, verdict(got)[0], doubts(got)) == (True, "pass", "")
    assert got.documents[0].text.strip() == SIGNED_TEXT
    assert got.mail.message_id == "answer-1@harbor.example"


def test_a_triple_wrapped_mail_is_taken_apart(office: Correspondent, clinic: Correspondent) -> None:
    locked = office.encrypt(office.sign(text_entity(SIGNED_TEXT), beside=False), [clinic.certificate])
    got = reading(addressed(office.sign(locked), DESK, CLINIC), smime(keys=(clinic,), on_file=office.certificate))
    assert got.mail is not None
    assert [one.result.value for one in got.mail.signatures] == ["pass", "pass"]
    assert got.documents[0].text.strip() == SIGNED_TEXT


def test_an_elliptic_key_opens_and_signs_alike(authority: Authority) -> None:
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    desk = authority.office(DESK, key=curve, usage="digitalSignature,keyAgreement")
    us = authority.office(CLINIC, key=curve, usage="digitalSignature,keyAgreement")
    locked = desk.encrypt(desk.sign(text_entity(SIGNED_TEXT)), [us.certificate])
    got = reading(addressed(locked, DESK, CLINIC), smime(keys=(us,), authorities=authority.certificate))
    assert verdict(got)[0] == "pass"
    assert SIGNED_TEXT in got.documents[0].text


def test_a_former_key_opens_what_was_encrypted_before(
    office: Correspondent, clinic: Correspondent, authority: Authority
) -> None:
    new = authority.office(CLINIC)
    got = reading(
        addressed(office.encrypt(text_entity(SIGNED_TEXT), [clinic.certificate]), DESK, CLINIC),
        smime(keys=(new, clinic)),
    )
    assert SIGNED_TEXT in got.documents[0].text


@pytest.mark.parametrize("has_key", [True, False])
def test_what_is_encrypted_for_somebody_else_says_so(
    office: Correspondent, clinic: Correspondent, *, has_key: bool
) -> None:
    locked = addressed(office.encrypt(text_entity(SIGNED_TEXT), [office.certificate]), DESK, CLINIC)
    got = reading(locked, smime(keys=(clinic,) if has_key else ()))
    assert got.mail is not None
    assert not got.mail.is_encrypted
    assert "the mail is encrypted (S/MIME)" in doubts(got)
    assert ("with none of our certificates" in doubts(got)) is has_key


def test_damaged_and_strange_wrappings_are_for_a_person(office: Correspondent, clinic: Correspondent) -> None:
    whole = addressed(office.encrypt(text_entity(SIGNED_TEXT), [clinic.certificate]), DESK, CLINIC)
    head, _, body = whole.partition(b"\r\n\r\n")
    for broken in (body[: len(body) // 2], b"MIIB", b"", b"\xff" * 200, body[:200] + b"AAAA" + body[204:]):
        got = reading(head + b"\r\n\r\n" + broken, smime(keys=(clinic,)))
        assert doubts(got) or got.error


def test_an_encrypted_picture_is_the_same_page_to_whoever_reads_and_whoever_draws(
    office: Correspondent, clinic: Correspondent
) -> None:
    png = BytesIO()
    Image.new("L", (1728, 2200), 255).save(png, "PNG")
    mail = EmailMessage()
    mail.set_content("See the attachment, please: it is the note.")
    mail.add_attachment(png.getvalue(), maintype="image", subtype="png", filename="note.png")
    entity = mail.as_bytes().replace(b"\n", b"\r\n")
    locked = addressed(office.encrypt(office.sign(entity), [clinic.certificate]), DESK, CLINIC)
    known = smime(keys=(clinic,))
    assert [page.index for page in reading(locked, known).pages] == [0]
    assert leaf(locked, 0, smime=known).scan is not None


@pytest.mark.slow
def test_whatever_is_changed_in_a_wrapped_mail_no_signature_vouches_for_other_words(
    office: Correspondent, clinic: Correspondent
) -> None:
    """Bytes changed, cut, doubled and moved at random: the reader never stops, and never believes what was not said."""
    known = smime(keys=(clinic,), on_file=office.certificate)
    signed = office.sign(text_entity(SIGNED_TEXT))
    whole = [
        addressed(entity, DESK, CLINIC)
        for entity in (
            signed,
            office.sign(text_entity(SIGNED_TEXT), beside=False),
            office.encrypt(signed, [clinic.certificate]),
        )
    ]
    chance = random.Random(20261125)
    for turn in range(90):
        mail = bytearray(whole[turn % 3])
        body = mail.index(b"Content-Type")
        for _ in range(chance.randint(1, 4)):
            at, length = chance.randrange(body, len(mail)), chance.randint(1, 60)
            match chance.randrange(4):
                case 0:
                    mail[at] = chance.randrange(256)
                case 1:
                    del mail[at : at + length]
                case 2:
                    mail[at:at] = mail[at : at + length]
                case _:
                    mail[at:at] = b"\r\n"
        got = reading(bytes(mail), known)
        checks = got.mail.signatures if got.mail else ()
        if any(one.result is SignatureResult.HOLDS for one in checks):
            assert [document.text.strip() for document in got.documents] == [SIGNED_TEXT], bytes(mail)
