"""A page that proves a line: who sent it, when, and a mark that is looked for when it comes back. No patient data."""

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from config.form import load_form
from outbound.content import Sender
from outbound.fax_image import fax_from_pdf
from outbound.fonts import BOLD, NARROW_BOLD, SANS, register
from outbound.sender import Packet
from outbound.sheet import Sheet, wrapped

_MARKS_AT_MM = (90, 130, 170)


def mark_of(digits: str) -> str:
    """A mark as it is printed: in groups that are easily read."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def bears_mark(texts: Sequence[str], digits: str) -> bool:
    """Whether the mark stands in what was read of a page."""
    return any(digits in "".join(char for char in text if not char.isspace()) for text in texts)


def proof_page(sender: Sender, digits: str, at: datetime, path: Path) -> Packet:
    """One page: a fax where the path ends in .tiff, else a PDF."""
    pdf = _draw(sender, digits, at)
    if path.suffix == ".tiff":
        fax_from_pdf(pdf, path)
    else:
        path.write_bytes(pdf)
    return Packet(
        path=path,
        media_type="image/tiff" if path.suffix == ".tiff" else "application/pdf",
        pages=1,
        reference="TEST",
        subject=f"Test of {sender.name}'s mail line",
        body=f"This is a test of {sender.name}'s mail line. It is about no patient, and nobody need do anything.",
    )


def _draw(sender: Sender, digits: str, at: datetime) -> bytes:
    register()
    form = load_form()
    out = io.BytesIO()
    first_face: Any = SANS
    width, height = form.page_mm
    canvas = Canvas(out, (width * mm, height * mm), pageCompression=1, invariant=1, initialFontName=first_face)
    sheet = Sheet(canvas, form)
    local = at.astimezone(ZoneInfo(sender.zone))
    head = f"{local:%m/%d/%Y %H:%M %Z}   {sender.name}   {sender.fax or sender.phone}   Page 1 of 1"
    sheet.text(form.header.x, form.header.bottom, head, 9.5, NARROW_BOLD)  # 47 CFR 68.318(d)
    sheet.text(20, 50, "Test page", 24, BOLD)
    words = (
        f"{sender.name} is testing its line. This page is about no patient. If it reached you by mistake, we are "
        f"sorry: please call {sender.phone or sender.fax}."
    )
    for number, line in enumerate(wrapped(words, 170, SANS, 12)):
        sheet.text(20, 60 + 6.5 * number, line, 12)
    for y in _MARKS_AT_MM:
        sheet.text(20, y, mark_of(digits), 32, BOLD)
    canvas.showPage()
    canvas.save()
    return out.getvalue()
