"""Page 1 of every packet: the confirmation form a busy front desk answers with a pen.

No greys, no hairlines, no small type: it is read again after a standard-resolution fax there and back.
"""

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
_LABELS: dict[AnswerId, tuple[str, str]] = {
    AnswerId.RECEIVED: ("Received", ""),
    AnswerId.ACCEPTED_WAITING: ("Accepted, we will book", "expected wait:"),
    AnswerId.APPOINTMENT_BOOKED: ("Appointment booked:", "write date and time below"),
    AnswerId.ALREADY_SEEN: ("Patient was already seen", ""),
    AnswerId.NO_SHOW: ("Patient did not attend", ""),
    AnswerId.UNABLE_TO_REACH_PATIENT: ("Cannot reach the patient", ""),
    AnswerId.APPOINTMENT_AM: ("AM", ""),
    AnswerId.APPOINTMENT_PM: ("PM", ""),
    AnswerId.DECLINED_SPECIALTY: ("Not our specialty", ""),
    AnswerId.DECLINED_CAPACITY: ("No capacity", ""),
    AnswerId.DECLINED_INSURANCE: ("Insurance not accepted", ""),
    AnswerId.DECLINED_OTHER: ("Other reason:", ""),
    AnswerId.PATIENT_DECLINED: ("Patient declined the service", ""),
    AnswerId.WRONG_OFFICE: ("Wrong office: not for us", ""),
    AnswerId.NEED_INFORMATION: ("We need more information:", ""),
}
_NOTICE = (
    "CONFIDENTIAL: health information for the addressee only. If this is not for you, tick 'Wrong office', fax this "
    "page back and destroy the rest; copying or sharing it is prohibited by law."
)


def draw_cover(sheet: Sheet, content: PacketContent, pages: int) -> None:
    """The whole cover page."""
    furnish(sheet, content, 1, pages)
    for mark in sheet.form.marks:
        sheet.solid(mark.rect)
    _head(sheet, content)
    _about(sheet, content, pages)
    _form(sheet, content)
    _enclosed(sheet, content)


def _head(sheet: Sheet, content: PacketContent) -> None:
    sender, office = content.sender, content.addressee
    title = "SECOND REQUEST: please answer" if content.is_second_request else "Referral: please confirm"
    sheet.fitted(Rect(19, 16, 142, 6), sender.name, 16, BOLD, least=10)
    sheet.fitted(Rect(19, 23, 142, 4), f"{sender.address}   Phone {shown(sender.phone)}", 9.5, NARROW)
    banner = Rect(12, 29.5, 148, 8.5)
    if content.is_second_request:
        sheet.white_on_black(banner, title, 15)
    else:
        sheet.text(12, 36.5, title, 16, BOLD)
    sheet.text(12, 44.5, "To", 10, NARROW)
    sheet.fitted(Rect(20, 40.5, 140, 4), _addressed(office.name, office.organization), 12, BOLD, least=9)
    sheet.text(12, 50, "At", 10, NARROW)
    sheet.fitted(Rect(20, 46, 140, 4), shown(office.destination), 11, SANS)


def _addressed(name: str, organization: str) -> str:
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
    sheet.text(74, 57.5, _identity(content), 11, BOLD)
    sheet.fitted(Rect(12, 59.5, 95, 4), f"For: {content.specialty}, {content.service}", 10.5)
    sheet.fitted(Rect(110, 59.5, 94, 4), f"From: {content.clinician}", 10.5)
    when = f"{by:%A, %B} {by.day}, {by.year}, {by:%I:%M %p}".replace(", 0", ", ")
    many = "1 page" if pages == 1 else f"{pages} pages"
    line = f"Urgency: {content.urgency.upper()}     Please answer by {when}     {many}"
    sheet.fitted(Rect(12, 65, 192, 4.4), line, 12, BOLD, least=9)


def _identity(content: PacketContent) -> str:
    subject = content.subject
    if content.identity == "full":
        return cut(f"{subject.full_name}, born {subject.birth_date:%m/%d/%Y}", 88, BOLD, 11)
    if content.identity == "initials":
        return f"Patient {subject.initials} born {subject.birth_date.year}"
    return "Patient: see next page"


def _form(sheet: Sheet, content: PacketContent) -> None:
    form, sender = sheet.form, content.sender
    sheet.rule(12, 72, 192, 0.8)
    how = f"Tick, write, and fax this page back to {shown(sender.fax)}" if sender.fax else "Tick, write, send back"
    sheet.fitted(Rect(12, 73.5, 192, 5.5), how, 15, BOLD, least=11)
    if sender.reply_address:
        sheet.fitted(Rect(12, 80, 192, 4), f"or mail it to {sender.reply_address}", 11, SANS)
    for box in form.boxes:
        sheet.frame(box.rect, _BOX_LINE_MM)
        label, hint = _LABELS[box.id]
        is_short = box.id in (AnswerId.APPOINTMENT_AM, AnswerId.APPOINTMENT_PM)
        sheet.text(box.rect.right + 2, box.rect.bottom - 1.2, label, 12, NARROW_BOLD)
        if box.id is AnswerId.APPOINTMENT_BOOKED:
            sheet.text(box.rect.right + 50, box.rect.bottom - 1.2, hint, 10, NARROW)
        elif hint and not is_short:
            sheet.text(form.zone("expected_wait").x - 0.5, box.rect.y - 0.6, hint, 9, NARROW)
    _combs(sheet)
    sheet.text(12, 152.5, "We decline:", 11, BOLD)
    sheet.text(116, 152.5, "Please help us:", 11, BOLD)
    _zones(sheet)


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


def _enclosed(sheet: Sheet, content: PacketContent) -> None:
    sheet.rule(12, 206.5, 192, 0.8)
    names = [enclosure.name for enclosure in content.enclosures]
    enclosed = ["Referral letter", *names]
    missing = [item.label for item in content.checklist if not item.is_enclosed]
    sheet.text(12, 211.5, "Enclosed", 10.5, BOLD)
    _list(sheet, 12, 216.5, enclosed, "[x]")
    sheet.text(110, 211.5, "Usually wanted, not enclosed" if missing else "Checklist complete", 10.5, BOLD)
    _list(sheet, 110, 216.5, missing, "[ ]")
    for line, text in enumerate(wrapped(_NOTICE, 188, NARROW, 9)):
        sheet.text(12, 241.5 + 3.8 * line, text, 9, NARROW)


def _list(sheet: Sheet, x: float, y: float, items: Sequence[str], sign: str) -> None:
    most = 5
    shown_items = list(items[:most])
    if len(items) > most:
        shown_items[-1] = f"and {len(items) - most + 1} more"
    for line, item in enumerate(shown_items):
        sheet.text(x, y + 4.6 * line, cut(f"{sign} {item}", 92, NARROW, 10), 10, NARROW)
