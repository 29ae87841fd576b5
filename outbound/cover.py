"""Page 1 of every packet: the confirmation form a busy front desk answers with a pen.

No greys, no hairlines, no small type: it is read again after a standard-resolution fax there and back.
"""

import re
import unicodedata
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import phonenumbers

from config.form import Rect
from config.reference import format_number
from config.vocabulary import AnswerId
from outbound.content import PacketContent
from outbound.fonts import BOLD, NARROW, NARROW_BOLD, SANS
from outbound.sheet import Sheet, cut, furnish, wrapped

_BOX_LINE_MM = 0.9
_CELL_LINE_MM = 0.5
_TELLING = 4  # letters of a name or digits of a record number that give it away inside another word
_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})
_LABELS: dict[AnswerId, str] = {
    AnswerId.RECEIVED: "Received",
    AnswerId.ACCEPTED_WAITING: "Accepted, we will book",
    AnswerId.APPOINTMENT_BOOKED: "Appointment booked:",
    AnswerId.ALREADY_SEEN: "Patient was already seen",
    AnswerId.NO_SHOW: "Patient did not attend",
    AnswerId.UNABLE_TO_REACH_PATIENT: "Cannot reach the patient",
    AnswerId.APPOINTMENT_AM: "AM",
    AnswerId.APPOINTMENT_PM: "PM",
    AnswerId.DECLINED_SPECIALTY: "Not our specialty",
    AnswerId.DECLINED_CAPACITY: "No capacity",
    AnswerId.DECLINED_INSURANCE: "Insurance not accepted",
    AnswerId.DECLINED_OTHER: "Other reason:",
    AnswerId.PATIENT_DECLINED: "Patient declined the service",
    AnswerId.WRONG_OFFICE: "Wrong office: not for us",
    AnswerId.NEED_INFORMATION: "We need more information:",
}
_NOTICE = (
    "CONFIDENTIAL: health information for the addressee only. If this is not for you, tick 'Wrong office', fax this "
    "page back and destroy the rest; copying or sharing it is prohibited by law."
)


def draw_cover(sheet: Sheet, content: PacketContent, pages: int, enclosed: Sequence[tuple[str, int]]) -> None:
    """The whole cover page; `enclosed` are the attachments' names and how many pages each became."""
    furnish(sheet, content, 1, pages)
    for mark in sheet.form.marks:
        sheet.solid(mark.rect)
    _head(sheet, content)
    _about(sheet, content, pages)
    _form(sheet, content)
    _enclosed(sheet, content, enclosed)


def _head(sheet: Sheet, content: PacketContent) -> None:
    sender, office = content.sender, content.addressee
    sheet.fitted(Rect(19, 16, 142, 6), sender.name, 16, BOLD, least=10)
    sheet.fitted(Rect(19, 23, 142, 4), f"Phone {shown(sender.phone)}   {sender.address}", 9.5, NARROW, least=9)
    if content.is_second_request:
        sheet.white_on_black(Rect(12, 29.5, 148, 8.5), "SECOND REQUEST: please answer", 15)
    else:
        sheet.text(12, 36.5, "Referral: please confirm", 16, BOLD)
    sheet.text(12, 44.5, "To", 10, NARROW)
    sheet.fitted(Rect(20, 40.5, 140, 4), addressed(office.name, office.organization), 12, BOLD, least=9)
    sheet.text(12, 50, "At", 10, NARROW)
    sheet.fitted(Rect(20, 46, 140, 4), shown(office.destination), 11, SANS, least=9)


def addressed(name: str, organization: str) -> str:
    """An office as an address begins: the person or desk, then the organization where it says more."""
    return f"{name}, {organization}" if organization and organization != name else name


