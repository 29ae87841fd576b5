"""The referral letter: who the patient is and what is asked, on as many pages as it takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from config.reference import format_number
from outbound.content import PacketContent
from outbound.cover import shown
from outbound.fonts import BOLD, SANS
from outbound.sheet import Sheet, wrapped

_SIZE, _LEADING = 11.5, 5.6
_TOP, _BOTTOM, _LEFT, _WIDTH = 56.0, 246.0, 14.0, 186.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the letter; `after_mm` is the space below it."""

    text: str
    face: str = SANS
    size: float = _SIZE
    after_mm: float = 0.0


def letter_pages(content: PacketContent) -> list[list[Line]]:
    """The letter's lines, page by page."""
    pages: list[list[Line]] = [[]]
    used = _TOP
    for line in _lines(content):
        height = _LEADING + line.after_mm
        if used + height > _BOTTOM:
            pages.append([])
            used = _TOP
        pages[-1].append(line)
        used += height
    return pages


def draw_letter(sheet: Sheet, content: PacketContent, lines: list[Line]) -> None:
    """One page of it, under the clinic's head."""
    sender = content.sender
    at = content.built_at.astimezone(ZoneInfo(sender.zone))
    sheet.text(_LEFT, 22, sender.name, 15, BOLD)
    sheet.text(_LEFT, 28, sender.address, 10)
    sheet.text(_LEFT, 33, f"Phone {shown(sender.phone)}   Fax {shown(sender.fax)}", 10)
    sheet.text(_LEFT, 44, f"Referral letter {format_number(content.number)}, {at:%B} {at.day}, {at.year}", 12, BOLD)
    y = _TOP
    for line in lines:
        y += _LEADING
        sheet.text(_LEFT, y, line.text, line.size, line.face)
        y += line.after_mm


def _lines(content: PacketContent) -> Iterator[Line]:
    subject = content.subject
    yield from _wrap(f"To: {content.addressee.name}", BOLD)
    yield Line("", after_mm=-2)
    yield Line("Patient", BOLD, after_mm=0.5)
    facts = (
        ("Name", subject.full_name),
        ("Date of birth", f"{subject.birth_date:%m/%d/%Y}"),
        ("Sex", subject.sex),
        ("MRN", subject.mrn),
        ("Phone", shown(subject.phone)),
        ("Address", subject.address),
        ("Insurance", subject.insurance),
        ("Language", subject.language),
    )
    for name, value in facts:
        if value:
            yield from _wrap(f"{name}: {value}")
    yield Line("")
    yield Line("What we ask", BOLD, after_mm=0.5)
    yield from _wrap(f"{content.specialty.capitalize()}, {content.service}. Urgency: {content.urgency}.")
    if content.icd10:
        yield from _wrap(f"ICD-10: {', '.join(content.icd10)}")
    yield Line("", after_mm=-3)
    yield from _wrap(content.question)
    yield Line("")
    yield Line("Please send your report to us; we tell the patient and keep the whole record.")
    yield Line("")
    yield Line(content.clinician, BOLD)
    if content.clinician_npi:
        yield Line(f"NPI {content.clinician_npi}")
    if content.clinician_phone:
        yield Line(f"Phone {shown(content.clinician_phone)}")


def _wrap(text: str, face: str = SANS) -> Iterator[Line]:
    for line in wrapped(text, _WIDTH, face, _SIZE):
        yield Line(line, face)
