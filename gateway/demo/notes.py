"""Consult notes and results as offices write them: letterheads, layouts and wording of their own.

What an office knows of the patient it has read from the packet; nothing here sees a referral.
"""

import io
import random
from dataclasses import dataclass
from datetime import date

from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from outbound.fonts import FONT_FILES

_FACES = ("Helvetica", "Times-Roman", "Courier")
_WIDTH, _HEIGHT = letter


@dataclass(frozen=True, slots=True)
class Known:
    """What an office has read of a patient in the packet on its desk."""

    family: str
    given: str
    birth_date: date | None
    mrn: str = ""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whose paper it is."""

    name: str
    doctor: str
    specialty: str
    phone: str
    fax: str


def consult_note(head: Letterhead, patient: Known, seen: date, rng: random.Random, *, is_vague: bool = False) -> bytes:
    """A consult note as PDF bytes; a vague one leaves out the birth date and every number."""
    born = patient.birth_date.strftime(rng.choice(("%m/%d/%Y", "%B %-d, %Y", "%m-%d-%y"))) if patient.birth_date else ""
    name = rng.choice((f"{patient.given} {patient.family}", f"{patient.family.upper()}, {patient.given}"))
    about = f"RE: {name}" if is_vague else rng.choice((f"RE: {name}   DOB: {born}", f"Patient: {name}<br/>DOB: {born}"))
    body = [
        about,
        f"Date of service: {seen:%m/%d/%Y}",
        "Dear colleague,",
        (
            f"Thank you for referring this patient to our {head.specialty} practice. I had the pleasure of seeing "
            f"{patient.given} {patient.family} in consultation today."
        ),
        "<b>History of present illness:</b> " + rng.choice(_HISTORIES),
        "<b>Examination:</b> " + rng.choice(_FINDINGS),
        "<b>Assessment and plan:</b> " + rng.choice(_PLANS),
        "I will see the patient again in three months and keep you informed. Please call with any questions.",
        f"Sincerely,<br/><br/>{head.doctor}<br/>{head.name}",
    ]
    return _page(head, "Consultation report", body, rng)


def result_report(head: Letterhead, patient: Known, seen: date, rng: random.Random) -> bytes:
    """An imaging result as PDF bytes."""
    born = f"{patient.birth_date:%m/%d/%Y}" if patient.birth_date else ""
    body = [
        f"Patient name: {patient.family}, {patient.given}<br/>Date of birth: {born}<br/>MRN: {patient.mrn}",
        f"Exam date: {seen:%m/%d/%Y}<br/>Exam: CT chest without contrast",
        "<b>Findings:</b> " + rng.choice(_FINDINGS),
        "<b>Impression:</b> No suspicious change. Follow-up in twelve months.",
        f"Electronically signed by {head.doctor}",
    ]
    return _page(head, "Final report", body, rng)


def advertisement() -> bytes:
    """What every clinic's fax line also gets."""
    head = Letterhead("CopyMax Office Supply", "", "", "(800) 555-0199", "(800) 555-0198")
    body = [
        "<b>TONER SALE - 60% OFF - THIS WEEK ONLY</b>",
        "Dear office manager, stock up now on compatible toner for every major copier. Free delivery over $99.",
        "To be removed from this list call our toll-free number. Special offer, limited time, order today!",
    ]
    return _page(head, "Don't miss these prices!", body, random.Random(7))  # noqa: S311 - the same advertisement every time


def _page(head: Letterhead, title: str, body: list[str], rng: random.Random) -> bytes:
    face = _register(rng)
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=letter, invariant=True)
    canvas.setFont(face, rng.choice((17, 19, 21)))
    left = rng.choice((20, 25)) * mm
    y = _HEIGHT - 24 * mm
    if rng.random() < 0.5:
        canvas.drawCentredString(_WIDTH / 2, y, head.name)
    else:
        canvas.drawString(left, y, head.name)
    canvas.setFont(face, 10)
    canvas.drawString(left, y - 6 * mm, f"{head.doctor}    Phone {head.phone}    Fax {head.fax}")
    canvas.setLineWidth(1)
    canvas.line(left, y - 9 * mm, _WIDTH - left, y - 9 * mm)
    canvas.setFont(face, 14)
    canvas.drawString(left, y - 18 * mm, title)
    style = ParagraphStyle("body", fontName=face, fontSize=rng.choice((11, 12)), leading=16)
    y -= 24 * mm
    for text in body:
        paragraph = Paragraph(text, style)
        _, height = paragraph.wrap(_WIDTH - 2 * left, y)
        y -= height + 3 * mm
        paragraph.drawOn(canvas, left, y)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _register(rng: random.Random) -> str:
    """A face that has every letter of the names: our own, in one of its cuts."""
    name, path = rng.choice(sorted(FONT_FILES.items()))
    if name not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(name, str(path)))
        pdfmetrics.registerFontFamily(name, normal=name, bold=name, italic=name, boldItalic=name)
    return name


_HISTORIES = (
    "Symptoms began several weeks ago and have been slowly progressive. No fever or weight loss.",
    "The complaint has been intermittent for months, worse in the evening, partly relieved by rest.",
    "Found incidentally; the patient feels well and denies pain.",
)
_FINDINGS = (
    "Comfortable, vital signs normal. No focal abnormality beyond the one described by you.",
    "Mild tenderness, full range of movement, no swelling. Remainder unremarkable.",
    "Stable appearance compared with the prior study. No new lesion is seen.",
)
_PLANS = (
    "Findings are consistent with a benign process. Continue present treatment; no procedure is needed now.",
    "Started on a low dose of the usual medication; laboratory control in six weeks at your office.",
    "Recommend conservative management and a repeat study in six months.",
)
