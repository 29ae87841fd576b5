"""What a form's boxes answer: ticked, circled, crossed out, or doubtful.

Owns when an answer stands by itself. Two answers that exclude each other are none.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

import numpy as np

from config.vocabulary import AnswerId
from parsers.boxes import BoxLook
from parsers.reading import Answer, Box

SURE = 0.9
_RING, _PERHAPS_RING = 0.4, 0.12  # of the words' length; 1,925 uncircled words showed 0.08 at most
_RING_CONFIDENCE = 0.94
_DISPUTED = 0.6
_CRUMBS, _MORE_CRUMBS = 4, 3  # so many specks in one box; on a dirty page more are nothing
_HALVES = frozenset({AnswerId.APPOINTMENT_AM, AnswerId.APPOINTMENT_PM})
_YES = frozenset({AnswerId.ACCEPTED_WAITING, AnswerId.APPOINTMENT_BOOKED, AnswerId.ALREADY_SEEN})
_NO = frozenset(
    {
        AnswerId.DECLINED_SPECIALTY,
        AnswerId.DECLINED_CAPACITY,
        AnswerId.DECLINED_INSURANCE,
        AnswerId.DECLINED_OTHER,
        AnswerId.WRONG_OFFICE,
    }
)
_PATIENT = frozenset({AnswerId.PATIENT_DECLINED, AnswerId.UNABLE_TO_REACH_PATIENT, AnswerId.NO_SHOW})
WORDS_NEEDED = frozenset({AnswerId.NEED_INFORMATION, AnswerId.DECLINED_OTHER, AnswerId.WRONG_OFFICE})
"""Answers whose meaning is in the words beside them: the page is recognised as text as well."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A box, and how far a ring runs round the words beside it."""

    look: BoxLook
    ring: float


def answer(box: AnswerId, seen: Mapping[AnswerId, Seen], where: Box) -> Answer:
    """What one box says, beside what the others show."""
    look, ring = seen[box].look, seen[box].ring
    others = [other for name, other in seen.items() if name is not box and name not in _HALVES]
    if ring >= _RING and look.is_smothered:
        return Answer(True, 0.7, where)  # a ring by a broad pen that runs through the box as well
    if look.is_smothered and any(_is_meant(other) for other in others):
        return Answer(False, 0.7, where)  # scribbled out, and another ticked instead
    if look.is_smothered:
        return Answer(True, 0.7, where)  # nothing else is ticked: nobody can know whether this is a tick or none
    if ring >= _RING and not (look.is_ticked and look.confidence >= SURE):
        return Answer(True, _RING_CONFIDENCE if look.has_frame else 0.3, where)
    if ring >= _PERHAPS_RING and not look.is_ticked:
        return Answer(True, 0.6, where)
    if not look.is_ticked and look.parts >= _CRUMBS + _MORE_CRUMBS * float(np.median([o.look.parts for o in others])):
        return Answer(True, 0.6, where)  # a faint stroke that fell to pieces in the scanner
    return Answer(look.is_ticked, round(look.confidence, 3), where)


def _is_meant(seen: Seen) -> bool:
    return seen.ring >= _RING or (seen.look.is_ticked and not seen.look.is_smothered)


def without_disputed(answers: Mapping[AnswerId, Answer]) -> dict[AnswerId, Answer]:
    """The answers, those that exclude each other no surer than a doubtful box: clear ink, but no clear answer."""
    ticked = {box for box, answer in answers.items() if answer.value}
    disputed = {box for _, boxes in _disputes(ticked) for box in boxes}
    return {
        box: replace(answer, confidence=min(answer.confidence, _DISPUTED)) if box in disputed else answer
        for box, answer in answers.items()
    }


def _disputes(ticked: Set[AnswerId]) -> list[tuple[str, frozenset[AnswerId]]]:
    """What excludes each other: in plain words, and the boxes."""
    found: list[tuple[str, frozenset[AnswerId]]] = []
    if ticked & _YES and ticked & _NO:
        found.append(("both accepted and declined are ticked", frozenset(ticked & (_YES | _NO))))
    if ticked & _PATIENT and ticked & (_NO | {AnswerId.ACCEPTED_WAITING}):
        others = _PATIENT | _NO | {AnswerId.ACCEPTED_WAITING}
        found.append(("answers that exclude each other are ticked", frozenset(ticked & others)))
    if len(ticked & _YES) > 1 and AnswerId.ALREADY_SEEN in ticked:
        found.append(("both booked and already seen are ticked", frozenset(ticked & _YES)))
    return found


def box_doubts(answers: dict[AnswerId, Answer]) -> tuple[str, ...]:
    """Why a person must look at the boxes, in plain words."""
    doubts: list[str] = []
    ticked = {box for box, answer in answers.items() if answer.value} - _HALVES
    if not ticked:
        doubts.append("no box is surely ticked")
    disputed = {box for _, boxes in _disputes(ticked) for box in boxes}
    unsure = [box for box, answer in answers.items() if answer.confidence < SURE and box not in _HALVES | disputed]
    if unsure:
        doubts.append("doubtful box: " + ", ".join(box.value.replace("_", " ") for box in unsure))
    doubts += [words for words, _ in _disputes(ticked)]
    if len(ticked) > 3:
        doubts.append("more boxes are ticked than one answer needs")
    return tuple(doubts)
