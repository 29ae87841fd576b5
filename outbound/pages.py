"""Attachments to pages: PDF, TIFF, JPEG, PNG, DOCX, told by their bytes and not by their names.

Every page comes out upright with square pixels. Distrusts its input: a file that is locked, damaged, unknown or
too large is refused with a sentence for staff, and the packet is not sent without it.
"""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from outbound import attachment_kind
from outbound.active_content import why_not_enclosed
from outbound.attachment_kind import kind_of
from outbound.content import Enclosure
from outbound.errors import UnusableAttachment
from outbound.libreoffice import to_pdf
from outbound.photocopy import Copy, photocopy

_DPI = 300  # finer than a fax, because a page is scaled into the body before its dots are cut
_LEAST_DPI = 72  # a picture whose size on paper is unknown is enlarged to this at most
_MOST_PAGES = 200
_MOST_PIXELS = 60_000_000
_FAX_WIDTHS = (1728, 2048, 2432)
_TURNED = 5  # EXIF orientations from here on swap width and height
_BROKEN = (
    pypdfium2.PdfiumError,
    UnidentifiedImageError,
    Image.DecompressionBombError,
    OSError,
    ValueError,
    SyntaxError,  # Pillow's word for a broken PNG
    ArithmeticError,
    LookupError,
    TypeError,
    struct.error,
    zlib.error,
)


def pages_of(enclosure: Enclosure, *, is_for_fax: bool) -> list[Copy]:
    """Every page, ready to be placed; colour is kept where it is not for fax.

    Raises:
        UnusableAttachment: names the attachment, what is wrong with it and what to do.
        ConverterMissing: a DOCX without LibreOffice.
    """
    try:
        data = enclosure.path.read_bytes()
        if reason := why_not_enclosed(data):
            raise _unusable(enclosure.name, reason)
        found = _pages(data, enclosure.name, is_for_fax=is_for_fax)
        copies = [photocopy(page, dpi=dpi, is_for_fax=is_for_fax) for page, dpi in found]
    except MemoryError as error:
        raise _unusable(enclosure.name, "is too large") from error
    except _BROKEN as error:
        raise _unusable(enclosure.name, "is damaged") from error
    if not copies:
        raise _unusable(enclosure.name, "has no pages")
    return copies


def inspect(data: bytes, name: str) -> tuple[str, int]:
    """The media type and how many pages it becomes, without drawing a PDF's.

    Raises:
        UnusableAttachment: names the attachment, what is wrong with it and what to do.
        ConverterMissing: a DOCX without LibreOffice.
    """
    kind = kind_of(data)
    try:
        if kind in (attachment_kind.PDF, attachment_kind.DOCX):
            with _open_pdf(data if kind == attachment_kind.PDF else to_pdf(data, name), name) as pdf:
                _refuse_unusable(pdf, name)
                count = len(pdf)
        else:
            count = sum(1 for _ in _pages(data, name, is_for_fax=True))
    except MemoryError as error:
        raise _unusable(name, "is too large") from error
    except _BROKEN as error:
        raise _unusable(name, "is damaged") from error
    if not count:
        raise _unusable(name, "has no pages")
    return kind, count


def _unusable(name: str, what: str) -> UnusableAttachment:
    return UnusableAttachment(f"attachment {name!r} {what}: replace it with a whole PDF, TIFF, JPEG or PNG")


def _pages(data: bytes, name: str, *, is_for_fax: bool) -> Iterator[tuple[Image.Image, float]]:
    """Each page with its dots an inch."""
    match kind_of(data):
        case attachment_kind.PDF:
            yield from _pdf_pages(data, name, is_grey=is_for_fax)
        case attachment_kind.DOCX:
            yield from _pdf_pages(to_pdf(data, name), name, is_grey=is_for_fax)
        case "":
            raise _unusable(name, f"is no {attachment_kind.KINDS}")
        case _:
            yield from _image_pages(data, name)


