"""The referral letter: who the patient is and what is asked, on as many pages as it takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from config.form import Rect
from config.reference import format_number
from outbound.content import PacketContent, Subject
from outbound.cover import addressed, shown
from outbound.fonts import BOLD, SANS
from outbound.sheet import Sheet, wrapped

_SIZE, _LEADING = 11.5, 5.6
_TOP, _BOTTOM, _LEFT, _WIDTH = 56.0, 247.0, 14.0, 188.0
_INDENT = 38.0  # where a fact stands, right of its name


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the letter, `gap_mm` below the one before; a fact has its name at the left."""

    text: str
    face: str = SANS
    name: str = ""
    indent_mm: float = 0.0
    gap_mm: float = 0.0


def letter_pages(content: PacketContent) -> list[list[Line]]:
    """The letter's lines, page by page; a heading is not left alone at a foot."""
    pages: list[list[Line]] = [[]]
    used = _TOP
    for line in _lines(content):
        needed = line.gap_mm + _LEADING * (2 if line.face == BOLD else 1)
        if used + needed > _BOTTOM:
            pages.append([])
            used = _TOP
        pages[-1].append(line)
        used += line.gap_mm + _LEADING
    return pages


def draw_letter(sheet: Sheet, content: PacketContent, lines: list[Line], part: int) -> None:
    """One page of it, under the clinic's head; a later page says again whose letter it is."""
    sender, subject = content.sender, content.subject
    at = content.built_at.astimezone(ZoneInfo(sender.zone))
    room = sheet.form.qr.x - _LEFT - 3
    sheet.fitted(Rect(_LEFT, 16, room, 6), sender.name, 15, BOLD, least=10)
    sheet.fitted(Rect(_LEFT, 23, room, 4.5), sender.address, 10, SANS, least=9)
    sheet.fitted(Rect(_LEFT, 28, room, 4.5), _reach(content), 10, SANS, least=9)
    sheet.text(_LEFT, 43, f"Referral letter {format_number(content.number)}, {at:%B} {at.day}, {at.year}", 12, BOLD)
    if part > 1:
        whose = f"{subject.full_name}, born {subject.birth_date:%m/%d/%Y}, continued"
        sheet.fitted(Rect(_LEFT, 45, room, 4.5), whose, 11, SANS, least=9)
    y = _TOP - (lines[0].gap_mm if lines else 0)
    for line in lines:
        y += line.gap_mm + _LEADING
        if line.name:
            sheet.text(_LEFT, y, line.name, _SIZE, SANS)
        sheet.text(_LEFT + line.indent_mm, y, line.text, _SIZE, line.face)


def _reach(content: PacketContent) -> str:
    sender = content.sender
    ways = (("Phone", shown(sender.phone)), ("Fax", shown(sender.fax)), ("Email", sender.reply_address))
    return "   ".join(f"{name} {value}" for name, value in ways if value)


def _lines(content: PacketContent) -> Iterator[Line]:
    subject = content.subject
    yield from _fact("To", addressed(content.addressee.name, content.addressee.organization), face=BOLD)
    yield Line("Patient", BOLD, gap_mm=3)
    yield from _fact("Name", subject.full_name, face=BOLD)
    yield from _fact("Date of birth", f"{subject.birth_date:%m/%d/%Y}")
    yield from _fact("Sex", subject.sex)
    yield from _fact("MRN", subject.mrn)
    yield from _fact("Phone", shown(subject.phone))
    yield from _fact("Address", subject.address)
    yield from _fact("Insurance", subject.insurance)
    yield from _fact("Language", _language(subject))
    yield Line("What we ask", BOLD, gap_mm=3)
    yield from _fact("Service", f"{content.specialty.capitalize()}, {content.service}")
    yield from _fact("Urgency", content.urgency)
    yield from _fact("ICD-10", ", ".join(content.icd10))
    yield from _paragraphs(content.question, gap_mm=2)
    yield from _fact("Enclosed", ", ".join(enclosure.name for enclosure in content.enclosures), gap_mm=3)
    yield from _paragraphs("Please send the report of the visit to us when the patient has been seen.", gap_mm=3)
    yield from _fact("Referred by", content.clinician, face=BOLD, gap_mm=4)
    yield from _fact("NPI", content.clinician_npi)
    yield from _fact("Phone", shown(content.clinician_phone))


def _language(subject: Subject) -> str:
    wish = "interpreter needed" if subject.needs_interpreter else ""
    return ", ".join(filter(None, (subject.language, wish)))


def _fact(name: str, value: str, *, face: str = SANS, gap_mm: float = 0.0) -> Iterator[Line]:
    """A name and its value, wrapped beside it; nothing when there is no value."""
    if not value.strip():
        return
    first, *rest = wrapped(value, _WIDTH - _INDENT, face, _SIZE)
    yield Line(first, face, f"{name}:", _INDENT, gap_mm)  # colons: the other side may be read by a machine
    for line in rest:
        yield Line(line, face, indent_mm=_INDENT)


def _paragraphs(text: str, *, gap_mm: float) -> Iterator[Line]:
    for number, line in enumerate(wrapped(text, _WIDTH, SANS, _SIZE)):
        yield Line(line, gap_mm=0.0 if number else gap_mm)
