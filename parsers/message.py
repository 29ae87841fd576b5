"""A mail in, a Reading out: headers, the sender's own words, and each attachment through the reader.

Owns the joining. The body is one document without pages; an attachment's pages are numbered on from the
attachment before it, so that a page index is unique within the Reading. Everything a mail says of itself is
its sender's word. Nothing is parsed before `mail_guard` has looked at the bytes.
"""

import re
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.reference import find_numbers
from config.vocabulary import DocumentKind
from parsers import mail_headers
from parsers.active_content import active_content
from parsers.calendar_invite import Invitation, read_invitation
from parsers.changed_appointments import cancel_doubts
from parsers.classify import classify
from parsers.dates import find_dates
from parsers.errors import DamagedFile, LimitExceeded
from parsers.fax_by_mail import FaxNotice, find_fax_notice
from parsers.fax_sent_by_mail import find_fax_sent
from parsers.fields import TextFacts, read_fields
from parsers.gathered import Gathered, ReadInner
from parsers.mail_authentication import failed_check, is_checked_by
from parsers.mail_body import OwnWords, own_words
from parsers.mail_bounce import Bounce, find_bounce, returned_copies, returned_headers
from parsers.mail_guard import MailLimits, check_mail
from parsers.mail_parts import Contents, all_parts, content, take_apart
from parsers.mail_receipt import find_receipt
from parsers.mail_signatures import checked, failed_signature, key_names
from parsers.options import ReadOptions
from parsers.reading import Document, Field, Mail, Origin, Reading, SignatureCheck
from parsers.smime import Opened, failed_smime, opened

MEDIA_TYPE = "message/rfc822"
_FORWARDED_SOON = timedelta(days=60)
_NOBODY_READS = re.compile(
    r"\b(?:no longer|not)\b.{0,30}\b(?:monitored|with (?:us|our|the)|employed|works?|working (?:here|at|for)|in use"
    r"|checked)\b"
    r"|\bunmonitored\b|\bleft (?:the|our) (?:practice|company|organi[sz]ation|clinic|office)\b"
    r"|\b(?:do not|don't|cannot|can't) (?:accept|send|take|process) (?:any )?referrals? (?:by|via|through"
    r"|over) e-?mail",
    re.IGNORECASE,
)
_BARE_NOTE = 220
"""A body shorter than this that names nobody and nothing is only the wrapping of its attachments."""


def read_mail(
    data: bytes, options: ReadOptions, read_attachment: ReadInner, limits: MailLimits | None = None
) -> Reading:
    """Everything one mail says.

    Args:
        data: the raw bytes.
        options: keys of our tokens, our reply address, the clinic's zone.
        read_attachment: reads an attachment's bytes under its display name.
        limits: how much we are ready to parse.

    Raises:
        LimitExceeded, DamagedFile: nothing could be read; the text is for the queue.
    """
    limits = limits or MailLimits()
    check_mail(data, limits)
    try:
        came = message_from_bytes(data, policy=compat32)
        all_parts(came, limits.max_depth)
        mail = opened(data, options.smime, options.written)
        mail = replace(mail, checks=(*_signatures(data, came, options), *mail.checks))
        message = came if mail.data is data else message_from_bytes(mail.data, policy=compat32)
        return _read(message, all_parts(message, limits.max_depth), options, read_attachment, mail)
    except RecursionError as error:
        raise LimitExceeded("the mail is nested too deep: open it with care") from error
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise DamagedFile(
            f"the mail breaks the rules of mail ({type(error).__name__}): look at the original"
        ) from error


def keys_to_ask_for(data: bytes, checked_by: str) -> tuple[str, ...]:
    """DNS names of the keys that verify a mail's signatures; none where `checked_by` says it has checked.

    Raises:
        LimitExceeded: the mail may not be parsed at all.
    """
    check_mail(data, MailLimits())
    message = BytesHeaderParser(policy=compat32).parsebytes(data)
    return () if is_checked_by(message, checked_by) else key_names(message)


def _signatures(data: bytes, message: Message, options: ReadOptions) -> tuple[SignatureCheck, ...]:
    if options.key_records is None or is_checked_by(message, options.checked_by):
        return ()
    return checked(data, message, options.key_records)


