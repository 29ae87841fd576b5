"""Documents from the store's values to the API's models, and their ETags."""

from dataclasses import dataclass
from datetime import datetime

from config.reference import format_number
from gateway.domain.arrangement import Arrangement
from gateway.domain.arrival import Arrival, Candidate, Part, PartState
from gateway.domain.referral import Referral
from gateway.services.ports import Transaction
from gateway.services.queue_questions import Mark, Named, Note, Waiting
from gateway.services.take_back import taken_back
from gateway.web.api.document_models import (
    ArrangementOut,
    BoxOut,
    CandidateOut,
    DocumentOut,
    DocumentRow,
    FieldOut,
    NamedReferral,
    NoteOut,
    PageOut,
    PersonOut,
    Spot,
)
from gateway.web.api.shapes import a_time, in_utc
from gateway.web.api.versions import etag_over
from gateway.web.document_facts import sides_of
from gateway.web.picture_pages import warnings_of
from gateway.web.review_desk import ReviewDesk
from parsers.reading import Box, Document, Reading


@dataclass(frozen=True, slots=True)
class Seen:
    """One item with what settling it may change."""

    item: int
    arrival: Arrival
    part: Part | None
    mark: Mark
    notes: tuple[Note, ...] = ()

    @property
    def etag(self) -> str:
        """Another one once it is settled, rearranged, handed on, labelled or written on."""
        part = self.part
        stands = (part.state, part.settled_at, part.settled_by, part.pages, part.kind) if part else self.arrival.state
        return etag_over(self.item, stands, self.mark.assigned_to, self.mark.label, len(self.notes))


def seen(tx: Transaction, item: int) -> Seen:
    """The item as it stands. Raises NotFound."""
    part = tx.part(item) if item > 0 else None
    # an item of its own refuses what has become readable meanwhile
    arrival = tx.arrival(part.arrival_id) if part else tx.queue_item(item).arrival
    return Seen(item, arrival, part, tx.mark(item), tuple(tx.notes(item)))


def waiting_row(item: Waiting, now: datetime) -> DocumentRow:
    """A row of what waits."""
    row = _row(Seen(item.id, item.arrival, item.part, item.mark), item.reason, now)
    guess = named(item.guess) if item.guess else None
    return DocumentRow.model_validate(row | {"best_guess": guess, "contradictions": list(item.against)})


def settled_row(tx: Transaction, part: Part, arrival: Arrival, now: datetime) -> DocumentRow:
    """A row of what is settled."""
    row = _row(Seen(part.id, arrival, part, Mark(part.id)), part.reason, now)
    return DocumentRow.model_validate(row | {"filed_on": [named(one) for one in tx.filed_numbers(part.id)]})


def document_out(tx: Transaction, found: Seen, review: ReviewDesk) -> DocumentOut:
    """Everything about one document."""
    now = review.clock.now()
    part, arrival = found.part, found.arrival
    reading = tx.reading_of(arrival.id)
    document = _document(reading, part)
    candidates = [_candidate(*one) for one in tx.candidates_of(part.id)] if part else []
    best = candidates[0] if candidates else None
    row = _row(found, part.reason if part else arrival.error, now)
    back = taken_back(tx, part) if part else None
    siblings = [one.id for one in tx.parts_of(arrival.id) if one.state is not PartState.REPLACED]
    further: dict[str, object] = {
        "best_guess": best.referral if best else None,
        "contradictions": best.against if best else [],
        "filed_on": [named(one) for one in tx.filed_numbers(part.id)] if part else [],
        "name": arrival.envelope.name,
        "media_type": arrival.media_type,
        "candidates": candidates,
        "page_list": _pages(found.item, reading, part),
        "notes": [NoteOut(at=a_time(note.at), author=note.author, text=note.text) for note in found.notes],
        "siblings": [one for one in siblings if one != found.item],
        "is_purged": tx.is_purged(arrival.id),
        "is_quarantined": arrival.is_quarantined,
        "warnings": list(warnings_of(arrival, reading)),
        "undone": list(back.undone) if back else [],
        "not_undone": list(back.stays) if back else [],
        "chased": review.undo.chased(tx, found.item, back.referral_ids) if back else [],
    }
    return DocumentOut.model_validate(row | further | _read(document, found.item))


