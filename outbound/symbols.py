"""The two codes of a page, drawn as crisp rectangles: QR at the head, PDF417 at the foot.

Module sizes are what survived standard resolution faxed twice: QR at 1.04 mm, PDF417 at 0.5 mm with rows of
1.5 mm (measured; see docs/form.md). Both carry the same text.
"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from config.form import Rect

QR_MODULE_MM = 1.04
PDF417_MODULE_MM = 0.5
_PDF417_ROW_MODULES = 3
PDF417_ROW_MM = PDF417_MODULE_MM * _PDF417_ROW_MODULES
_PAGE_HEIGHT_MM = 279.4


@lru_cache(maxsize=512)
def _modules(text: str, symbol: str) -> NDArray[np.bool_]:
    """The symbol's modules, True is dark, without a quiet zone. PDF417 rows come as one line each."""
    if symbol == "qr":
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    else:
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.PDF417, ec_level="3", columns=4)
    dark = np.asarray(code.to_image(scale=1, add_quiet_zones=False)) < 128
    return dark if symbol == "qr" else dark[::_PDF417_ROW_MODULES]


def draw_symbols(canvas: Canvas, text: str, qr: Rect, pdf417: Rect) -> None:
    """Both symbols, each centred in its rectangle, which includes its quiet zone."""
    _draw(canvas, _modules(text, "qr"), qr, QR_MODULE_MM, QR_MODULE_MM)
    _draw(canvas, _modules(text, "pdf417"), pdf417, PDF417_MODULE_MM, PDF417_ROW_MM)


def _draw(canvas: Canvas, dark: NDArray[np.bool_], place: Rect, width_mm: float, height_mm: float) -> None:
    rows, columns = dark.shape
    left = place.x + (place.w - columns * width_mm) / 2
    top = place.y + (place.h - rows * height_mm) / 2
    canvas.setFillGray(0)
    for row in range(rows):
        for start, length in _runs(dark[row]):
            x, y = left + start * width_mm, top + row * height_mm
            canvas.rect(
                x * mm, (_PAGE_HEIGHT_MM - y - height_mm) * mm, length * width_mm * mm, height_mm * mm, stroke=0, fill=1
            )


def _runs(line: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], line.astype(np.int8), [0]))))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        yield int(start), int(end - start)
