"""A page as a picture for people: square pixels, upright as it was read, sixteen greys, as PNG.

Owns what staff see of a page. Nothing is cleaned or straightened: what a person judges is what came.
"""

import io

import cv2
from PIL import Image

from parsers.leaves import leaf
from parsers.options import Smime
from parsers.raster import Grey, as_grey, square, turn

_WIDEST = 1728  # a fax line; more is nothing on a screen
_GREYS = 16


def picture(data: bytes, index: int, degrees: int, smime: Smime | None = None) -> bytes:
    """The page with this index, turned clockwise by multiples of 90 degrees. Raises ParseError."""
    grey = turn(square(leaf(data, index, smime=smime).scan).grey, degrees)
    return _png(_narrowed(grey))


def cut_out(png: bytes, box: tuple[float, float, float, float]) -> bytes:
    """A spot (x, y, width, height as fractions) of a page that `picture` made."""
    with Image.open(io.BytesIO(png), formats=["PNG"]) as page:
        x, y, w, h = box
        left, top = int(x * page.width), int(y * page.height)
        right, bottom = max(left + 1, round((x + w) * page.width)), max(top + 1, round((y + h) * page.height))
        out = io.BytesIO()
        page.crop((left, top, right, bottom)).save(out, format="PNG", optimize=True)
    return out.getvalue()


def _narrowed(grey: Grey) -> Grey:
    height, width = grey.shape
    if width <= _WIDEST:
        return grey
    size = (_WIDEST, round(height * _WIDEST / width))
    return as_grey(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))


def _png(grey: Grey) -> bytes:
    """Four bits a pixel: a faxed page stays below 200 kB and loses nothing an eye could find."""
    levels = Image.fromarray(as_grey(grey // (256 // _GREYS)))
    levels.putpalette([value for level in range(_GREYS) for value in (level * 17,) * 3])
    out = io.BytesIO()
    levels.save(out, format="PNG", bits=4)
    return out.getvalue()
