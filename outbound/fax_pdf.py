"""A fax packet as PDF, dot for dot: what cloud carriers take without guessing the shape of a fax's pixels.

A TIFF of 204 by 196 dots an inch is taken for square by some converters; in a PDF each page has its size in inches,
and its dots stay the Group 4 lines they were.
"""

import io
from pathlib import Path

from outbound.fax_file import count_pages


def fax_pdf(tiff: Path) -> tuple[bytes, int]:
    """The PDF and its number of pages.

    Raises:
        ValueError: the file is not a TIFF with whole pages.
        OSError: it cannot be read.
    """
    from PIL import Image, ImageSequence

    data = tiff.read_bytes()
    count = count_pages(data)
    with Image.open(io.BytesIO(data), formats=["TIFF"]) as image:
        dpi = image.info.get("dpi", (204, 196))
        pages = [page.convert("1") for page in ImageSequence.Iterator(image)]
    out = io.BytesIO()
    pages[0].save(out, format="PDF", save_all=True, append_images=pages[1:], dpi=dpi)
    return out.getvalue(), count
