"""An attachment's page made fit to print: margins off, grey paper white for fax, small enough to send.

A faxed page keeps no greys, so shaded paper and pale ink must become white and black before type is cut at a
threshold; a photograph must not, since its greys are all it has. Colour survives by email only.
"""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

_LONGEST_PX = 2400  # of the 200 mm that a packet's body holds: 300 dpi
_MARGIN_PX = 12
_INK = 40  # darker than its paper by this much is content, not noise of the margin
_SHRINK = 8
_PAPER_WINDOW = 51  # of shrunken pixels: wider than the widest headline's ink
_PALE_INK, _THRESHOLD = 200, 150  # what the fax drawing cuts at must lie above pale ink and coloured type
_JPEG_QUALITY = 85

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Copy:
    """One page as an encoded picture, upright, with square pixels."""

    data: bytes  # PNG for a document, JPEG for a photograph
    width_px: int
    height_px: int
    dpi: float  # of the original page; printed no larger than that, except a picture of unknown size


def photocopy(page: Image.Image, *, dpi: float, is_for_fax: bool) -> Copy:
    """A page of any mode as it goes into a packet."""
    page = _small_enough(page.convert("RGB"))
    grey = np.asarray(page.convert("L"))
    paper = _paper(grey)
    is_document = _is_document(page, paper)
    if is_document:
        page = page.crop(_content(grey, paper))
        grey, paper = np.asarray(page.convert("L")), _paper(np.asarray(page.convert("L")))
    if is_for_fax:
        page = Image.fromarray(_bold(_flat(grey, paper))) if is_document else page.convert("L")
    elif _is_colourless(page):
        page = page.convert("L")
    out = io.BytesIO()
    if is_document:
        page.save(out, format="PNG", compress_level=3)
    else:
        page.save(out, format="JPEG", quality=_JPEG_QUALITY)
    return Copy(out.getvalue(), page.width, page.height, dpi)


def _small_enough(page: Image.Image) -> Image.Image:
    if max(page.size) <= _LONGEST_PX * 1.4:  # a whole Letter page at 300 dpi stays as it is
        return page
    small = page.copy()
    small.thumbnail((_LONGEST_PX, _LONGEST_PX), Image.Resampling.LANCZOS, reducing_gap=2)
    return small


def _paper(grey: Grey) -> Grey:
    """How bright the paper is behind each pixel: the brightest there is nearby, smoothed."""
    height, width = grey.shape
    small = Image.fromarray(grey).resize((max(1, width // _SHRINK), max(1, height // _SHRINK)), Image.Resampling.BOX)
    bright = small.filter(ImageFilter.MaxFilter(9))
    smooth = bright.filter(ImageFilter.GaussianBlur(_PAPER_WINDOW / 4))
    whole = smooth.resize((width, height), Image.Resampling.BILINEAR)
    return np.maximum(np.asarray(whole), 1)


def _is_document(page: Image.Image, paper: Grey) -> bool:
    """Mostly pale, colourless, even paper; skin is coloured, a radiograph dark, and both keep their greys."""
    rgb = np.asarray(page)[::4, ::4].astype(np.int16)
    brightest, dimmest = rgb.max(axis=2), rgb.min(axis=2)
    behind = paper[::4, ::4]
    is_paper = (brightest > 0.85 * behind) & (brightest - dimmest < 0.2 * brightest) & (behind > 110)
    return float(is_paper.mean()) > 0.5


def _is_colourless(page: Image.Image) -> bool:
    rgb = np.asarray(page)[::2, ::2].astype(np.int16)
    return float((rgb.max(axis=2) - rgb.min(axis=2) > 24).mean()) < 0.0005


def _content(grey: Grey, paper: Grey) -> tuple[int, int, int, int]:
    """Where ink stands, with a little margin; the whole page when it is blank."""
    height, width = grey.shape
    ink = grey.astype(np.int16) < paper.astype(np.int16) - _INK
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        return (0, 0, width, height)
    return (
        max(0, int(columns[0]) - _MARGIN_PX),
        max(0, int(rows[0]) - _MARGIN_PX),
        min(width, int(columns[-1]) + _MARGIN_PX),
        min(height, int(rows[-1]) + _MARGIN_PX),
    )


def _flat(grey: Grey, paper: Grey) -> Grey:
    """The page as if its paper were white everywhere; untouched where it already is."""
    if int(np.percentile(paper, 2)) >= 245:
        return grey
    flat = grey.astype(np.float32) * (255.0 / np.maximum(paper, 96))
    return np.minimum(flat * 1.06, 255).astype(np.uint8)


def _bold(grey: Grey) -> Grey:
    """Darken so that what is drawn pale, blue or red falls under the fax drawing's threshold."""
    level = np.arange(256)
    dark = level * _THRESHOLD / _PALE_INK
    pale = _THRESHOLD + (level - _PALE_INK) * (255 - _THRESHOLD) / (255 - _PALE_INK)
    return np.where(level < _PALE_INK, dark, pale).astype(np.uint8)[grey]