def shown(number: str) -> str:
    """A phone or fax number as people write it; anything else as it is."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, style.NATIONAL if parsed.country_code == 1 else style.INTERNATIONAL)


def _about(sheet: Sheet, content: PacketContent, pages: int) -> None:
    by = content.respond_by.astimezone(ZoneInfo(content.sender.zone))
    sheet.text(12, 57.5, "Referral", 10, NARROW)
    sheet.text(27, 57.5, format_number(content.number), 17, BOLD)
    sheet.fitted(Rect(74, 53.5, 102, 4), _identity(content), 11, BOLD, least=9)
    sheet.right_text(204, 57.5, f"{_pages(pages)} in all", 12, BOLD)
    sheet.fitted(Rect(12, 59.5, 95, 4), f"For: {content.specialty}, {content.service}", 10.5, SANS, least=9)
    sheet.fitted(Rect(110, 59.5, 94, 4), f"From: {content.clinician}", 10.5, SANS, least=9)
    when = f"{by:%A, %B} {by.day}, {by.year}, {by.hour % 12 or 12}:{by:%M %p %Z}"
    line = f"Urgency: {content.urgency.upper()}     Please answer by {when}"
    sheet.fitted(Rect(12, 65, 192, 4.4), line, 12, BOLD, least=9)


def _identity(content: PacketContent) -> str:
    subject = content.subject
    if content.identity == "full":
        return f"{subject.full_name}, born {subject.birth_date:%m/%d/%Y}"
    if content.identity == "initials":
        return f"Patient {subject.initials} born {subject.birth_date.year}"
    return "Patient: see next page"


def _form(sheet: Sheet, content: PacketContent) -> None:
    sheet.rule(12, 72, 192, 0.8)
    _way_back(sheet, content)
    for box in sheet.form.boxes:
        sheet.frame(box.rect, _BOX_LINE_MM)
        sheet.text(box.rect.right + 2, box.rect.bottom - 1.2, _LABELS[box.id], 12, NARROW_BOLD)
    booked, wait = sheet.form.box(AnswerId.APPOINTMENT_BOOKED), sheet.form.zone("expected_wait")
    sheet.text(booked.right + 50, booked.bottom - 1.2, "write date and time below", 10, NARROW)
    sheet.text(wait.x, wait.y - 1.1, "expected wait:", 9, NARROW)
    _combs(sheet)
    sheet.text(12, 152.5, "We decline:", 11, BOLD)
    sheet.text(116, 152.5, "Something else:", 11, BOLD)
    _zones(sheet)


def _way_back(sheet: Sheet, content: PacketContent) -> None:
    """Where the answer goes, in the largest type of the form."""
    fax, mail = shown(content.sender.fax), content.sender.reply_address
    first = f"Tick, write, and fax this page back to {fax}" if fax else "Tick, write, and email this page back"
    sheet.fitted(Rect(12, 73.5, 192, 5.5), first, 15, BOLD, least=11)
    if mail:
        sheet.fitted(Rect(12, 80.5, 192, 4.5), f"or email it to {mail}" if fax else f"to {mail}", 13, BOLD, least=9)


def _combs(sheet: Sheet) -> None:
    captions = (("month", "day", "year"), ("hour", "minute"))
    for comb, names in zip(sheet.form.combs, captions, strict=True):
        for cell in comb.cells:
            sheet.frame(cell, _CELL_LINE_MM)
        for pair, name in enumerate(names):
            sheet.text(comb.cells[2 * pair].x, comb.cells[0].y - 1.2, name, 9.5, NARROW)
            if pair:
                left, right = comb.cells[2 * pair - 1], comb.cells[2 * pair]
                sign = "/" if len(names) == 3 else ":"
                sheet.text((left.right + right.x) / 2 - 1, left.bottom - 3, sign, 16, BOLD)


_LINES = {
    "expected_wait": "",
    "booked_with": "with",
    "decline_reason": "",
    "missing_items": "",
    "signer_name": "Name",
    "signer_phone": "Phone",
    "signer_date": "Date",
}


def _zones(sheet: Sheet) -> None:
    for name, caption in _LINES.items():
        zone = sheet.form.zone(name)
        sheet.rule(zone.x, zone.bottom, zone.w, 0.5)
        if caption:
            sheet.text(zone.x - 1.5 - 2.2 * len(caption), zone.bottom - 0.8, caption, 10, NARROW)


def _enclosed(sheet: Sheet, content: PacketContent, enclosed: Sequence[tuple[str, int]]) -> None:
    sheet.rule(12, 206.5, 192, 0.8)
    names = [f"{_without_identity(name, content)} ({_pages(pages)})" for name, pages in enclosed]
    missing = [item.label for item in content.checklist if not item.is_enclosed]
    sheet.text(12, 211.5, "Enclosed", 10.5, BOLD)
    _list(sheet, 12, 216.5, ["Referral letter", *names], "\u2713")
    if content.checklist:
        sheet.text(110, 211.5, "Usually wanted, not enclosed" if missing else "Checklist complete", 10.5, BOLD)
        _list(sheet, 110, 216.5, missing, "\u2022")
    for line, text in enumerate(wrapped(_NOTICE, 188, NARROW, 9)):
        sheet.text(12, 241.5 + 3.8 * line, text, 9, NARROW)


def _pages(pages: int) -> str:
    return "1 page" if pages == 1 else f"{pages} pages"


def _without_identity(name: str, content: PacketContent) -> str:
    """A file's name without the patient's, which the cover shows only as far as the clinic allows."""
    if content.identity == "full":
        return name
    subject = content.subject
    told = f"{subject.family} {subject.given} {subject.middle} {subject.mrn}"
    secret = {_plain(word) for word in _words(told)} - {""}
    born = subject.birth_date
    name = re.sub(rf"{born:%Y}\D?{born:%m}\D?{born:%d}|{born:%m}\D?{born:%d}\D?({born:%Y}|{born:%y})", " ", name)
    long = [word for word in secret if len(word) >= _TELLING]  # found inside others too: MRN778812, smithjohn
    kept = [
        word for word in _words(name) if _plain(word) not in secret and not any(told in _plain(word) for told in long)
    ]
    return " ".join(kept) or "Enclosure"


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s_,;()+-]+", re.sub(r"\.[A-Za-z]{2,4}$", "", text)) if word]


def _plain(word: str) -> str:
    """Without accents, case and punctuation, as file names are often written."""
    decomposed = unicodedata.normalize("NFKD", word.casefold().translate(_STROKES))
    return "".join(char for char in decomposed if char.isalnum())


def _list(sheet: Sheet, x: float, y: float, items: Sequence[str], sign: str) -> None:
    most = 5
    shown_items = list(items[:most])
    if len(items) > most:
        shown_items[-1] = f"and {len(items) - most + 1} more"
    for line, item in enumerate(shown_items):
        sheet.text(x, y + 4.6 * line, cut(f"{sign} {item}", 92, NARROW, 10), 10, NARROW)