def arrangement_out(one: Arrangement) -> ArrangementOut:
    """Another arrangement of pages."""
    return ArrangementOut(
        items=list(one.part_ids), is_over=one.ended_at is not None, became=list(one.new_ids), trouble=one.error
    )


def named(one: Named) -> NamedReferral:
    """A referral's name."""
    return NamedReferral(number=format_number(one.number), family=one.family, given=one.given)


def _row(found: Seen, reason: str, now: datetime) -> dict[str, object]:
    item, arrival, part, mark = found.item, found.arrival, found.part, found.mark
    return {
        "item": item,
        "arrival": arrival.id,
        "state": part.state if part else "unreadable",
        "kind": part.kind if part else None,
        "channel": arrival.envelope.channel,
        "sender": arrival.envelope.sender,
        "pages": len(part.pages) if part else arrival.pages,
        "received_at": a_time(arrival.received_at),
        "reason": reason,
        "settled_by": part.settled_by if part else "",
        "settled_at": in_utc(part.settled_at) if part else None,
        "assigned_to": mark.assigned_to,
        "label": mark.label,
        "held_by": mark.holder(now),
    }


def _document(reading: Reading | None, part: Part | None) -> Document | None:
    if reading is None or part is None or part.index >= len(reading.documents):
        return None
    return reading.documents[part.index]


def _candidate(candidate: Candidate, referral: Referral) -> CandidateOut:
    patient = referral.intake.patient
    return CandidateOut(
        referral=NamedReferral(number=format_number(referral.number), family=patient.family, given=patient.given),
        birth_date=patient.birth_date,
        status=referral.status,
        likely=candidate.posterior,
        findings=list(candidate.findings),
        against=list(candidate.against),
    )


def _read(document: Document | None, item: int) -> dict[str, object]:
    if document is None:
        empty = dict.fromkeys(("fields", "boxes", "people", "numbers", "doubts"), ())
        unread: dict[str, object] = {"appointment_local": None, "appointment_confidence": 0.0, "text": ""}
        return {name: list(one) for name, one in empty.items()} | unread | {"is_code_verified": None}
    appointment = document.appointment
    return {
        "fields": [
            FieldOut(
                name=one.name,
                value=one.value,
                confidence=one.confidence,
                origin=one.origin,
                spot=_spot(one.box, item),
            )
            for one in document.fields
        ],
        "boxes": [
            BoxOut(box=id_, is_ticked=one.value, confidence=one.confidence, spot=_spot(one.box, item))
            for id_, one in document.answers.items()
        ],
        "people": [PersonOut.model_validate(one) for one in document.people],
        "appointment_local": appointment.at if appointment else None,
        "appointment_confidence": appointment.confidence if appointment else 0.0,
        "numbers": [format_number(number) for number in document.numbers],
        "is_code_verified": document.code.verified if document.code else None,
        "doubts": list(document.doubts),
        "text": document.text,
    }


def _spot(box: Box | None, item: int) -> Spot | None:
    if box is None:
        return None
    image = f"/api/v1/documents/{item}/pages/{box.page}/cut-outs/{sides_of(box)}"
    return Spot(page=box.page, x=box.x, y=box.y, w=box.w, h=box.h, image=image)


def _pages(item: int, reading: Reading | None, part: Part | None) -> list[PageOut]:
    by_index = {page.index: page for page in reading.pages} if reading else {}
    rows: list[PageOut] = []
    for index in part.pages if part else (0,):
        page = by_index.get(index)
        rows.append(
            PageOut(
                index=index,
                image=f"/api/v1/documents/{item}/pages/{index}/image",
                text=page.text if page else "",
                degrees=page.rotation if page else 0,
                problem=page.error if page else "",
            )
        )
    return rows
