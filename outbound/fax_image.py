"""A PDF's pages as a fax machine's: 1728 dots a line at 204 x 196 dpi, one bit, Group 4.

Type and lines are cut at a threshold; only places with real greys (photographs) are screened, because dots
make type illegible after a second fax.
"""

from pathlib import Path

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray
from PIL import Image

from outbound.tiff_file import write_fax_tiff

WIDTH_PX, X_DPI, Y_DPI = 1728, 204, 196
_PAGE_MM = (215.9, 279.4)
HEIGHT_PX = round(_PAGE_MM[1] / 25.4 * Y_DPI)
_BLOCK_PX = 32
_THRESHOLD = 150
_GREY_SHARE = 0.5  # of a block's pixels between black and white: a photograph, not the edges of type
# Dots that grow from their middle, as in a newspaper: a photograph takes a third of the line time of error diffusion
# (244 against 692 kB for most of a page) and outlives a line dropped at standard resolution.
_SCREEN = 255 - (np.array([[12, 5, 6, 13], [4, 0, 1, 7], [11, 3, 2, 8], [15, 10, 9, 14]]) + 0.5) / 16 * 255


def fax_from_pdf(pdf: bytes, path: Path) -> None:
    """Render every page of our own PDF, one at a time, into a fax TIFF."""
    with pypdfium2.PdfDocument(pdf) as document:
        count = len(document)
        pages = (Image.fromarray(_one_bit(_render(document[number]))) for number in range(count))
        write_fax_tiff(path, pages, count=count, x_dpi=X_DPI, y_dpi=Y_DPI)


def _render(page: pypdfium2.PdfPage) -> NDArray[np.uint8]:
    """PDFium draws straight into the oblong grid; scaling afterwards would blur the codes."""
    bitmap = pypdfium2.PdfBitmap.new_native(WIDTH_PX, HEIGHT_PX, pdfium.FPDFBitmap_Gray)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, WIDTH_PX, HEIGHT_PX)
    flags = pdfium.FPDF_GRAYSCALE | pdfium.FPDF_ANNOT | pdfium.FPDF_PRINTING
    pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, WIDTH_PX, HEIGHT_PX, 0, flags)
    grey = np.array(bitmap.to_numpy(), dtype=np.uint8).reshape(HEIGHT_PX, -1)[:, :WIDTH_PX].copy()
    bitmap.close()
    return grey


def _one_bit(grey: NDArray[np.uint8]) -> NDArray[np.bool_]:
    cut = grey > _THRESHOLD
    photo = _photographs(grey)
    if not photo.any():
        return cut
    down, across = (-(-size // len(_SCREEN)) for size in grey.shape)
    screen = np.tile(_SCREEN, (down, across))[: grey.shape[0], : grey.shape[1]]
    return np.where(photo, grey >= screen, cut)


def _photographs(grey: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Blocks most of whose pixels are neither black nor white, grown back to pixels."""
    rows, columns = -(-grey.shape[0] // _BLOCK_PX), -(-grey.shape[1] // _BLOCK_PX)
    padded = np.full((rows * _BLOCK_PX, columns * _BLOCK_PX), 255, dtype=np.uint8)
    padded[: grey.shape[0], : grey.shape[1]] = grey
    is_grey = (padded > 40) & (padded < 235)
    share = is_grey.reshape(rows, _BLOCK_PX, columns, _BLOCK_PX).mean(axis=(1, 3))
    blocks = np.kron(share > _GREY_SHARE, np.ones((_BLOCK_PX, _BLOCK_PX), dtype=bool))
    return blocks[: grey.shape[0], : grey.shape[1]]
