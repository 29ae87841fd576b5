"""Every kind of attachment becomes pages, told by its bytes; what cannot is refused with a sentence for staff."""

import contextlib
import io
import random
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen.canvas import Canvas

from outbound.content import Enclosure
from outbound.errors import ConverterMissing, OutboundError, UnusableAttachment
from outbound.fonts import FONT_FILES, SERIF
from outbound.pages import pages_of
from outbound.photocopy import Copy
from tests.rigs import active_files

FACE = ImageFont.truetype(str(FONT_FILES[SERIF]), 40)


def a_sheet(paper: int = 255, ink: int = 0, size: tuple[int, int] = (1700, 2200)) -> Image.Image:
    """A page of type, wider at the foot than at the head, so that its way up shows."""
    page = Image.new("RGB", size, (paper, paper, paper))
    draw = ImageDraw.Draw(page)
    for line in range(20):
        draw.text((160, 200 + 80 * line), "hemoglobin " + "13.2 " * (1 + line // 2), fill=(ink, ink, ink), font=FACE)
    return page


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format=kind, **options)
    return out.getvalue()


def a_pdf(pages: int = 1, **options: Any) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(612, 792))
    for page in range(pages):
        canvas.drawString(72, 700, f"page {page} of a report")
        canvas.showPage()
    canvas.save()
    if not options:
        return out.getvalue()
    locked = io.BytesIO()
    with pikepdf.open(io.BytesIO(out.getvalue())) as pdf:
        pdf.save(locked, **options)
    return locked.getvalue()


def a_docx(text: str) -> bytes:
    kinds = "http://schemas.openxmlformats.org/package/2006"
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{kinds}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
        f'ContentType="{word}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{kinds}/relationships"><Relationship Id="a" Type="{office}" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in parts.items():
            archive.writestr(name, '<?xml version="1.0"?>' + body)
    return out.getvalue()


def copies(folder: Path, data: bytes, name: str = "report.bin", *, is_for_fax: bool = True) -> list[Copy]:
    path = folder / "attachment"
    path.write_bytes(data)
    return pages_of(Enclosure(path, name, "application/octet-stream"), is_for_fax=is_for_fax)


def pixels(copy: Copy, mode: str = "L") -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(copy.data)) as image:
        assert image.size == (copy.width_px, copy.height_px)
        return np.asarray(image.convert(mode))


def proportion(copy: Copy) -> float:
    return copy.width_px / copy.height_px


def is_upright(copy: Copy) -> bool:
    page = pixels(copy)
    half = page.shape[0] // 2
    return bool((page[half:] < 128).mean() > 1.3 * (page[:half] < 128).mean())


def test_a_pdf_gives_a_page_for_each_of_its_own(tmp_path: Path) -> None:
    assert len(copies(tmp_path, a_pdf(3), "misnamed.jpg")) == 3


def test_what_was_typed_into_a_pdf_form_is_drawn(tmp_path: Path) -> None:
    def form(value: str) -> bytes:
        out = io.BytesIO()
        canvas = Canvas(out, pagesize=(612, 792))
        canvas.acroForm.textfield(name="a", x=100, y=500, width=300, height=30, value=value)
        canvas.showPage()
        canvas.save()
        return out.getvalue()

    blank, filled = (pixels(copies(tmp_path, form(value))[0]) for value in ("", "amlodipine 5 mg daily"))
    assert (filled < 128).sum() > (blank < 128).sum() + 500


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_picture_is_turned_as_its_orientation_says(tmp_path: Path, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = saved(a_sheet().transpose(Image.Transpose.ROTATE_90), kind, exif=exif)
    (copy,) = copies(tmp_path, turned)
    (straight,) = copies(tmp_path, saved(a_sheet(), kind))
    assert is_upright(copy)
    assert proportion(copy) == pytest.approx(proportion(straight), rel=0.02)


@pytest.mark.parametrize("says_so", [True, False])
def test_a_standard_fax_is_made_square_again(tmp_path: Path, *, says_so: bool) -> None:
    square = a_sheet(size=(1728, 2244)).convert("1")
    fax = square.resize((1728, 1078))
    options: dict[str, Any] = {"dpi": (204, 98)} if says_so else {}
    found = copies(tmp_path, saved(fax, "TIFF", compression="group4", save_all=True, append_images=[fax], **options))
    assert len(found) == 2
    (whole,) = copies(tmp_path, saved(square, "PNG"))
    assert proportion(found[0]) == pytest.approx(proportion(whole), rel=0.03)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "LA", "I;16", "CMYK"])
