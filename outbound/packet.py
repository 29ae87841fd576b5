"""Content to packet: cover, letter and attachments as one PDF; for fax, the same drawn as a G4 TIFF.

The PDF is the one drawing; the fax is its pixels at 204 x 196 dpi, so that both channels say the same.
"""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from config.form import Rect, load_form
from config.reference import PageCode, encode_page, format_number
from config.vocabulary import Channel
from outbound.content import PacketContent
from outbound.cover import draw_cover
from outbound.errors import UnusableAttachment
from outbound.fax_image import fax_from_pdf
from outbound.fonts import BOLD, NARROW, SANS, register
from outbound.letter import Line, draw_letter, letter_pages
from outbound.number_test import draw_number_test
from outbound.pages import pages_of
from outbound.pdf_file import finish_pdf
from outbound.photocopy import Copy
from outbound.sender import Packet
from outbound.sheet import Sheet, furnish

_MOST_PAGES = 300  # a fax of hours; three digits are what the page code has room for

Draw = Callable[[Sheet, int], None]  # draws one page, told how many there are


def build_packet(content: PacketContent, into: Path) -> Packet:
    """Draw a packet into a folder, for the content's channel.

    Raises:
        OutboundError: an attachment cannot become pages.
    """
    pdf, pages = draw_pdf(content)
    name = f"referral-{format_number(content.number)}"
    if content.channel is Channel.FAX:
        path = into / f"{name}.tiff"
        fax_from_pdf(pdf, path)
        media_type = "image/tiff"
    else:
        path = into / f"{name}.pdf"
        path.write_bytes(finish_pdf(pdf, title=f"Referral {format_number(content.number)}", password=content.password))
        media_type = "application/pdf"
    return Packet(
        path=path,
        media_type=media_type,
        pages=pages,
        reference=content.number,
        subject=_subject(content),
        body=_body(content),
        token=encode_page(PageCode(load_form().version, content.number, content.transmission, 0, 0), content.code_key),
        password=content.password,
    )


def draw_pdf(content: PacketContent) -> tuple[bytes, int]:
    """All pages as a plain PDF, and how many there are."""
    register()
    form = load_form()
    draws = [_number_test(content)] if content.is_number_test else list(_draws(content))
    if len(draws) > _MOST_PAGES:
        raise UnusableAttachment(f"the packet has {len(draws)} pages, more than {_MOST_PAGES}: enclose less")
    out = io.BytesIO()
    width, height = form.page_mm
    # Without a first face of ours, every page would name Helvetica, which PDF/A does not find embedded.
    first_face: Any = SANS  # the library's own annotation says float
    canvas = Canvas(out, (width * mm, height * mm), pageCompression=1, invariant=1, initialFontName=first_face)
    for draw in draws:
        draw(Sheet(canvas, form), len(draws))
        canvas.showPage()
    canvas.save()
    return out.getvalue(), len(draws)


def _number_test(content: PacketContent) -> Draw:
    def draw(sheet: Sheet, pages: int) -> None:
        furnish(sheet, content, 1, pages)
        draw_number_test(sheet, content)

    return draw


def _draws(content: PacketContent) -> Iterator[Draw]:
    """One drawer a page, in order; attachments become pages now, so that a broken one stops the packet."""
    is_for_fax = content.channel is Channel.FAX
    copies = [(enclosure.name, pages_of(enclosure, is_for_fax=is_for_fax)) for enclosure in content.enclosures]
    enclosed = [(name, len(pages)) for name, pages in copies]
    yield lambda sheet, pages: draw_cover(sheet, content, pages, enclosed)
    number = 2
    letter = letter_pages(content)
    for part, lines in enumerate(letter, 1):
        yield _letter(content, lines, number, part)
        number += 1
    for name, pages in copies:
        for part, copy in enumerate(pages, 1):
            yield _attachment(content, copy, number, f"{name}, {part} of {len(pages)}")
            number += 1


def _letter(content: PacketContent, lines: list[Line], number: int, part: int) -> Draw:
    def draw(sheet: Sheet, pages: int) -> None:
        furnish(sheet, content, number, pages)
        draw_letter(sheet, content, lines, part)

    return draw


def _attachment(content: PacketContent, copy: Copy, number: int, title: str) -> Draw:
    def draw(sheet: Sheet, pages: int) -> None:
        furnish(sheet, content, number, pages)
        _place(sheet, copy, title, whose=content)

    return draw


def _place(sheet: Sheet, copy: Copy, title: str, *, whose: PacketContent) -> None:
    form, body = sheet.form, sheet.form.body
    width = form.qr.x - body.x - 4
    sheet.text(body.x, 34, "Enclosed with referral " + format_number(whose.number), 10, NARROW)
    sheet.fitted(Rect(body.x, 40, width, 5), title, 12, BOLD, least=9)
    scale = min(body.w / copy.width_px, body.h / copy.height_px, 25.4 / copy.dpi)
    w, h = copy.width_px * scale, copy.height_px * scale
    x, y = body.x + (body.w - w) / 2, body.y
    picture = ImageReader(io.BytesIO(copy.data))
    sheet.canvas.drawImage(picture, x * mm, (form.page_mm[1] - y - h) * mm, w * mm, h * mm)


def _subject(content: PacketContent) -> str:
    again = "Second request: referral" if content.is_second_request else "Referral"
    return f"{again} {format_number(content.number)} from {content.sender.name}"


def _body(content: PacketContent) -> str:
    """No patient data: a mail's body is read on more screens than its attachment."""
    sender = content.sender
    locked = "The PDF opens with the password agreed with your office.\n" if content.password else ""
    answer = f" or fax it to {sender.fax}" if sender.fax else ""
    return (
        f"{sender.name} refers a patient to {content.addressee.name}. The packet is attached as a PDF.\n{locked}\n"
        "To answer, do whichever is easiest:\n"
        "  - reply to this mail in your own words (received, booked for which day, declined, what is missing), or\n"
        f"  - tick page 1 and send it back as a reply{answer}.\n\n"
        f"Please answer by {content.respond_by:%B} {content.respond_by.day}, {content.respond_by.year}.\n"
        f"Questions: {sender.phone}\n"
    )
