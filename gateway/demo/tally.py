"""The demo's figures, each a count of rows; `misfiled` compares them with the offices' answer key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.reference import format_number
from config.vocabulary import DocumentKind
from gateway.demo.ledger import Sent
from gateway.domain.arrival import ArrivalState, Part
from gateway.domain.event import EventKind
from gateway.domain.referral import Referral, Status
from gateway.domain.transmission import Purpose, Transmission, TransmissionState
from gateway.services.ports import Store, Transaction

_SENT = frozenset({TransmissionState.ACCEPTED, TransmissionState.DELIVERED})
_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Tally:
    """What `referloop demo --json` prints."""

    referrals: int
    sent: int
    delivered: int
    confirmed: int
    scheduled: int
    reports: int
    closed: int
    resent: int
    escalated: int
    review: int
    misfiled: int
    uncertain: int
    timeline: list[dict[str, object]]


def take_tally(store: Store, ledger: Sequence[Sent]) -> Tally:
    """Count what the database holds now."""
    with store.transaction() as tx:
        referrals = tx.referrals(limit=_MANY)
        transmissions = tx.transmissions_in(list(TransmissionState), limit=_MANY)
        reached = _reached(tx)
        return Tally(
            referrals=len(referrals),
            sent=sum(t.state in _SENT for t in transmissions),
            delivered=sum(t.state is TransmissionState.DELIVERED for t in transmissions),
            confirmed=sum(_was_confirmed(tx, referral) for referral in referrals),
            scheduled=sum(Status.SCHEDULED in reached.get(r.id, ()) for r in referrals),
            reports=sum(Status.REPORT_RECEIVED in reached.get(r.id, ()) for r in referrals),
            closed=sum(r.status is Status.CLOSED for r in referrals),
            resent=sum(t.purpose is Purpose.SECOND_REQUEST and t.state in _SENT for t in transmissions),
            escalated=sum(r.escalated_at is not None for r in referrals),
            review=len(tx.queue(limit=_MANY)),
            misfiled=len(misfiled(tx, referrals, transmissions, ledger)),
            uncertain=sum(t.state is TransmissionState.UNCERTAIN for t in transmissions),
            timeline=_timeline(tx, {r.id: r.number for r in referrals}),
        )


def _was_confirmed(tx: Transaction, referral: Referral) -> bool:
    """The recipient's own word on the referral is on file: a form, a reply or a notice."""
    words = {
        DocumentKind.CONFIRMATION,
        DocumentKind.APPOINTMENT_NOTICE,
        DocumentKind.DECLINE,
        DocumentKind.INFORMATION_REQUEST,
        DocumentKind.NO_SHOW,
    }
    return any(part.kind in words for part in tx.filed_on(referral.id))


def _reached(tx: Transaction) -> Mapping[int, set[Status]]:
    reached: dict[int, set[Status]] = {}
    for chained in tx.events(limit=_MANY):
        event = chained.event
        if event.kind is EventKind.REFERRAL_MOVED and event.referral_id is not None and event.detail:
            reached.setdefault(event.referral_id, set()).add(Status(str(event.detail["to"])))
    return reached


def _timeline(tx: Transaction, numbers: Mapping[int, str]) -> list[dict[str, object]]:
    return [
        {
            "seq": chained.seq,
            "at": chained.event.at.isoformat(timespec="milliseconds"),
            "event": chained.event.kind.value,
            "referral": format_number(numbers[chained.event.referral_id]) if chained.event.referral_id else None,
            "by": chained.event.actor,
            "detail": chained.event.detail or {},
        }
        for chained in tx.events(limit=_MANY)
    ]


def misfiled(
    tx: Transaction, referrals: Sequence[Referral], transmissions: Sequence[Transmission], ledger: Sequence[Sent]
) -> list[tuple[Part, Referral]]:
    """Filings on another referral than the one whose packet the office was answering."""
    packets = {t.carrier_reference: t.referral_id for t in transmissions if t.carrier_reference}
    key = {sent.key: [packets.get(reference) for reference in sent.answers] for sent in ledger}
    truth: dict[int, list[int | None]] = {}
    for arrival in tx.arrivals([ArrivalState.READ], limit=_MANY):
        reading = tx.reading_of(arrival.id)
        message_id = reading.mail.message_id if reading and reading.mail else ""
        truth[arrival.id] = key.get(arrival.sha256) or key.get(message_id) or key.get(f"<{message_id}>") or []
    return [
        (part, referral)
        for referral in referrals
        for part in tx.filed_on(referral.id)
        if referral.id not in _right_answers(truth.get(part.arrival_id, []), part)
    ]


def _right_answers(answers: Sequence[int | None], part: Part) -> list[int | None]:
    """Joint notes answer one packet a page; everything else answers its one packet."""
    if len(answers) > 1 and part.pages:
        return [answers[page] for page in part.pages if page < len(answers)]
    return list(answers)