def test_pictures_of_every_depth_keep_their_type(tmp_path: Path, mode: str) -> None:
    if mode == "I;16":
        page = Image.fromarray(np.asarray(a_sheet().convert("L")).astype(np.uint16) * 257)
    else:
        page = a_sheet().convert("RGBA" if mode == "LA" else mode).convert(mode)
    (copy,) = copies(tmp_path, saved(page, "JPEG" if mode == "CMYK" else "PNG"))
    ink = float((pixels(copy) < 128).mean())
    (plain,) = copies(tmp_path, saved(a_sheet(), "PNG"))
    assert ink == pytest.approx(float((pixels(plain) < 128).mean()), rel=0.1)


def test_what_is_transparent_prints_as_paper(tmp_path: Path) -> None:
    page = Image.new("RGBA", (800, 800), (0, 0, 0, 0))
    ImageDraw.Draw(page).rectangle((300, 300, 500, 320), fill=(0, 0, 0, 255))
    (copy,) = copies(tmp_path, saved(page, "PNG"))
    assert (pixels(copy)[:8] > 240).all()


@pytest.mark.parametrize("shade", ["even", "slanting"])
def test_grey_paper_is_white_by_fax_and_pale_ink_black(tmp_path: Path, shade: str) -> None:
    page = np.asarray(a_sheet(paper=215, ink=120)).astype(np.float64)
    if shade == "slanting":
        page *= np.linspace(0.65, 1.0, page.shape[1])[None, :, None]
    page += np.random.default_rng(4).normal(0, 4, page.shape)
    (copy,) = copies(tmp_path, saved(Image.fromarray(page.clip(0, 255).astype(np.uint8)), "PNG"))
    grey = pixels(copy)
    assert float(((grey > 60) & (grey < 235)).mean()) < 0.15
    assert 0.01 < float((grey < 150).mean()) < 0.15


def test_a_photograph_keeps_its_greys_by_fax_and_its_colour_by_mail(tmp_path: Path) -> None:
    down, across = np.mgrid[0:900, 0:1200]
    spot = (np.hypot(across - 600, down - 450) < 140)[..., None]
    skin = np.stack([200 + 20 * np.sin(across / 99), 150 + 0 * down, 120 + 15 * np.cos(down / 70)], axis=-1)
    photo = saved(Image.fromarray(np.where(spot, [90, 50, 35], skin).astype(np.uint8)), "JPEG", quality=90)
    (by_fax,) = copies(tmp_path, photo)
    assert float(((pixels(by_fax) > 60) & (pixels(by_fax) < 235)).mean()) > 0.9
    (by_mail,) = copies(tmp_path, photo, is_for_fax=False)
    red, _, blue = pixels(by_mail, "RGB").astype(int).transpose(2, 0, 1)
    assert (red - blue).mean() > 40


