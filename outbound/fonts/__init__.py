"""The faces that every page is set in, shipped so that a packet looks the same on every machine.

DejaVu (see LICENSE beside): free, and it has the letters of patients' names from Nguyễn to Łukasz.
"""

from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
SANS, BOLD, NARROW, NARROW_BOLD = "DejaVuSans", "DejaVuSans-Bold", "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
SERIF, MONO = "DejaVuSerif", "DejaVuSansMono"
FONT_FILES: dict[str, Path] = {name: _HERE / f"{name}.ttf" for name in (SANS, BOLD, NARROW, NARROW_BOLD, SERIF, MONO)}


@cache
def register() -> None:
    """Make the faces known to reportlab; once a process."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name, path in FONT_FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(path)))
    pdfmetrics.registerFontFamily(SANS, normal=SANS, bold=BOLD, italic=SANS, boldItalic=BOLD)
    pdfmetrics.registerFontFamily(NARROW, normal=NARROW, bold=NARROW_BOLD, italic=NARROW, boldItalic=NARROW_BOLD)
    pdfmetrics.registerFontFamily(SERIF, normal=SERIF, bold=SERIF, italic=SERIF, boldItalic=SERIF)
    pdfmetrics.registerFontFamily(MONO, normal=MONO, bold=MONO, italic=MONO, boldItalic=MONO)
