"""PDF: the page's own text by pdfplumber, its pixels by PDFium; where one fails the other is asked.

Owns telling text that a person can see from text that only a program sees. An invisible layer, text in the
paper's colour, outside the page or under a picture says nothing sure about the patient.
"""

import ctypes
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pdfplumber
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from parsers.errors import DamagedFile, EncryptedFile, LimitExceeded, ParseError
from parsers.raster import DPI, MAX_PIXELS, Grey, Scan

MAX_PAGES = 20_000
_MAX_LONG_SIDE = 10_000
_MAX_CHARS = 30_000  # pdfplumber takes 28 s and 939 MB for a page of 60,000 words; PDFium 0.8 s
_MIN_TEXT = 25  # fewer letters than this are a header line or a stamp, not the page
_NOT_DRAWN = (3, 7)  # text render modes: invisible, clipping only
_INK_CONTRAST = 60
_TINY_POINTS = 0.4
_PICTURE_SHARE = 0.6  # a picture this large over the text: somebody's scan with somebody's recognition
_CODE_JUNK = re.compile(r"\(cid:\d+\)|[\ufffd\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True)
class PdfPage:
    """One page: its pixels, its own visible text (empty if there is none or it is garbage) and hidden text."""

    scan: Scan | None
    text: str
    hidden: str
    error: ParseError | None = None


def pages(data: bytes, max_pages: int) -> Iterator[PdfPage]:
    """Each page in order; a page that cannot be drawn carries its error.

    Raises:
        EncryptedFile: it needs a password.
        DamagedFile, LimitExceeded: nothing can be read.
    """
    document = _open(data)
    try:
        count = len(document)
        if count > MAX_PAGES:
            raise LimitExceeded(f"the PDF claims {count} pages: look at the original")
        with _Plumber(data) as plumber:
            for index in range(min(count, max_pages)):
                yield _page(document, plumber, index)
    finally:
        document.close()


def one_page(data: bytes, index: int) -> PdfPage:
    """The page with this index alone, as `pages` yields it. Raises as `pages` does."""
    document = _open(data)
    try:
        with _Plumber(data) as plumber:
            return _page(document, plumber, index)
    finally:
        document.close()


def count_pages(data: bytes) -> int:
    """Pages the PDF says it has. Raises as `pages` does."""
    document = _open(data)
    try:
        return len(document)
    finally:
        document.close()


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "assword" in str(error) or "ecurity" in str(error):
            raise EncryptedFile("the PDF needs a password: ask the sender for it, or for an open copy") from error
        raise DamagedFile("the PDF cannot be opened: ask the sender to send it again") from error
    if len(document) == 0:
        document.close()
        raise DamagedFile("the PDF has no pages: ask the sender to send it again")
    return document


class _Plumber:
    """pdfplumber on the same bytes, opened at the first page that needs it; None where it fails."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._pdf: Any = None
        self._failed = False

    def __enter__(self) -> "_Plumber":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pdf is not None:
            self._pdf.close()

    def text(self, index: int) -> str | None:
        """The page's text in reading order."""
        if self._failed:
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if self._pdf is None:
                    self._pdf = pdfplumber.open(io.BytesIO(self._data))
                page = self._pdf.pages[index]
                text = str(page.extract_text() or "")
                page.close()
        except Exception:  # noqa: BLE001 - odd PDFs make pdfminer raise anything; PDFium's text is the fallback
            self._failed = True
            return None
        return text


def _page(document: pdfium.PdfDocument, plumber: _Plumber, index: int) -> PdfPage:
    try:
        page = document[index]
    except pdfium.PdfiumError:
        return PdfPage(None, "", "", DamagedFile(f"page {index + 1} is missing or broken: ask for it again"))
    try:
        scan = _draw(page, index)
        visible, hidden = _layers(page, scan.grey)
        text = ""
        if _is_sane(visible):
            plumbed = plumber.text(index) if len(visible) <= _MAX_CHARS and not hidden else None
            text = plumbed if plumbed is not None and _is_sane(plumbed) else visible
        return PdfPage(scan, text, hidden)
    except ParseError as error:
        return PdfPage(None, "", "", error)
    except pdfium.PdfiumError:
        return PdfPage(None, "", "", DamagedFile(f"page {index + 1} cannot be drawn: ask for it again"))
    finally:
        page.close()


def _draw(page: pdfium.PdfPage, index: int) -> Scan:
    """The page in grey at `DPI` true to its millimetres; a giant page at less."""
    width, height = page.get_size()
    scale = DPI / 72
    long_side, area = max(width, height) * scale, width * height * scale * scale
    if width <= 0 or height <= 0:
        raise DamagedFile(f"page {index + 1} has no size: ask for it again")
    scale *= min(1.0, _MAX_LONG_SIDE / long_side, (MAX_PIXELS * 2 / 3 / area) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True)  # pyright: ignore[reportArgumentType] - a default of 1 is taken for int
    grey = np.array(bitmap.to_numpy(), dtype=np.uint8)
    bitmap.close()
    if grey.ndim == 3:
        grey = grey[:, :, 0]
    dpi = scale * 72
    return Scan(index, grey, dpi, dpi, is_bilevel=_is_bilevel(grey))


def _is_bilevel(grey: Grey) -> bool:
    """Whether nearly every pixel of a thinned page is black or white: a fax inside a PDF."""
    thin = grey[::7, ::5]
    middle = np.count_nonzero((thin > 40) & (thin < 215))
    dark = np.count_nonzero(thin <= 40)
    return bool(dark and middle < 0.15 * dark)


def _layers(page: pdfium.PdfPage, grey: Grey) -> tuple[str, str]:
    """Text a person can see, and text that only a program sees."""
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        if count <= 0:
            return "", ""
        if count > 4 * _MAX_CHARS:
            raise LimitExceeded("a page with more text than a page holds: look at the original")
        whole = text_page.get_text_range()
        if _has_large_picture(page):
            return "", whole
        mask = _hidden_mask(text_page, count, _PageToPixels(page, grey))
        if not any(mask):
            return whole, ""
        chars = [chr(pdfium_c.FPDFText_GetUnicode(text_page, i)) for i in range(count)]
        visible = "".join(char for char, is_hidden in zip(chars, mask, strict=True) if not is_hidden)
        hidden = "".join(char for char, is_hidden in zip(chars, mask, strict=True) if is_hidden)
        return visible, hidden if len(re.sub(r"\W", "", hidden)) >= 4 else ""
    finally:
        text_page.close()


class _PageToPixels:
    """From a place on the page, in points, to the drawn pixels; a page's own rotation included."""

    def __init__(self, page: pdfium.PdfPage, grey: Grey) -> None:
        height, width = grey.shape
        origin, right, up = (self._map(page, (width, height), x, y) for x, y in ((0, 0), (1000, 0), (0, 1000)))
        self._x = (origin[0], (right[0] - origin[0]) / 1000, (up[0] - origin[0]) / 1000)
        self._y = (origin[1], (right[1] - origin[1]) / 1000, (up[1] - origin[1]) / 1000)
        self._grey = grey

    @staticmethod
    def _map(page: pdfium.PdfPage, size: tuple[int, int], x: float, y: float) -> tuple[int, int]:
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium_c.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
        return across.value, down.value

    def has_ink(self, box: tuple[float, float, float, float]) -> bool:
        """Whether something stands out within a character's box (left, bottom, right, top)."""
        xs = [self._x[0] + self._x[1] * x + self._x[2] * y for x, y in (box[:2], box[2:])]
        ys = [self._y[0] + self._y[1] * x + self._y[2] * y for x, y in (box[:2], box[2:])]
        x0, x1, y0, y1 = int(min(xs)) - 1, int(max(xs)) + 2, int(min(ys)) - 1, int(max(ys)) + 2
        cut = self._grey[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]
        return cut.size > 0 and int(cut.max()) - int(cut.min()) > _INK_CONTRAST


def _hidden_mask(text_page: pdfium.PdfTextPage, count: int, pixels: _PageToPixels) -> list[bool]:
    """Which characters are drawn invisibly, or stand where nothing shows: white, covered, outside, tiny."""
    mask = [False] * count
    for i in range(count):
        if pdfium_c.FPDFText_IsGenerated(text_page, i) == 1 or pdfium_c.FPDFText_GetUnicode(text_page, i) <= 32:
            continue
        box = text_page.get_charbox(i)
        if box[2] - box[0] <= 0 or box[3] - box[1] <= 0:  # spaces of odd fonts
            continue
        text_object = pdfium_c.FPDFText_GetTextObject(text_page, i)
        mode = pdfium_c.FPDFTextObj_GetTextRenderMode(text_object) if text_object else 0
        mask[i] = mode in _NOT_DRAWN or box[3] - box[1] < _TINY_POINTS or not pixels.has_ink(box)
    return mask


def _has_large_picture(page: pdfium.PdfPage) -> bool:
    """Whether one picture covers most of the page: then any text with it is somebody's recognition."""
    width, height = page.get_size()
    for item in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = item.get_bounds()
        if (right - left) * (top - bottom) >= _PICTURE_SHARE * width * height:
            return True
    return False


def _is_sane(text: str) -> bool:
    """Whether a text layer holds words, not glyph numbers or a private alphabet."""
    letters = sum(char.isalnum() for char in text)
    junk = len(_CODE_JUNK.findall(text))
    controls = sum(ord(char) < 32 and char not in "\n\r\t\f" for char in text)
    plain = sum(char.isascii() and char.isalnum() for char in text)
    return letters >= _MIN_TEXT and junk + controls < 0.05 * letters and plain > 0.7 * letters
