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
_AUTO_HEADERS = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Auto-Reply",
    "X-AutoReply-From",
    "X-Autoresponder",
    "X-Mail-Autoreply",
)
REFERENCE_HEADER = "X-Referloop-Reference"
_COPY_HEADERS = ("Reply-To", "From", "Sender", "Return-Path", "Resent-From")
_AUTO_SUBJECT = re.compile(
    r"^\W*(?:auto(?:matic|mated|matische|mática|matico|matique|matica|matisch|matisk)?[\s-]*(?:e-?mail[\s-]*)?"
    r"(?:reply|response|responder|antwort|antwoord|svar|respuesta|resposta)|out[\s-]of[\s-](?:the[\s-])?office|ooo\b"
    r"|(?:i am |i'm )?(?:away from|on (?:vacation|leave|pto))|vacation (?:reply|response|notice)|respuesta autom"
    r"|r[ée]ponse auto|resposta autom|risposta autom|odpowiedź autom|automaattinen|autosvar|otomatik|автоответ"
    r"|автоматический ответ|自動|自动|자동|abwesen|abwezig|fuera de (?:la )?oficina|absence du bureau|absent du bureau"
    r"|fuori sede|fora do escrit|currently out|thank you for (?:your|contacting).{0,40}auto)",
    re.IGNORECASE,
)


def values(message: Message, name: str) -> list[str]:
    """Raw values of a header, unfolded, cut at a limit; bytes that are not ASCII are taken as UTF-8."""
    found = [str(told) for header, told in message.raw_items() if header.lower() == name.lower()]
    return [re.sub(r"[\r\n]+[ \t]*", " ", _plain(told[:_MAX_VALUE])) for told in found]


def _plain(told: str) -> str:
    return told if told.isascii() else as_text(told.encode("utf-8", "surrogateescape"), "utf-8")


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
    return _tokens(message, _RECIPIENT_HEADERS, reply_address, keys)


def copy_tokens(copy: Message, reply_address: str, keys: Iterable[bytes]) -> tuple[str, ...]:
    """As `tokens`, of a mail of ours that came back: there our address stands as the sender's."""
    return _tokens(copy, _COPY_HEADERS, reply_address, keys)


def text_tokens(text: str, reply_address: str, keys: Iterable[bytes]) -> tuple[str, ...]:
    """As `tokens`, of headers quoted in a text."""
    claimed = _plus_tokens([text], reply_address)
    claimed += re.findall(rf"{REFERENCE_HEADER}:\s*([\w\-]{{10,60}})", text, re.IGNORECASE)
    return _ours(claimed, keys)


def _tokens(message: Message, names: Iterable[str], reply_address: str, keys: Iterable[bytes]) -> tuple[str, ...]:
    claimed = _plus_tokens([text for name in names for text in values(message, name)], reply_address)
    return _ours([*claimed, *(text.strip() for text in values(message, REFERENCE_HEADER))], keys)


def _plus_tokens(texts: Iterable[str], reply_address: str) -> list[str]:
    local, _, domain = reply_address.partition("@")
    if not local or not domain:
        return []
    pattern = re.compile(rf"{re.escape(local.partition('+')[0])}\+([\w\-]{{10,60}})@{re.escape(domain)}", re.IGNORECASE)
    return [found for text in texts for found in pattern.findall(text)]


def _ours(claimed: list[str], keys: Iterable[bytes]) -> tuple[str, ...]:
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
    if submitted.startswith("auto-replied") or is_receipt(message):
        return True
    if any(value(message, name) for name in _AUTO_HEADERS):
        return True
    if re.search(r"auto[_-]?repl", value(message, "Precedence"), re.IGNORECASE):
        return True
    return bool(_AUTO_SUBJECT.match(subject))


def is_receipt(message: Message) -> bool:
    """Whether it only reports that a mail was delivered, shown or deleted: RFC 3464 without a failure, RFC 8098."""
    report = str(message.get_param("report-type", "")).lower()
    return message.get_content_type() == "multipart/report" and report in (
        "delivery-status",
        "disposition-notification",
    )
