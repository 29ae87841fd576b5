"""A sheet of a packet: page furniture that stands on every page, and drawing in mm from the top left."""

import unicodedata
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from config.form import FormSpec, Rect
from config.reference import PageCode, encode_page, format_number
from outbound.content import PacketContent
from outbound.fonts import BOLD, NARROW, NARROW_BOLD, SANS
from outbound.symbols import draw_symbols

_POINTS_A_MM = mm
_HEADER_PT = 9.5


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page being drawn; positions are mm from its top left, sizes of type are points."""

    canvas: Canvas
    form: FormSpec

    def text(self, x: float, y: float, text: str, size: float = 10, face: str = SANS) -> None:
        """A line of type whose baseline is at `y`."""
        self.canvas.setFont(face, size)
        self.canvas.drawString(x * mm, self._up(y), printable(text))

    def right_text(self, x: float, y: float, text: str, size: float = 10, face: str = SANS) -> None:
        """A line of type that ends at `x`."""
        self.text(x - width_mm(text, face, size), y, text, size, face)

    def fitted(self, rect: Rect, text: str, size: float, face: str = SANS, least: float = 7.5) -> None:
        """A line that is set smaller, then cut with an ellipsis, until it fits the rectangle's width."""
        while size > least and width_mm(text, face, size) > rect.w:
            size -= 0.5
        self.text(rect.x, rect.bottom, cut(text, rect.w, face, size), size, face)

    def frame(self, rect: Rect, line_mm: float) -> None:
        """A frame whose outside is the rectangle."""
        self.canvas.setLineWidth(line_mm * mm)
        half = line_mm / 2
        self.canvas.rect(
            (rect.x + half) * mm, self._up(rect.bottom - half), (rect.w - line_mm) * mm, (rect.h - line_mm) * mm
        )

    def solid(self, rect: Rect) -> None:
        """A black rectangle."""
        self.canvas.setFillGray(0)
        self.canvas.rect(rect.x * mm, self._up(rect.bottom), rect.w * mm, rect.h * mm, stroke=0, fill=1)

    def rule(self, x: float, y: float, w: float, line_mm: float = 0.4) -> None:
        """A horizontal line."""
        self.canvas.setLineWidth(line_mm * mm)
        self.canvas.line(x * mm, self._up(y), (x + w) * mm, self._up(y))

    def white_on_black(self, rect: Rect, text: str, size: float) -> None:
        """A banner."""
        self.solid(rect)
        self.canvas.setFillGray(1)
        self.canvas.setFont(BOLD, size)
        self.canvas.drawCentredString((rect.x + rect.w / 2) * mm, self._up(rect.bottom - 0.28 * rect.h), text)
        self.canvas.setFillGray(0)

    def _up(self, y: float) -> float:
        return (self.form.page_mm[1] - y) * mm


def printable(text: str) -> str:
    """Letters with their accents as one glyph each, and no control characters, which print as empty boxes."""
    spaced = "".join(" " if char.isspace() else char for char in unicodedata.normalize("NFC", text))
    return "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))


def width_mm(text: str, face: str, size: float) -> float:
    """How wide a line of type is."""
    return stringWidth(printable(text), face, size) / _POINTS_A_MM


def cut(text: str, limit_mm: float, face: str, size: float) -> str:
    """The text, or as much of it as fits with an ellipsis."""
    if width_mm(text, face, size) <= limit_mm:
        return text
    while text and width_mm(text + "…", face, size) > limit_mm:
        text = text[:-1]
    return text.rstrip() + "…"


def wrapped(text: str, limit_mm: float, face: str, size: float) -> list[str]:
    """The text in lines that fit; a word longer than a line is broken."""
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            if width_mm(longer, face, size) <= limit_mm:
                line = longer
                continue
            if line:
                lines.append(line)
            while width_mm(word, face, size) > limit_mm:
                head = len(cut(word, limit_mm, face, size)) - 1
                lines.append(word[:head])
                word = word[head:]  # noqa: PLW2901 - the rest of the same word
            line = word
        lines.append(line)
    return lines


def furnish(sheet: Sheet, content: PacketContent, page: int, pages: int) -> None:
    """What every page carries: the sender's header line (47 CFR 68.318(d)), both codes, and the number for people."""
    form = sheet.form
    _header_line(sheet, content, page, pages)
    code = PageCode(form.version, content.number, content.transmission, page, pages)
    draw_symbols(sheet.canvas, encode_page(code, content.code_key), form.qr, form.pdf417)
    foot = form.pdf417
    footing = Rect(foot.right + 3, foot.y + 10.5, 44, 6)
    sheet.text(18.5, foot.y + 10.5, "Referral", 9, NARROW)
    sheet.text(18.5, foot.y + 16.5, format_number(content.number), 14, BOLD)
    sheet.text(foot.right + 3, foot.y + 10.5, "Page", 9, NARROW)
    sheet.fitted(footing, f"{page} of {pages}", 14, BOLD)


def _header_line(sheet: Sheet, content: PacketContent, page: int, pages: int) -> None:
    """Time at the left, page at the right; only a long clinic's name between them may lose letters."""
    place, sender = sheet.form.header, content.sender
    at = content.built_at.astimezone(ZoneInfo(sender.zone))
    left, right = f"{at:%m/%d/%Y %H:%M %Z}", f"{sender.fax or sender.phone}   Page {page} of {pages}"
    sheet.text(place.x, place.bottom, left, _HEADER_PT, NARROW_BOLD)
    sheet.right_text(place.right, place.bottom, right, _HEADER_PT, NARROW_BOLD)
    start = place.x + width_mm(left, NARROW_BOLD, _HEADER_PT) + 5
    room = place.right - width_mm(right, NARROW_BOLD, _HEADER_PT) - 5 - start
    sheet.fitted(Rect(start, place.y, room, place.h), sender.name, _HEADER_PT, NARROW_BOLD, least=9)