def test_a_huge_photograph_is_made_small_enough_to_send(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    huge = saved(Image.fromarray(noise).resize((12_000, 9_000)), "JPEG")
    (copy,) = copies(tmp_path, huge, is_for_fax=False)
    assert max(copy.width_px, copy.height_px) <= 3400
    assert len(copy.data) < 3_000_000


def test_a_blank_page_stays_a_page(tmp_path: Path) -> None:
    (copy,) = copies(tmp_path, saved(Image.new("L", (1700, 2200), 255), "PNG"))
    assert proportion(copy) == pytest.approx(1700 / 2200, rel=0.01)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_word_document_goes_through_libreoffice(tmp_path: Path) -> None:
    (copy,) = copies(tmp_path, a_docx("Problem list: asthma, hypertension"), "notes.docx")
    assert (pixels(copy) < 128).sum() > 500


def test_without_libreoffice_a_word_document_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConverterMissing, match=r"apt-get install libreoffice-writer-nogui"):
        copies(tmp_path, a_docx("x"), "notes.docx")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is no PDF"),
        (b"MZ\x90\0 a program", "is a program"),
        (b"#!/bin/sh\n", "is a program or a script"),
        (active_files.a_docx(extra={"word/vbaProject.bin": b"x"}), "holds macros"),
        (active_files.a_docx(extra={"word/embeddings/sheet.xlsx": b"x"}), "holds other files"),
        (active_files.a_pdf(active_files.as_portfolio), "a PDF portfolio"),
        (b"<html><script>1</script>", "is no PDF"),
        (b"GIF89a" + bytes(40), "is no PDF"),
        (b"%PDF-1.7\n", "damaged"),
        (a_pdf()[:300], "damaged"),
        (a_pdf(encryption=pikepdf.Encryption(user="u", owner="o")), "needs a password"),
        (a_pdf(201), "201 pages"),
        (saved(a_sheet(), "PNG")[:5_000], "damaged"),
        (saved(a_sheet(), "JPEG")[:5_000], "damaged"),
        (saved(a_sheet(), "TIFF", compression="tiff_lzw")[:5_000], "damaged"),
        (b"II*\0\xff\xff\xff\x7f", "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0\1\0\0\0\1\0\0\x08\2\0\0\0" + bytes(4), "damaged"),
        (saved(Image.new("1", (10_000, 9_000)), "PNG"), "too large"),
    ],
)
def test_what_cannot_be_printed_is_refused_in_words(tmp_path: Path, data: bytes, why: str) -> None:
    with pytest.raises(UnusableAttachment, match=why) as refused:
        copies(tmp_path, data, "labs.pdf")
    assert "'labs.pdf'" in str(refused.value)


@pytest.mark.parametrize(
    "change", [active_files.with_javascript, active_files.with_launch, active_files.with_embedded_file]
)
def test_of_a_pdf_that_could_act_only_its_pages_are_sent(tmp_path: Path, change: object) -> None:
    [copy] = copies(tmp_path, active_files.a_pdf(change), "form.pdf", is_for_fax=False)
    assert not any(word in copy.data for word in (b"JavaScript", b"Launch", b"EmbeddedFile", b"cmd.exe", b"MZ\0\0"))
    assert Image.open(io.BytesIO(copy.data)).size[0] > 1000


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableAttachment, match=r"labs\.pdf"):
        pages_of(Enclosure(tmp_path / "nowhere", "labs.pdf", "application/pdf"), is_for_fax=True)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["pdf", "PNG", "JPEG", "TIFF"])
def test_flipped_bytes_end_in_pages_or_in_words(tmp_path: Path, kind: str) -> None:
    rng = random.Random(11)
    whole = a_pdf(2) if kind == "pdf" else saved(a_sheet(size=(300, 400)), kind)
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(rng.choice((1, 4, 40))):
            broken[rng.randrange(8, len(broken))] = rng.randrange(256)
        with contextlib.suppress(OutboundError):
            assert copies(tmp_path, bytes(broken))


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_broken_word_document_is_refused(tmp_path: Path) -> None:
    data = bytearray(a_docx("x" * 500))
    with pytest.raises(UnusableAttachment, match="LibreOffice"):
        copies(tmp_path, bytes(data[: len(data) // 2]) + b"word/" + bytes(900), "notes.docx")
