"""The mail around a packet carries the reply's way home, and nothing a field was not meant to carry."""

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outbound.mail_message import Letterhead, compose, is_address, message_id, reply_to
from outbound.sender import Packet

HEAD = Letterhead("referrals@maple.example", "Maple Street Clinic", "referrals@maple.example")
TOKEN = "RL1-4K7M92XQ-01-00-00-ABCDEFGH"
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PDF = b"%PDF-1.7\n.\n..\n" + bytes(range(256))


def mailed(packet: Packet, head: Letterhead = HEAD) -> EmailMessage:
    raw = compose(packet, PDF, "desk@office.example", head, reference="<key@maple.example>", at=AT)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.replace(b"\r\n", b"").find(b"\n") == -1
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def a_packet(**changes: str) -> Packet:
    fields = {"reference": "4K7M-92XQ", "token": TOKEN} | changes
    return Packet(Path("packet.pdf"), "application/pdf", 3, **fields)


def test_the_reply_comes_home_by_address_header_and_thread() -> None:
    message = mailed(a_packet())
    assert message["Reply-To"].addresses[0].addr_spec == f"referrals+{TOKEN.lower()}@maple.example"
    assert message["X-Referloop-Reference"] == TOKEN
    assert message["Message-ID"] == "<key@maple.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == AT


def test_the_front_desk_reads_how_to_answer_in_text_and_html_and_the_pdf_is_whole() -> None:
    message = mailed(a_packet())
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        text = part.get_content()
        assert "4K7M-92XQ" in text
        assert "Tick the boxes" in text
        assert "reply to this mail" in text
    (attachment,) = message.iter_attachments()
    assert attachment.get_payload(decode=True) == PDF
    assert attachment.get_filename() == "referral-4K7M-92XQ.pdf"


def test_an_encrypted_packet_says_so_and_never_its_password() -> None:
    message = mailed(a_packet(password="swordfish"))
    assert "password" in str(message)
    assert "swordfish" not in str(message)


def test_a_body_of_the_caller_stands_in_both_parts_and_is_escaped_in_html() -> None:
    message = mailed(a_packet(body="Second request.\n\nPlease <b>answer</b> & thank you."))
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert plain.get_content().replace("\r", "").startswith("Second request.\n\nPlease <b>answer</b>")
    assert "&lt;b&gt;answer&lt;/b&gt; &amp; thank you." in rich.get_content()


def test_a_token_without_room_is_left_out_of_the_address_but_stays_in_the_header() -> None:
    long = "a" * 50 + "@maple.example"
    assert reply_to(long, TOKEN) == long
    assert reply_to("referrals@maple.example", "") == "referrals@maple.example"
    assert reply_to("referrals@maple.example", "x>,<evil@example.org") == "referrals@maple.example"


def test_the_id_of_a_key_is_the_same_on_every_retry_and_safe_for_any_key() -> None:
    assert message_id("k1", HEAD.from_address) == message_id("k1", HEAD.from_address) == "<k1@maple.example>"
    assert message_id("k 1>\r\nBcc: x", HEAD.from_address) != message_id("k 2>\r\nBcc: x", HEAD.from_address)
    assert "\n" not in message_id("k 1>\r\nBcc: x", HEAD.from_address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "@b",
        "a@",
        "a b@c.example",
        "a@b.example,c@d.example",
        "a@b.example\n",
        "Desk <a@b.example>",
        "ä@b.example",
    ],
)
def test_only_one_plain_address_is_an_address(text: str) -> None:
    assert not is_address(text)


_DIRTY = st.text(alphabet=st.sampled_from("a B,<>@\"';:\r\n\0\t\x85\u2028é=?"), max_size=40)


@settings(max_examples=60, deadline=None)
@given(subject=_DIRTY, name=_DIRTY, token=_DIRTY, reference=_DIRTY, body=_DIRTY)
def test_no_field_adds_a_header_a_recipient_or_a_part(
    subject: str, name: str, token: str, reference: str, body: str
) -> None:
    head = Letterhead("referrals@maple.example", name, "referrals@maple.example")
    message = mailed(a_packet(subject=subject, token=token, reference=reference, body=body), head)
    expected = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "X-Referloop-Reference", "Auto-Submitted"]
    assert [key for key in message if key not in ("MIME-Version", "Content-Type")] == expected
    assert [one.addr_spec for one in message["To"].addresses] == ["desk@office.example"]
    assert [one.addr_spec for one in message["From"].addresses] == ["referrals@maple.example"]
    assert len(message["Reply-To"].addresses) == 1
    assert len(list(message.iter_attachments())) == 1
