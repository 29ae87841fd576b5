"""Whether a document is the same paper as an earlier one, faxed or scanned again with other noise. Pure.

Owns the fingerprint and the sentence that says why two are alike. A form of ours is known by its code and answers;
any other paper by what it states and by how many of its letters in a row are the same.
"""

import json
import re
import zlib
from dataclasses import dataclass

from gateway.domain.evidence import Evidence

_SURE = 0.9
_GRAM = 5  # letters in a row: of 100 letters with 4 misread, 80 such runs survive
_KEPT = 160  # runs kept of a text, the smallest hashes: likeness to within 0.04
_LEAST = 40  # runs; less text says too little
_ALIKE = 0.8  # of the runs, for papers that state nothing in common
_ALIKE_WITH_FACTS = 0.45  # two readings of one page on a bad line, where birth date or number agree
_MOST_CHARACTERS = 40_000


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is kept of a document to know it again: `form` for our own form, else facts and a sketch of its text."""

    form: str = ""
    who: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    sketch: tuple[int, ...] = ()

    def as_json(self) -> str:
        """For the store."""
        return json.dumps({"form": self.form, "who": self.who, "when": self.when, "sketch": self.sketch})


def from_json(text: str) -> Fingerprint:
    """As it was kept."""
    kept = json.loads(text or "{}")
    return Fingerprint(kept.get("form", ""), *(tuple(kept.get(name, ())) for name in ("who", "when", "sketch")))


def fingerprint(evidence: Evidence, text: str) -> Fingerprint:
    """Of a document's claims and its text."""
    ticked = sorted(claim.id.value for claim in evidence.ticked)
    appointment = evidence.appointment_at.isoformat() if evidence.appointment_at else ""
    code = evidence.code
    form = f"{code.number}/{code.transmission}:{','.join(ticked)}:{appointment}" if code and ticked else ""
    born = {one.birth_date.isoformat() for one in evidence.patients if one.birth_date}
    return Fingerprint(
        form=form,
        who=tuple(sorted(born | {one.mrn for one in evidence.patients if one.mrn} | set(evidence.numbers))),
        when=tuple(sorted({day.isoformat() for day in evidence.dates} | ({appointment} - {""}))),
        sketch=_sketch(text),
    )


def likeness(one: Fingerprint, other: Fingerprint) -> str:
    """Why two documents are the same paper, in words for staff; empty if they are not."""
    if one.form or other.form:
        return "the same answers on the same page of ours" if one.form == other.form else ""
    if one.when and other.when and one.when != other.when:
        return ""  # the next visit's note, or another date for the appointment
    shared = _share(one.sketch, other.sketch)
    if one.who and other.who and not set(one.who) & set(other.who):
        return ""
    needed = _ALIKE_WITH_FACTS if set(one.who) & set(other.who) else _ALIKE
    return f"{shared:.0%} of its text is the same" if shared >= needed else ""


def _sketch(text: str) -> tuple[int, ...]:
    plain = re.sub(r"[^a-z0-9]", "", text[:_MOST_CHARACTERS].lower())
    runs = {zlib.crc32(plain[at : at + _GRAM].encode()) for at in range(len(plain) - _GRAM + 1)}
    return tuple(sorted(runs)[:_KEPT]) if len(runs) >= _LEAST else ()


def _share(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The share of runs in both, by the smallest hashes of both together (bottom-k sketches)."""
    if not one or not other:
        return 0.0
    smallest = sorted(set(one) | set(other))[: min(_KEPT, max(len(one), len(other)))]
    both = set(one) & set(other)
    return sum(run in both for run in smallest) / len(smallest)
