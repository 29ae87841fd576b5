"""Delivery reports: whose mail did not arrive, and whether for good.

Owns RFC 3464 reports and the free-form ones of older servers. A bounce's copy of the original is ours and is
never read as an answer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from parsers.mail_headers import addresses, answered, decoded, message_ids, value, values

_ROBOT = re.compile(
    r"mailer[-_.]?daemon|postmaster|mail delivery (?:sub)?system|microsoft ?exchange|microsoft outlook|bounce"
    r"|mail administrator|mdaemon|internet mail delivery",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"undeliver|delivery (?:status notification|failure|has failed|problem|incomplete|delayed|report)"
    r"|(?:email|mail|message) delivery (?:failure|failed|delayed)|returned (?:e-?)?mail|failure notice"
    r"|mail (?:delivery|system) (?:failed|error|warning)|could not (?:be delivered|send)|delayed mail"
    r"|message .{0,60}\b(?:not delivered|delayed)|warning: (?:message|could not send)|mail system error"
    r"|returning message to sender|not delivered|non-?deliverable|non-?delivery|unzustellbar|no se puede entregar"
    r"|non remis|mancato recapito|address not found|message blocked",
    re.IGNORECASE,
)
_ORIGINAL_ID = re.compile(r"^[>\s]{0,4}Message-I[dD]:\s*<([^<>\s]{3,300})>", re.MULTILINE)
_ADDRESS = re.compile(r"[\w.+'\-]{1,80}@[\w\-]{1,60}(?:\.[\w\-]{1,60})+")
_PERMANENT = re.compile(
    r"\b5\d\d[\s\-]|\b5\.\d{1,3}\.\d{1,3}\b|user (?:unknown|not found)|no such user|does not exist"
    r"|permanent|mailbox unavailable"
    r"|address (?:rejected|not found|couldn't be found)|wasn't found|unknown user|not exist|not listed|doesn't have an?"
    r"|recipient (?:rejected|not found)|(?:account|mailbox) (?:is )?(?:disabled|inactive|full)|over quota|blocked",
    re.IGNORECASE,
)
_PASSING = re.compile(
    r"will (?:keep|continue|be retried|retry|be tried|try)|still (?:trying|being retried)|\b4\.\d{1,3}\.\d{1,3}\b"
    r"|delayed|warning only"
    r"|no(?:t)? need to (?:resend|retry)"
    r"|temporar",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Bounce:
    """What failed. `is_permanent` is None where the report does not say."""

    message_ids: tuple[str, ...]
    recipients: tuple[str, ...]
    is_permanent: bool | None


def find_bounce(message: Message, parts: list[Message], subject: str, text: str) -> Bounce | None:
    """The failure a mail reports, or None if it reports none.

    Args:
        message: the whole mail.
        parts: all of it, containers too, in order.
        subject: decoded.
        text: its readable body.
    """
    blocks = [
        block for part in parts if part.get_content_type() == "message/delivery-status" for block in _blocks(part)
    ]
    if blocks:
        return _standard(message, parts, blocks, text)
    sender = " ".join(decoded(one) for one in values(message, "From"))
    is_null = value(message, "Return-Path").strip() == "<>"
    failed = addresses(message, "X-Failed-Recipients")
    looks = bool(_SUBJECT.search(subject)) and (bool(_ROBOT.search(sender)) or is_null)
    if not (failed or looks):
        return None
    return _free_form(message, parts, subject, text, failed)


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _address(text: str) -> str:
    match = _ADDRESS.search(decoded(text))
    return match[0].lower() if match else ""


def _standard(message: Message, parts: list[Message], blocks: list[Message], text: str) -> Bounce | None:
    failed: dict[str, bool] = {}
    for block in blocks[:1000]:
        action = value(block, "Action").strip().lower()
        status = value(block, "Status").strip()
        if action not in {"failed", "delayed"} and not status.startswith(("4", "5")):
            continue
        address = _address(value(block, "Original-Recipient")) or _address(value(block, "Final-Recipient"))
        permanent = action == "failed" or (action != "delayed" and status.startswith("5"))
        failed[address] = failed.get(address, False) or permanent
    if not failed:
        return None
    recipients = tuple(address for address in failed if address)
    return Bounce(originals(message, parts, text), recipients, any(failed.values()))


def _free_form(message: Message, parts: list[Message], subject: str, text: str, failed: tuple[str, ...]) -> Bounce:
    own = set(addresses(message, "From", "To", "Delivered-To"))
    head = text[:4000]
    named = [found.lower() for found in _ADDRESS.findall(re.split(r"(?im)^[>\s]*(?:received|message-id):", head)[0])]
    recipients = failed or tuple(dict.fromkeys(one for one in named if one not in own and not _ROBOT.search(one)))[:5]
    said = f"{subject}\n{head}"
    permanent: bool | None = None
    if _PASSING.search(said):
        permanent = False
    elif _PERMANENT.search(said):
        permanent = True
    return Bounce(originals(message, parts, text), recipients, permanent)


def returned_copies(parts: list[Message]) -> Iterator[Message]:
    """The headers of the mails that a report returns."""
    for part in parts:
        if part.get_content_type() == "message/rfc822":
            yield from _blocks(part)


def returned_headers(parts: list[Message]) -> str:
    """The text of headers that a report returns without the rest of the mail."""
    texts: list[str] = []
    for part in parts:
        if part.get_content_type() in {"text/rfc822-headers", "message/rfc822-headers"}:
            payload = part.get_payload(decode=True)
            texts += [payload[:200_000].decode("utf-8", "replace")] if isinstance(payload, bytes) else []
    return "\n".join(texts)


def originals(message: Message, parts: list[Message], text: str) -> tuple[str, ...]:
    """Message-IDs of the mails it is about, from where they are surest."""
    ids: list[str] = []
    for copy in returned_copies(parts):
        ids += message_ids(values(copy, "Message-ID"))
    ids += _ORIGINAL_ID.findall(returned_headers(parts))
    for part in parts:
        for block in _blocks(part) if part.get_content_type() == "message/delivery-status" else ():
            ids += message_ids([*values(block, "X-Original-Message-ID"), *values(block, "Original-Message-ID")])
    ids = ids or _ORIGINAL_ID.findall(text[:200_000]) or list(answered(message))
    return tuple(dict.fromkeys(ids))
