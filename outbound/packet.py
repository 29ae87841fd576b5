"""Content to packet: cover, letter and attachments as one PDF; for fax, the same drawn as a G4 TIFF.

The PDF is the one drawing; the fax is its pixels at 204 x 196 dpi, so that both channels say the same.
"""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from config.form import FormSpec, Rect, load_form
from config.reference import PageCode, encode_page, format_number
from config.vocabulary import Channel
from outbound.content import PacketContent
from outbound.cover import draw_cover
from outbound.fax_image import write_fax_tiff
from outbound.fonts import BOLD, NARROW, register
from outbound.letter import Line, draw_letter, letter_pages
from outbound.number_test import draw_number_test
from outbound.pages import pages_of
from outbound.pdf_file import finish_pdf
from outbound.sender import Packet
from outbound.sheet import Sheet, furnish

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
        write_fax_tiff(pdf, path)
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
    out = io.BytesIO()
    width, height = form.page_mm
    canvas = Canvas(out, pagesize=(width * mm, height * mm), pageCompression=1, invariant=1)
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
    """One drawer a page, in order; attachments are rendered now, so that a broken one stops the packet."""
    yield lambda sheet, pages: draw_cover(sheet, content, pages)
    number = 2
    for lines in letter_pages(content):
        yield _letter(content, lines, number)
        number += 1
    for enclosure in content.enclosures:
        for image in pages_of(enclosure):
            yield _attachment(content, image, enclosure.name, number)
            number += 1


def _letter(content: PacketContent, lines: list[Line], number: int) -> Draw:
    def draw(sheet: Sheet, pages: int) -> None:
        furnish(sheet, content, number, pages)
        draw_letter(sheet, content, lines)

    return draw


def _attachment(content: PacketContent, image: Image.Image, name: str, number: int) -> Draw:
    def draw(sheet: Sheet, pages: int) -> None:
        furnish(sheet, content, number, pages)
        _place(sheet, sheet.form, image, f"{content.sender.name}: {name}")

    return draw


def _place(sheet: Sheet, form: FormSpec, image: Image.Image, title: str) -> None:
    sheet.fitted(Rect(form.body.x, 40, form.qr.x - form.body.x - 4, 5), title, 11, BOLD)
    sheet.text(form.body.x, 34, "Enclosure", 10, NARROW)
    body = form.body
    scale = min(body.w / image.width, body.h / image.height, 25.4 / 204)
    w, h = image.width * scale, image.height * scale
    x, y = body.x + (body.w - w) / 2, body.y
    sheet.canvas.drawImage(ImageReader(image), x * mm, (form.page_mm[1] - y - h) * mm, w * mm, h * mm)


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
