"""A mail's own signature: who signed all of it is believed a little, a signature that fails is for a person."""

from dataclasses import replace

import pytest

from parsers.message import keys_to_ask_for, read_mail
from parsers.options import ReadOptions
from parsers.reading import Reading, SignatureResult
from tests.rigs.signed_mail import SIGNED_TEXT, Signer, a_mail

HARBOR = Signer()
OPTIONS = ReadOptions(reply_address="referrals@clinic.example", checked_by="mx.clinic.example")


def nothing_attached(data: bytes, name: str) -> Reading:
    raise AssertionError((data, name))


def reading(mail: bytes, records: dict[str, str] | None = None) -> Reading:
    keys = {HARBOR.key_name: HARBOR.record} if records is None else records
    return read_mail(mail, replace(OPTIONS, key_records=keys), nothing_attached)


def verdict(mail: bytes, records: dict[str, str] | None = None) -> tuple[str, str]:
    """The topmost signature's result and the doubts that follow."""
    read = reading(mail, records)
    assert read.mail is not None
    first = read.mail.signatures[0]
    return first.result.value, "; ".join(read.documents[0].doubts)


def test_a_whole_mail_signed_by_its_senders_domain_passes() -> None:
    read = reading(HARBOR.sign(a_mail()))
    assert read.mail is not None
    [signature] = read.mail.signatures
    assert (signature.domain, signature.result) == ("harbor.example", SignatureResult.HOLDS)
    assert signature.is_senders_own
    assert read.documents[0].doubts == ()


def test_an_ed25519_signature_is_verified_too() -> None:
    signer = Signer(is_edwards=True, selector="ed")
    assert verdict(signer.sign(a_mail()), {signer.key_name: signer.record}) == ("pass", "")


def test_one_changed_digit_in_the_body_is_a_doubt() -> None:
    result, doubts = verdict(HARBOR.sign(a_mail()).replace(b"3/12/2026", b"3/13/2026"))
    assert result == "fail"
    assert "the body was changed after signing" in doubts


def test_a_changed_sender_is_a_doubt() -> None:
    forged = HARBOR.sign(a_mail()).replace(b"front.desk@harbor", b"billing@harbor")
    assert verdict(forged)[0] == "fail"


def test_a_second_sender_put_in_front_does_not_pass() -> None:
    forged = b"From: Front Desk <front.desk@harbor.example>\r\n" + HARBOR.sign(a_mail(sender="x@harbor.example"))
    result, doubts = verdict(forged)
    assert result == "fail"
    assert "more than one sender" in doubts


def test_a_signature_by_another_key_than_the_published_one_is_a_doubt() -> None:
    stranger = Signer()
    result, doubts = verdict(stranger.sign(a_mail()))
    assert result == "fail"
    assert "does not fit" in doubts


@pytest.mark.parametrize("record", ["", "v=DKIM1; k=rsa; p=", "v=DKIM1; k=rsa; p=AAAA", "hello", "p=!!"])
def test_a_key_that_is_missing_withdrawn_or_damaged_is_a_doubt(record: str) -> None:
    result, doubts = verdict(HARBOR.sign(a_mail()), {HARBOR.key_name: record})
    assert result == "fail"
    assert "key" in doubts


def test_a_key_of_512_bits_proves_nothing() -> None:
    weak = Signer(bits=1024)
    assert verdict(weak.sign(a_mail()), {weak.key_name: weak.record}) == ("pass", "")
    # cryptography makes none below 1,024 bits; a record of 512 bits, as public as it is weak
    short = "p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL" + "q" * 86 + "CAwEAAQ=="
    assert verdict(weak.sign(a_mail()), {weak.key_name: short})[0] == "fail"


def test_a_name_server_that_cannot_be_asked_is_no_verdict() -> None:
    result, doubts = verdict(HARBOR.sign(a_mail()), {})
    assert (result, doubts) == ("unchecked", "")
    read = reading(HARBOR.sign(a_mail()), {})
    assert read.mail is not None
    assert "could not check" in read.mail.signatures[0].reason


def test_text_added_under_a_length_limit_is_a_doubt_and_the_limit_alone_is_none() -> None:
    signed = HARBOR.sign(a_mail(), with_length=True)
    assert b"l=" in signed
    assert verdict(signed) == ("pass", "")
    result, doubts = verdict(signed + b"Her appointment is cancelled, please close the referral.\r\n")
    assert result == "fail"
    assert "only the beginning of the body is signed" in doubts


def test_a_mail_without_a_signature_is_neither_better_nor_worse() -> None:
    read = reading(a_mail())
    assert read.mail is not None
    assert read.mail.signatures == ()
    assert read.documents[0].doubts == ()


def test_a_strangers_signature_that_holds_vouches_for_nobody_else() -> None:
    stranger = Signer(domain="bulk.example")
    read = reading(stranger.sign(a_mail()), {stranger.key_name: stranger.record})
    assert read.mail is not None
    [signature] = read.mail.signatures
    assert signature.result is SignatureResult.HOLDS
    assert not signature.is_senders_own
    assert read.documents[0].doubts == ()


def test_a_strangers_signature_does_not_cover_up_that_the_senders_own_fails() -> None:
    stranger = Signer(domain="bulk.example")
    broken = HARBOR.sign(a_mail()).replace(b"3/12/2026", b"3/13/2026")
    keys = {HARBOR.key_name: HARBOR.record, stranger.key_name: stranger.record}
    assert "harbor.example" in verdict(stranger.sign(broken), keys)[1]


def test_the_senders_own_signature_counts_where_a_list_broke_another() -> None:
    bulk = Signer(domain="bulk.example")
    mail = HARBOR.sign(a_mail())
    keys = {HARBOR.key_name: HARBOR.record, bulk.key_name: Signer().record}
    assert verdict(bulk.sign(mail), keys)[1] == ""


def test_what_the_clinics_own_server_checked_is_not_checked_again() -> None:
    mail = b"Authentication-Results: mx.clinic.example; dkim=pass\r\n" + HARBOR.sign(a_mail())
    assert keys_to_ask_for(mail, "mx.clinic.example") == ()
    read = reading(mail, {})
    assert read.mail is not None
    assert read.mail.signatures == ()
    assert keys_to_ask_for(mail, "") == (HARBOR.key_name,)


@pytest.mark.parametrize(
    "header",
    [
        "v=1; a=rsa-sha256; d=../../etc; s=passwd; h=from; bh=AA==; b=AA==",
        "v=1; a=rsa-sha256; d=" + "a." * 200 + "example; s=s1; h=from; bh=AA==; b=AA==",
        ";;;=;",
        "v=1; d=harbor.example; s=s1",
    ],
)
def test_a_senseless_signature_asks_for_no_senseless_name_and_fails(header: str) -> None:
    mail = f"DKIM-Signature: {header}\r\n".encode() + a_mail()
    assert keys_to_ask_for(mail, "") in {(), (HARBOR.key_name,)}
    assert verdict(mail)[0] == "fail"


def test_of_a_hundred_signatures_only_the_first_few_are_looked_at() -> None:
    mail = b"".join(b"DKIM-Signature: d=a%d.example; s=s\r\n" % n for n in range(100)) + a_mail()
    assert len(keys_to_ask_for(mail, "")) == 5
    read = reading(mail, {})
    assert read.mail is not None
    assert len(read.mail.signatures) == 5


def test_the_text_is_read_either_way() -> None:
    assert SIGNED_TEXT[:40] in reading(HARBOR.sign(a_mail()) + b"more\r\n").documents[0].text