def _read(
    message: Message,
    parts: list[Message],
    options: ReadOptions,
    read_attachment: ReadInner,
    as_opened: Opened,
) -> Reading:
    subject = mail_headers.decoded(mail_headers.value(message, "Subject"))
    contents = take_apart(message)
    whole = "\n\n".join(contents.texts)
    bounce = find_bounce(message, parts, subject, whole)
    signatures = as_opened.checks
    failed = failed_check(message, options.checked_by) or failed_signature(signatures) or failed_smime(signatures)
    brings_nothing = not (failed or bounce or contents.attachments or contents.unopened)
    fax_sent = find_fax_sent(message, subject, whole, options.fax_services) if brings_nothing else None
    is_report = bounce is not None or fax_sent is not None or mail_headers.is_receipt(message)
    mail = _mail(message, subject, bounce, _tokens(message, parts, options, whole, is_report=is_report))
    receipt = None if failed or bounce else find_receipt(message, parts)
    mail = replace(
        mail, fax_sent=fax_sent, receipt=receipt, signatures=signatures, is_encrypted=as_opened.was_encrypted
    )
    if is_report:
        told = f"{subject}\n\n{whole}".strip()
        numbers = find_numbers(told) if fax_sent else ()
        document = Document((), *classify(whole, {}, mail), text=told, numbers=tuple(numbers))
        return Reading(MEDIA_TYPE, documents=(document,), mail=mail)
    gathered = Gathered()
    for attachment in contents.attachments:
        gathered.take(attachment.data, attachment.name, read_attachment)
    fax = find_fax_notice(message, subject, whole, has_attachment=bool(contents.attachments))
    doubts = _doubts(message, contents, failed)
    doubts += (as_opened.trouble,) if as_opened.trouble else ()
    if fax is not None:
        mail = replace(
            mail, is_fax=True, fax_caller=fax.caller, fax_station_id=fax.station_id, fax_is_partial=fax.is_partial
        )
        doubts += _fax_doubts(fax, gathered, has_attachment=bool(contents.attachments))
        body = None  # the service's words, not the office's
    else:
        words = own_words(whole, subject, options.reply_address)
        body = _body(words, contents, mail, options, has_others=bool(gathered.documents))
    documents = [*([body] if body else []), *gathered.documents]
    if not documents and not gathered.errors:
        documents = [Document((), *classify("", {}, mail))]
    return Reading(
        MEDIA_TYPE,
        tuple(gathered.pages),
        tuple(replace(one, doubts=(*one.doubts, *doubts)) for one in documents),
        mail,
        error="; ".join(gathered.errors),
        active=(*_scripts(parts), *gathered.active),
    )


def _scripts(parts: list[Message]) -> tuple[str, ...]:
    """What the HTML of the mail itself would do in a mail program; its words are read without any of it."""
    bodies = [content(part) for part in parts if part.get_content_type() == "text/html"]
    return tuple(dict.fromkeys(what for body in bodies for what in active_content(b"<html>" + body)))


def _tokens(
    message: Message, parts: list[Message], options: ReadOptions, text: str, *, is_report: bool
) -> tuple[str, ...]:
    """Our reply tokens in the mail's own headers, and in a report those of the mail it returns."""
    tokens: tuple[str, ...] = ()
    for address in (options.reply_address, *options.more_reply_addresses):
        tokens += mail_headers.tokens(message, address, options.keys)
        if is_report:
            for copy in returned_copies(parts):
                tokens += mail_headers.copy_tokens(copy, address, options.keys)
            quoted = f"{returned_headers(parts)}\n{text[:200_000]}"
            tokens += mail_headers.text_tokens(quoted, address, options.keys)
    return tokens


