"""From a Reading to the Evidence that matching and moving use. Pure; no judgement here."""

from collections.abc import Iterable
from datetime import datetime

from gateway.domain.arrival import Arrival
from gateway.domain.evidence import AnswerClaim, CodeClaim, Evidence, PersonClaim
from parsers.reading import Document, Mail, Reading, Role, SignatureCheck, SignatureKind, SignatureResult


def evidence_of(
    arrival: Arrival, reading: Reading, document: Document, thread_numbers: Iterable[str], received_at: datetime
) -> Evidence:
    """What one logical document of an arrival claims; `thread_numbers` were resolved from its mail's threads."""
    appointment, vouched = document.appointment, _vouched(reading.mail)
    return Evidence(
        kind=document.kind,
        kind_confidence=document.kind_confidence,
        channel=arrival.envelope.channel,
        received_at=received_at,
        code=_code(document),
        numbers=document.numbers,
        thread_numbers=tuple(thread_numbers),
        patients=tuple(_patients(document)),
        sender=sender_of(arrival, reading.mail),
        vouched_domain=vouched.domain if vouched else "",
        is_vouched_by_certificate=vouched is not None and vouched.kind is SignatureKind.SMIME,
        station_id=arrival.envelope.station_id or (reading.mail.fax_station_id if reading.mail else ""),
        specialists=tuple(
            " ".join(filter(None, (p.given, p.family))) for p in document.people if p.role is Role.SPECIALIST
        ),
        specialist_npis=tuple(p.npi for p in document.people if p.role is Role.SPECIALIST and p.npi),
        dates=document.dates,
        ticked=tuple(AnswerClaim(id_, a.confidence) for id_, a in document.answers.items() if a.value),
        appointment_at=appointment.at if appointment else None,
        appointment_confidence=appointment.confidence if appointment else 0.0,
        text_disagrees=document.text_disagrees,
        is_partial=arrival.envelope.is_partial or (reading.mail is not None and reading.mail.fax_is_partial),
        doubts=document.doubts + ((reading.error,) if reading.error else ()),
        decline_reason=_field(document, "decline_reason"),
        missing_items=_field(document, "missing_items"),
    )


def sender_of(arrival: Arrival, mail: Mail | None) -> str:
    """Who sent it: of a fax that a service mailed on, the caller; the service itself is nobody's office."""
    if mail is not None and mail.is_fax:
        return mail.fax_caller
    return arrival.envelope.sender or (mail.sender if mail else "")


def _vouched(mail: Mail | None) -> SignatureCheck | None:
    """The sender's own signature that holds, a certificate's before a domain's. A fax service vouches for nobody."""
    checks = mail.signatures if mail is not None and not mail.is_fax else ()
    held = [one for one in checks if one.result is SignatureResult.HOLDS and one.is_senders_own]
    return next((one for one in held if one.kind is SignatureKind.SMIME), next(iter(held), None))


def answered_keys(mail: Mail | None) -> list[str]:
    """Our idempotency keys in the Message-IDs that a mail answers, bounces or confirms: `<key@domain>`."""
    if mail is None:
        return []
    ids = (*mail.in_reply_to, *mail.bounced_message_ids, *(mail.receipt.message_ids if mail.receipt else ()))
    return [message_id.strip("<> ").partition("@")[0] for message_id in ids]


def _code(document: Document) -> CodeClaim | None:
    code = document.code
    return CodeClaim(code.number, code.transmission, code.verified) if code else None


def _patients(document: Document) -> Iterable[PersonClaim]:
    for person in document.people:
        if person.role is Role.PATIENT:
            yield PersonClaim(
                family=person.family,
                given=person.given,
                middle=person.middle,
                birth_date=person.birth_date,
                mrn=person.mrn,
                phone=person.phone,
                confidence=person.confidence,
            )


def _field(document: Document, name: str) -> str:
    return next((field.value for field in document.fields if field.name == name), "")
