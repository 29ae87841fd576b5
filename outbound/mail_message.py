"""The mail around a packet: headers that bring the reply back, a text for the front desk, the PDF attached.

Owns wording and headers; refuses any field with a control character, and holds no patient data: what is
confidential is in the PDF alone.
"""

import hashlib
import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from outbound.sender import Packet

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")
_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]+")
_LOCAL_PART_LIMIT = 64  # RFC 5321 4.5.3.1.1
_POLICY = SMTP.clone(max_line_length=900)  # the standard library breaks long ids and addresses when it folds them


Wrap = Callable[[bytes], bytes]
"""A MIME entity in, another that holds it out."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whose mail it is, and where replies go."""

    from_address: str
    from_name: str
    reply_address: str
    has_plus: bool = True  # whether the reply address takes plus parts
    asks_receipts: bool = False


def is_address(text: str) -> bool:
    """Whether a text is one plain ASCII mail address and nothing else."""
    return _ADDRESS.fullmatch(text) is not None


def message_id(key: str, from_address: str) -> str:
    """The Message-ID of whatever is sent under `key`: the same on every retry."""
    left = key if _KEY.fullmatch(key) else hashlib.sha256(key.encode()).hexdigest()
    return f"<{left}@{from_address.rpartition('@')[2]}>"


def reply_to(reply_address: str, token: str) -> str:
    """The reply address with the token as its plus part; plain where there is no token or no room for it."""
    local, _, domain = reply_address.rpartition("@")
    plus = f"{local}+{token.lower()}"
    fits = bool(token) and len(plus) <= _LOCAL_PART_LIMIT and is_address(f"{plus}@{domain}")
    return f"{plus}@{domain}" if fits else reply_address


def compose(
    packet: Packet, pdf: bytes, to: str, head: Letterhead, *, reference: str, at: datetime, wrap: Wrap = lambda it: it
) -> bytes:
    """The whole mail with CRLF line ends. `reference` is its Message-ID; `wrap` signs or locks what stands in it.

    Raises:
        ValueError: an address of ours cannot stand in a header.
    """
    return _headers(packet, to, head, reference, at) + wrap(_contents(packet, pdf, head))


def _headers(packet: Packet, to: str, head: Letterhead, reference: str, at: datetime) -> bytes:
    """All but those that say what the content is."""
    message = EmailMessage(_POLICY)
    printed = _one_line(packet.reference)
    message["From"] = Address(_one_line(head.from_name), addr_spec=head.from_address)
    message["To"] = Address(addr_spec=to)
    message["Reply-To"] = Address(
        _one_line(head.from_name), addr_spec=reply_to(head.reply_address, packet.token if head.has_plus else "")
    )
    message["Subject"] = _one_line(packet.subject) or f"Referral {printed}: please confirm receipt"
    message["Date"] = format_datetime(at)
    message["Message-ID"] = reference
    message["X-Referloop-Reference"] = _one_line(packet.token) or printed
    message["Auto-Submitted"] = "auto-generated"
    if head.asks_receipts:  # RFC 8098; the second is Direct's, for "it lies in the office's mailbox"
        message["Disposition-Notification-To"] = head.from_address
        message["Disposition-Notification-Options"] = "X-DIRECT-FINAL-DESTINATION-DELIVERY=optional,true"
    return message.as_bytes().removesuffix(b"\r\n")


def _contents(packet: Packet, pdf: bytes, head: Letterhead) -> bytes:
    """The MIME entity: words for the front desk, and the packet."""
    message, printed = EmailMessage(_POLICY), _one_line(packet.reference)
    paragraphs = _told(packet, _one_line(head.from_name) or head.from_address)
    message.set_content("\n\n".join(paragraphs) + "\n", cte="quoted-printable")
    message.add_alternative(_as_html(paragraphs), subtype="html", cte="quoted-printable")
    name = re.sub(r"[^0-9A-Za-z-]", "", printed)
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename=f"referral-{name}.pdf")
    return message.as_bytes()


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def _told(packet: Packet, clinic: str) -> list[str]:
    """What the front desk reads, a paragraph each."""
    if packet.body:
        return [part.strip() for part in re.split(r"\n\s*\n", packet.body) if part.strip()]
    pages = "1 page" if packet.pages == 1 else f"{packet.pages} pages"
    paragraphs = [
        (
            f"{clinic} refers a patient to you. The referral, number {_one_line(packet.reference)}, is the attached "
            f"PDF ({pages}). Its first page is a confirmation form."
        ),
        (
            "To answer, do whichever is easiest:\n"
            "1. Tick the boxes on the first page and fax it to the number printed there.\n"
            "2. Or scan the ticked page and attach it to a reply to this mail.\n"
            "3. Or just reply to this mail and write: received, the appointment's date and time, or why you decline."
        ),
        (
            "Please answer to the sender's address as your mail program fills it in: it carries the reference of this "
            "referral, so that your answer finds the right patient."
        ),
        (
            "This mail and its attachment are confidential. If they are not meant for you, please reply with the words "
            '"wrong office" and delete both.'
        ),
    ]
    if packet.password:
        paragraphs.insert(1, f"The PDF opens with the password that {clinic} agreed with you. It is in no mail.")
    return paragraphs


def _as_html(paragraphs: list[str]) -> str:
    body = "\n".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in paragraphs)
    return f'<!DOCTYPE html>\n<html lang="en"><body>\n{body}\n</body></html>\n'
