"""What a mail's headers claim, decoded within limits.

Owns the reading of raw header values; the standard library's structured headers are avoided, since they
are what takes gigabytes for a hostile subject.
"""

import re
from binascii import Error as Base64Error
from collections.abc import Iterable
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from config.reference import decode_page

_MAX_VALUE = 20_000
_MAX_REFERENCES = 60
_ID = re.compile(r"<([^<>\s]{3,300})>")
_RECIPIENT_HEADERS = (
    "To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "Resent-To", "Apparently-To",
)  # fmt: skip
REFERENCE_HEADER = "X-Referloop-Reference"
_AUTO_SUBJECT = re.compile(
    r"^\W*(?:auto(?:matic|mated)?[\s-]*(?:reply|response|responder|antwort)|out[\s-]of[\s-](?:the[\s-])?office|ooo\b"
    r"|(?:i am |i'm )?(?:away|on (?:vacation|leave|pto))|vacation (?:reply|response|notice)|respuesta autom"
    r"|r[ée]ponse auto"
    r"|abwesen|currently out)",
    re.IGNORECASE,
)


def values(message: Message, name: str) -> list[str]:
    """Raw values of a header, unfolded, cut at a limit; odd bytes become replacement characters."""
    try:
        found = message.get_all(name) or []
    except (ValueError, TypeError, LookupError):
        return []
    return [re.sub(r"[\r\n]+[ \t]*", " ", str(value)[:_MAX_VALUE]) for value in found]


def value(message: Message, name: str) -> str:
    """The first value of a header, or empty."""
    return next(iter(values(message, name)), "")


def decoded(text: str) -> str:
    """Encoded words as text; unknown character sets never raise."""
    try:
        chunks = decode_header(text[:4000])
    except (HeaderParseError, ValueError, Base64Error):
        return text
    return "".join(chunk if isinstance(chunk, str) else as_text(chunk, charset) for chunk, charset in chunks)


def as_text(data: bytes, charset: str | None) -> str:
    """Bytes in a named, misnamed or unnamed character set."""
    for name in (charset, "utf-8"):
        try:
            return data.decode(name or "ascii")
        except (LookupError, ValueError, UnicodeError, TypeError):
            continue
    return data.decode("cp1252", "replace")


def message_ids(texts: Iterable[str]) -> list[str]:
    """Message-IDs without their angle brackets, in order, each once."""
    return list(dict.fromkeys(found for text in texts for found in _ID.findall(text)))[:_MAX_REFERENCES]


def answered(message: Message) -> tuple[str, ...]:
    """Whom the mail answers, newest first."""
    ids = message_ids(values(message, "In-Reply-To"))
    return tuple(dict.fromkeys(ids + message_ids(values(message, "References"))[::-1]))


def addresses(message: Message, *names: str) -> tuple[str, ...]:
    """Bare addresses in the named headers, lower case, in order."""
    try:
        pairs = getaddresses([decoded(text) for name in names for text in values(message, name)])
    except (ValueError, TypeError, IndexError):
        return ()
    return tuple(dict.fromkeys(address.strip().lower() for _, address in pairs if "@" in address))[:1000]


def recipients(message: Message) -> tuple[str, ...]:
    """To and Cc, and the addresses at which it was really delivered."""
    return addresses(message, *_RECIPIENT_HEADERS)


def tokens(message: Message, reply_address: str, keys: Iterable[bytes]) -> tuple[str, ...]:
    """Reply tokens whose MAC holds: from plus-addresses of `reply_address` and our own header.

    A token is a page code for page 0 of 0; transport may have lowered its case.
    """
    local, _, domain = reply_address.partition("@")
    pattern = re.compile(rf"{re.escape(local.partition('+')[0])}\+([\w\-]{{10,60}})@{re.escape(domain)}", re.IGNORECASE)
    texts = [text for name in _RECIPIENT_HEADERS for text in values(message, name)]
    claimed = [found for text in texts for found in pattern.findall(text)] if local and domain else []
    claimed += [text.strip() for text in values(message, REFERENCE_HEADER)]
    keys = tuple(keys)
    return tuple(dict.fromkeys(token.upper() for token in claimed[:100] if _is_ours(token.upper(), keys)))


def _is_ours(token: str, keys: tuple[bytes, ...]) -> bool:
    code = decode_page(token, keys) if token.isascii() else None
    return code is not None and code.verified and code.page == 0 and code.pages == 0


def sent_at(message: Message) -> datetime | None:
    """The Date header, aware; None if it is missing or senseless."""
    try:
        when = parsedate_to_datetime(value(message, "Date")[:100])
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def is_auto_reply(message: Message, subject: str) -> bool:
    """Whether a machine answered. A machine's own notice (`auto-generated`) counts only with a subject that says so."""
    submitted = value(message, "Auto-Submitted").strip().lower()
    if submitted.startswith("auto-replied"):
        return True
    if any(value(message, name) for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-AutoReply-From")):
        return True
    if "auto_reply" in value(message, "Precedence").lower():
        return True
    return bool(_AUTO_SUBJECT.match(subject))