def _pdf_pages(data: bytes, name: str, *, is_grey: bool) -> Iterator[tuple[Image.Image, float]]:
    with _open_pdf(data, name) as pdf:
        _refuse_unusable(pdf, name)
        pdf.init_forms()  # without it, what was typed into a form's fields is not drawn
        for page in pdf:
            width, height = page.get_size()
            scale = min(_DPI / 72, (_MOST_PIXELS / 4 / max(width * height, 1)) ** 0.5)
            options: Any = {"scale": scale, "grayscale": is_grey}
            yield page.render(**options).to_pil(), scale * 72
            page.close()


def _refuse_unusable(pdf: pypdfium2.PdfDocument, name: str) -> None:
    if len(pdf) > _MOST_PAGES:
        raise _unusable(name, f"has {len(pdf)} pages, more than {_MOST_PAGES}")
    if pdf.get_formtype() == pdfium.FORMTYPE_XFA_FULL:
        raise _unusable(name, "is an interactive (XFA) form that shows only in Adobe Reader")


def _open_pdf(data: bytes, name: str) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        needs_password = "password" in str(error).casefold()
        raise _unusable(name, "needs a password" if needs_password else "is a damaged PDF") from error


def _image_pages(data: bytes, name: str) -> Iterator[tuple[Image.Image, float]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's doubts about size and metadata: the limits here decide
        with Image.open(io.BytesIO(data), formats=["TIFF", "JPEG", "PNG"]) as image:
            if image.format in ("JPEG", "MPO"):
                image.draft("RGB", (3000, 3000))  # decodes a 100-megapixel photograph at a fraction
            for number, frame in enumerate(_frames(image)):
                if number >= _MOST_PAGES or frame.width * frame.height > _MOST_PIXELS:
                    raise _unusable(name, "has too many or too large pages")
                x_dpi, y_dpi = _density(frame)
                yield _square(_on_white(ImageOps.exif_transpose(frame)), x_dpi, y_dpi)


def _frames(image: Image.Image) -> Iterator[Image.Image]:
    """A TIFF's pages; only the first picture of a photograph that brings its preview or an animation."""
    if image.format == "TIFF":
        yield from ImageSequence.Iterator(image)
    else:
        yield image


def _density(frame: Image.Image) -> tuple[float, float]:
    """Dots an inch across and down the upright page; (0, 0) when the file does not say."""
    told = frame.info.get("dpi") or frame.info.get("resolution")
    x, y = (float(value) for value in told) if told else (0.0, 0.0)
    is_fax = frame.mode == "1" and frame.width in _FAX_WIDTHS and frame.height < frame.width
    if is_fax and abs(x - y) < 1:  # a standard-resolution fax whose service forgot to say so
        x, y = 204.0, 98.0
    is_turned = int(frame.getexif().get(0x0112, 1)) >= _TURNED
    return (y, x) if is_turned else (x, y)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):  # 16 bits and more: a plain conversion would burn out
        levels = np.asarray(image).astype(np.float64)
        top = 65535.0 if levels.max() > 255 else 255.0
        return Image.fromarray(np.clip(levels / top * 255, 0, 255).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    return image.convert("RGB")


def _square(image: Image.Image, x_dpi: float, y_dpi: float) -> tuple[Image.Image, float]:
    """A standard fax has half as many lines as dots: stretched to the finer of the two."""
    if min(x_dpi, y_dpi) < _LEAST_DPI or 0.97 < x_dpi / y_dpi < 1.03:
        return image, x_dpi if _LEAST_DPI < x_dpi < 1300 else _LEAST_DPI
    dpi = max(x_dpi, y_dpi)
    size = (round(image.width * dpi / x_dpi), round(image.height * dpi / y_dpi))
    if size[0] * size[1] > _MOST_PIXELS:
        raise ValueError("stretched beyond the limit")
    return image.resize(size, Image.Resampling.BICUBIC), dpi
