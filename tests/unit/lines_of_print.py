"""Pages of printed lines for tests, drawn in a face of the packets'."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from parsers.raster import Grey

_FACE = Path(__file__).parents[2] / "outbound" / "fonts" / "DejaVuSans.ttf"
POINTS, DPI = 11, 204


def a_page_of(*rows: tuple[str, ...], gap: int = 420, height: int = 2244) -> Grey:
    """Rows from the top of a letter-size page at 204 dpi; the pieces of a row stand in columns."""
    image = Image.new("L", (1734, height), 255)
    draw = ImageDraw.Draw(image)
    face = ImageFont.truetype(str(_FACE), round(POINTS * DPI / 72))
    for n, row in enumerate(rows):
        for column, text in enumerate(row):
            draw.text((150 + column * gap, 150 + n * 52), text, font=face, fill=0)
    return np.asarray(image, dtype=np.uint8).copy()
