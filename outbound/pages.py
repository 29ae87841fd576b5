"""Attachments to page images: PDF, TIFF, JPEG, PNG, DOCX, told by their bytes and not by their names.

Every page comes out upright with square pixels, its white margins trimmed, ready to be scaled into a packet's body.
"""

import io
from collections.abc import Iterator

from PIL import Image, ImageChops, ImageOps, ImageSequence, UnidentifiedImageError

from outbound.content import Enclosure
from outbound.errors import UnusableAttachment
from outbound.libreoffice import to_pdf

_DPI = 204
_MOST_PAGES = 200
_MOST_PIXELS = 60_000_000
_MARGIN_PX = 12
_WHITE = 240


def pages_of(enclosure: Enclosure) -> list[Image.Image]:
    """Every page as a grey image at about 204 dpi.

    Raises:
        UnusableAttachment: names the attachment, what is wrong with it and what to do.
        ConverterMissing: a DOCX without LibreOffice.
    """
    try:
        data = enclosure.path.read_bytes()
        pages = [_trimmed(page) for page in _pages(data, enclosure.name)]
    except (OSError, ValueError, Image.DecompressionBombError, UnidentifiedImageError) as error:
        raise _unusable(enclosure.name, "is damaged or too large") from error
    if not pages:
        raise _unusable(enclosure.name, "has no pages")
    return pages


def _unusable(name: str, what: str) -> UnusableAttachment:
    return UnusableAttachment(f"attachment {name!r} {what}: replace it with a whole PDF, TIFF, JPEG or PNG")


def _pages(data: bytes, name: str) -> Iterator[Image.Image]:
    if data[:1024].find(b"%PDF-") >= 0:
        yield from _pdf_pages(data, name)
    elif data[:4] in (b"II*\0", b"MM\0*") or data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n")):
        yield from _image_pages(data, name)
    elif data.startswith(b"PK\x03\x04") and b"word/" in data:
        yield from _pdf_pages(to_pdf(data, name), name)
    else:
        raise _unusable(name, "is no PDF, TIFF, JPEG, PNG or DOCX")


def _pdf_pages(data: bytes, name: str) -> Iterator[Image.Image]:
    import pypdfium2
    from pypdfium2 import PdfiumError

    try:
        pdf = pypdfium2.PdfDocument(data)
    except PdfiumError as error:
        needs_password = "password" in str(error).casefold()
        raise _unusable(name, "needs a password" if needs_password else "is a damaged PDF") from error
    with pdf:
        if len(pdf) > _MOST_PAGES:
            raise _unusable(name, f"has {len(pdf)} pages, more than {_MOST_PAGES}")
        for page in pdf:
            width, height = page.get_size()
            scale = _DPI / 72
            if width * height * scale * scale > _MOST_PIXELS:
                scale = (_MOST_PIXELS / (width * height)) ** 0.5
            bitmap = page.render(scale=scale, grayscale=True)  # pyright: ignore[reportArgumentType] - takes a float
            yield bitmap.to_pil().convert("L")


def _image_pages(data: bytes, name: str) -> Iterator[Image.Image]:
    with Image.open(io.BytesIO(data), formats=["TIFF", "JPEG", "PNG"]) as image:
        for number, frame in enumerate(ImageSequence.Iterator(image)):
            if number >= _MOST_PAGES or frame.width * frame.height > _MOST_PIXELS:
                raise _unusable(name, "has too many or too large pages")
            upright = ImageOps.exif_transpose(frame)
            yield _square(_on_white(upright), frame.info.get("dpi"))


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(paper, rgba).convert("L")
    return image.convert("L")


def _square(image: Image.Image, dpi: tuple[float, float] | None) -> Image.Image:
    """A standard fax has half as many lines as dots: stretched to the finer of the two."""
    x, y = (float(value) for value in dpi) if dpi else (1.0, 1.0)
    if x <= 0 or y <= 0 or 0.9 < x / y < 1.1:
        return image
    size = (image.width, round(image.height * x / y)) if x > y else (round(image.width * y / x), image.height)
    return image.resize(size, Image.Resampling.BICUBIC)


def _trimmed(page: Image.Image) -> Image.Image:
    """Without the white margins, so that the content can be printed as large as possible."""
    dark = ImageChops.invert(page).point([0 if value < 255 - _WHITE else 255 for value in range(256)])
    box = dark.getbbox()
    if box is None:
        return page
    left, top, right, bottom = box
    return page.crop(
        (
            max(0, left - _MARGIN_PX),
            max(0, top - _MARGIN_PX),
            min(page.width, right + _MARGIN_PX),
            min(page.height, bottom + _MARGIN_PX),
        )
    )
