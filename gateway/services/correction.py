"""What a person says a document means, where the machine misread it: it goes into the answer, not onto the page."""

from dataclasses import dataclass, replace
from datetime import datetime

from config.vocabulary import AnswerId, DocumentKind
from gateway.domain.evidence import AnswerClaim, Evidence


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's word; None where nothing is said and the reading stands.

    `appointment_at` is naive local time, as on paper. What a person has said is sure, whatever the reader doubted.
    """

    kind: DocumentKind | None = None
    appointment_at: datetime | None = None
    has_no_appointment: bool = False
    ticked: frozenset[AnswerId] | None = None


def corrected(evidence: Evidence, said: Correction) -> Evidence:
    """The evidence with a person's word in place of the reader's."""
    if said.kind is not None:
        evidence = replace(evidence, kind=said.kind, kind_confidence=1.0)
    if said.ticked is not None:
        evidence = replace(evidence, ticked=tuple(AnswerClaim(id_, 1.0) for id_ in sorted(said.ticked)))
    if said.appointment_at is not None:
        return replace(evidence, appointment_at=said.appointment_at, appointment_confidence=1.0)
    if said.has_no_appointment:
        return replace(evidence, appointment_at=None, appointment_confidence=0.0)
    return evidence


def differences(evidence: Evidence, said: Correction) -> list[str]:
    """What was corrected, as words for the event: names of fields, and times, never a patient's name."""
    told: list[str] = []
    if said.kind is not None and said.kind is not evidence.kind:
        told.append(f"kind {evidence.kind.value} is {said.kind.value}")
    if said.appointment_at is not None and said.appointment_at != evidence.appointment_at:
        told.append(f"appointment is {said.appointment_at:%Y-%m-%d %H:%M}")
    if said.has_no_appointment and evidence.appointment_at is not None:
        told.append("no appointment")
    if said.ticked is not None and said.ticked != frozenset(claim.id for claim in evidence.ticked):
        told.append("boxes are " + (", ".join(sorted(id_.value for id_ in said.ticked)) or "none"))
    return told