def _mail(message: Message, subject: str, bounce: Bounce | None, tokens: tuple[str, ...]) -> Mail:
    return Mail(
        message_id=next(iter(mail_headers.message_ids(mail_headers.values(message, "Message-ID"))), ""),
        in_reply_to=mail_headers.answered(message),
        sender=next(iter(mail_headers.addresses(message, "From")), ""),
        recipients=mail_headers.recipients(message),
        subject=subject,
        sent_at=mail_headers.sent_at(message),
        tokens=tuple(dict.fromkeys(tokens)),
        is_auto_reply=bounce is None and mail_headers.is_auto_reply(message, subject),
        bounced_message_ids=bounce.message_ids if bounce else (),
        bounced_recipients=bounce.recipients if bounce else (),
        bounce_is_permanent=bounce.is_permanent if bounce else None,
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _written(mail: Mail, options: ReadOptions) -> date | None:
    """The sender's day, from the Date header; a header far from the day of arrival is not believed."""
    if mail.sent_at is None:
        return options.written
    sent = mail.sent_at.astimezone(_zone(options.zone)).date()
    if options.written and abs((options.written - sent).days) > 30:
        return options.written
    return sent


def _counts_from(words: OwnWords, sent: date | None) -> date | None:
    """The day from which `tomorrow` counts: in a forward it is that of the mail forwarded."""
    dates = find_dates(words.forwarded_at)
    if not dates or (sent and not timedelta(0) <= sent - dates[0].value <= _FORWARDED_SOON):
        return sent
    return dates[0].value


def _body(
    words: OwnWords, contents: Contents, mail: Mail, options: ReadOptions, *, has_others: bool
) -> Document | None:
    """The body as a document, or None if it says nothing by itself."""
    zone = _zone(options.zone)
    invitations = [one for text in contents.invitations if (one := read_invitation(text, zone))]
    text = "\n\n".join(part for part in (words.text, *(one.text for one in invitations)) if part)
    if not any(char.isalnum() for char in text) and not mail.tokens:
        return None
    told = text if _is_reply(mail.subject) else f"{mail.subject}\n\n{text}"
    facts = TextFacts() if mail.is_auto_reply else read_fields(told, _counts_from(words, _written(mail, options)))
    kind, confidence = classify(told, {}, mail)
    appointment = next((one.appointment for one in invitations if one.appointment), None) or facts.appointment
    numbers = tuple(dict.fromkeys((*facts.numbers, *find_numbers(mail.subject))))
    if any(one.appointment for one in invitations) and kind is DocumentKind.OTHER:
        kind, confidence = DocumentKind.APPOINTMENT_NOTICE, 0.85
    says_nothing = kind is DocumentKind.OTHER or len(text) < 60
    if has_others and says_nothing and len(text) < _BARE_NOTE and not (facts.people or appointment or facts.fields):
        return None
    return Document(
        pages=(),
        kind=kind,
        kind_confidence=confidence,
        text=text,
        numbers=numbers,
        appointment=appointment,
        people=facts.people,
        fields=(*facts.fields, *_mail_fields(words, contents)),
        dates=facts.dates,
        doubts=(
            *_invitation_doubts(invitations),
            *_quote_doubts(words),
            *_machine_doubts(mail, told),
            *(() if mail.is_auto_reply else cancel_doubts(told, kind, has_appointment=appointment is not None)),
        ),
    )


def _is_reply(subject: str) -> bool:
    """A reply's subject is ours, not the sender's words."""
    return subject.strip().lower().startswith(("re:", "re :", "aw:", "sv:", "antw:"))


def _mail_fields(words: OwnWords, contents: Contents) -> list[Field]:
    fields: list[Field] = []
    if signer := next((line.strip() for line in words.signature.split("\n") if line.strip()), ""):
        fields.append(Field("signer", signer[:120], 0.7, Origin.TEXT))
    if words.forwarded_from:
        fields.append(Field("forwarded_from", words.forwarded_from[:200], 0.7, Origin.TEXT))
    if contents.ornaments:
        fields.append(Field("small_images", ", ".join(contents.ornaments)[:200], 1.0, Origin.HEADER))
    return fields


def _invitation_doubts(invitations: list[Invitation]) -> tuple[str, ...]:
    return ("the calendar invitation cancels an appointment",) if any(one.is_cancelled for one in invitations) else ()


def _quote_doubts(words: OwnWords) -> tuple[str, ...]:
    told = "the sender points to answers within the quoted mail: look at the original"
    return (told,) if words.answers_in_quote else ()


def _machine_doubts(mail: Mail, told: str) -> tuple[str, ...]:
    """What an automatic answer says that no one may miss: that nobody reads there, or that they decline."""
    if not mail.is_auto_reply:
        return ()
    if _NOBODY_READS.search(told):
        return ("the automatic answer says that this address is not read: find out where to write",)
    kind, confidence = classify(told, {}, None)
    if kind in (DocumentKind.DECLINE, DocumentKind.NO_SHOW) and confidence >= 0.8:
        return ("the automatic answer holds more than an absence: look at it",)
    return ()


def _doubts(message: Message, contents: Contents, failed: str) -> tuple[str, ...]:
    doubts = [f"{name} was attached and cannot be opened here: look at the original" for name in contents.unopened]
    if len(mail_headers.values(message, "From")) > 1 or len(mail_headers.addresses(message, "From")) > 1:
        doubts.append("the mail names more than one sender")
    if failed:
        doubts.append(f"the sender may be somebody else: the check of it says {failed}")
    return tuple(doubts)


def _fax_doubts(fax: FaxNotice, gathered: Gathered, *, has_attachment: bool) -> tuple[str, ...]:
    if not has_attachment:
        return ("the fax is not in this mail: fetch it from the service, then `referloop receive`",)
    read = len(gathered.pages)
    if fax.pages > read and read:
        return (f"the fax service speaks of {fax.pages} pages, {read} came",)
    return ()
