"""`pytesseract.image_to_string` on the page as it came: what one would script first."""

import io

import pytesseract
from PIL import Image

from bench.engines.answer import Answer, of_text


def read(data: bytes) -> Answer:
    """The whole page's text, then our fields."""
    with Image.open(io.BytesIO(data)) as image:
        return of_text(str(pytesseract.image_to_string(image)))
