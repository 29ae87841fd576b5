"""The parts of a parsed mail: which text is its body, which parts are attachments, which are ornament."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from parsers.errors import LimitExceeded
from parsers.html_text import html_text
from parsers.mail_headers import as_text, decoded, value

_TINY_IMAGE_BYTES = 24_000
"""A logo or icon in a signature; a photographed page is larger."""
_NO_CONTENT = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})
_LOCKED = frozenset(
    {"application/pkcs7-mime", "application/x-pkcs7-mime"}
)  # within a mail; `smime` opens the outermost
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that came as a file. `name` is for showing only and holds no folder."""

    name: str
    media_type: str
    data: bytes


@dataclass(slots=True)
class Contents:
    """A mail taken apart."""

    texts: list[str] = field(default_factory=list[str])
    invitations: list[str] = field(default_factory=list[str])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    ornaments: list[str] = field(default_factory=list[str])  # names of small images of a signature
    unopened: list[str] = field(default_factory=list[str])  # names of parts nobody here can open


def all_parts(message: Message, max_depth: int) -> list[Message]:
    """Every part, containers too, in order.

    Raises:
        LimitExceeded: nested too deep.
    """
    found: list[Message] = []
    waiting = [(message, 0)]
    while waiting:
        part, depth = waiting.pop()
        if depth > max_depth:
            raise LimitExceeded(f"the mail is nested more than {max_depth} deep: open it with care")
        found.append(part)
        payload = part.get_payload()
        if isinstance(payload, list):
            waiting += [(one, depth + 1) for one in reversed(payload) if isinstance(one, Message)]
    return found


def display_name(part: Message) -> str:
    """The attachment's name without folders or control characters; empty if it has none."""
    try:
        raw = part.get_filename() or ""
    except (ValueError, TypeError, LookupError):
        raw = ""
    plain = _UNSAFE.sub("", decoded(str(raw)))
    return re.split(r"[/\\]", plain)[-1].strip(" .")[:120]


def content(part: Message) -> bytes:
    """The part's bytes, as well as they can be decoded; a nested mail as a mail file."""
    if part.get_content_maintype() == "message":
        nested = part.get_payload()
        inner = nested[0] if isinstance(nested, list) and nested else None
        return _as_bytes(inner) if isinstance(inner, Message) else b""
    try:
        data = part.get_payload(decode=True)
    except (ValueError, TypeError, LookupError, AssertionError):
        return b""
    return data if isinstance(data, bytes) else b""


def _as_bytes(message: Message) -> bytes:
    try:
        return message.as_bytes()
    except (ValueError, TypeError, LookupError, AttributeError):
        return message.as_string().encode("utf-8", "replace")


def _text(part: Message) -> str:
    try:
        charset = part.get_content_charset()
    except (ValueError, TypeError, LookupError):
        charset = None
    text = as_text(content(part), charset).replace("\x00", "")
    return html_text(text) if part.get_content_type() == "text/html" else text


def take_apart(message: Message) -> Contents:
    """Body texts, invitations and attachments of a mail whose depth has been checked."""
    contents = Contents()
    for part, media_type in _leaves(message):
        _sort(part, media_type, contents)
    return contents


def _leaves(part: Message) -> Iterator[tuple[Message, str]]:
    """Parts that hold content; of alternatives only the best text, and everything that is no text."""
    media_type = part.get_content_type()
    payload = part.get_payload()
    if not part.is_multipart() or not isinstance(payload, list) or part.get_content_maintype() == "message":
        yield part, media_type
        return
    children = [child for child in payload if isinstance(child, Message)]
    if media_type != "multipart/alternative":
        for child in children:
            yield from _leaves(child)
        return
    leaves = [leaf for child in children for leaf in _leaves(child)]
    best = _best_text(leaves)
    yield from (leaf for leaf in leaves if leaf[1] not in {"text/plain", "text/html"} or leaf[0] is best)


def _best_text(leaves: list[tuple[Message, str]]) -> Message | None:
    """The plain text, unless it is only a hint that there is HTML."""
    plain = next((part for part, media_type in leaves if media_type == "text/plain"), None)
    html = next((part for part, media_type in leaves if media_type == "text/html"), None)
    if plain is None or html is None:
        return plain or html
    length = len(_text(plain).strip())
    return plain if length >= 40 or length * 3 >= len(_text(html).strip()) else html


def _sort(part: Message, media_type: str, contents: Contents) -> None:
    name = display_name(part)
    disposition = value(part, "Content-Disposition").strip().lower()
    if media_type in _NO_CONTENT or media_type in {"message/delivery-status", "text/rfc822-headers"}:
        return
    if media_type in _LOCKED or name.lower().endswith(".p7m"):
        contents.unopened.append(name or "smime.p7m")
    elif media_type == "application/ms-tnef" or name.lower() == "winmail.dat":
        contents.unopened.append(name or "winmail.dat")
    elif media_type == "text/calendar" or name.lower().endswith(".ics"):
        contents.invitations.append(as_text(content(part), "utf-8"))
    elif media_type in {"text/plain", "text/html"} and not disposition.startswith("attachment") and not name:
        contents.texts.append(_text(part))
    else:
        _attach(part, name, media_type, disposition, contents)


def _attach(part: Message, name: str, media_type: str, disposition: str, contents: Contents) -> None:
    data = content(part)
    if not data and not name:
        return  # a named one that is empty is read as such: something was meant to be in it
    is_inline = disposition.startswith("inline") or bool(value(part, "Content-ID"))
    if media_type.startswith("image/") and is_inline and len(data) < _TINY_IMAGE_BYTES:
        contents.ornaments.append(name or media_type)
        return
    fallback = "forwarded.eml" if media_type.startswith("message/") else f"part.{media_type.rpartition('/')[2][:20]}"
    contents.attachments.append(Attachment(name or fallback, media_type, data))
