"""A person sees pixels, a program sees text: where they differ the text is not believed."""

import io
from typing import Any

import pikepdf
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from parsers import pdf
from parsers.errors import EncryptedFile

SEEN = "Jane Example was seen on March 3, 2026 for her left knee. MRN 445566."
HIDDEN = "Patient: John Other DOB 01/02/1950"


def a_pdf(
    *, mode: int = 0, white: bool = False, outside: bool = False, covered: bool = False, scanned: bool = False
) -> bytes:
    out = io.BytesIO()
    canvas: Any = Canvas(out, pagesize=(612, 792))
    if scanned:
        canvas.drawImage(ImageReader(Image.new("L", (850, 1100), 230)), 0, 0, 612, 792)
    canvas.setFont("Helvetica", 11)
    canvas.drawString(72, 700, SEEN)
    text = canvas.beginText(72, 2000 if outside else 500)
    text.setTextRenderMode(mode)
    if white:
        text.setFillColorRGB(1, 1, 1)
    text.textLine(HIDDEN)
    canvas.drawText(text)
    if covered:
        canvas.setFillColorRGB(1, 1, 1)
        canvas.rect(60, 480, 400, 40, stroke=0, fill=1)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_text_that_shows_is_the_pages_own() -> None:
    [page] = pdf.pages(a_pdf(), 5)
    assert SEEN in page.text
    assert HIDDEN in page.text
    assert page.hidden == ""


@pytest.mark.parametrize("how", [{"mode": 3}, {"white": True}, {"outside": True}, {"covered": True}])
def test_text_that_does_not_show_is_kept_apart(how: dict[str, Any]) -> None:
    [page] = pdf.pages(a_pdf(**how), 5)
    assert "Jane Example" in page.text
    assert "John" not in page.text
    if "outside" not in how:  # PDFium does not even offer what lies outside the page
        assert "John" in page.hidden


def test_text_over_a_full_page_picture_is_somebody_elses_recognition() -> None:
    [page] = pdf.pages(a_pdf(scanned=True), 5)
    assert page.text == ""
    assert "Jane Example" in page.hidden


def test_a_rotated_page_hides_nothing() -> None:
    with pikepdf.open(io.BytesIO(a_pdf())) as document:
        document.pages[0].rotate(90, relative=False)
        out = io.BytesIO()
        document.save(out)
    [page] = pdf.pages(out.getvalue(), 5)
    assert page.hidden == ""


def test_a_password_is_asked_for() -> None:
    with pikepdf.open(io.BytesIO(a_pdf())) as document:
        out = io.BytesIO()
        document.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    with pytest.raises(EncryptedFile, match="password"):
        list(pdf.pages(out.getvalue(), 5))
