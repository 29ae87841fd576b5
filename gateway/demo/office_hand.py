"""An office's hand: a pen on the cover page it received, and the page as its fax machine sends it back.

Works on the very pixels that arrived; where the boxes are it knows as a person does, by looking, which
here is the form's printed geometry.
"""

import io
from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from config.form import Rect, load_form
from config.vocabulary import AnswerId, CombId
from gateway.demo.offices import Deed
from gateway.demo.paper.fax_channel import SOURCE_DPI, Channel, Grey, send
from gateway.demo.paper.pens import Pen, draw_pen, tick, write_digit

_PAGE_PX = (round(8.5 * SOURCE_DPI), round(11 * SOURCE_DPI))
_FAX_WIDTH_PX = 1728
_STROKES = ("cross", "check", "slash", "long_check", "filled")


def pages_of(data: bytes) -> list[Grey]:
    """Every page of a fax TIFF or a PDF at the source resolution of pens and channel, black on white."""
    if data.startswith(b"%PDF"):
        import pypdfium2

        with pypdfium2.PdfDocument(data) as pdf:
            options: dict[str, Any] = {"scale": SOURCE_DPI / 72, "grayscale": True}
            rendered = [page.render(**options).to_numpy() for page in pdf]
        return [_at_source(np.asarray(grey, dtype=np.uint8).reshape(grey.shape[:2])) for grey in rendered]
    with Image.open(io.BytesIO(data), formats=["TIFF"]) as tiff:
        return [_at_source(np.asarray(frame.convert("L"))) for frame in ImageSequence.Iterator(tiff)]


def _at_source(grey: Grey) -> Grey:
    return np.asarray(cv2.resize(grey, _PAGE_PX, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def fill_in(cover: Grey, deed: Deed, appointment: datetime | None, seed: int) -> Grey:
    """The cover page with the deed's boxes ticked and its appointment written in the combs."""
    rng = np.random.default_rng(seed)
    form, pen = load_form(), draw_pen(rng)
    pen = Pen(max(pen.width_mm, 0.5), min(pen.ink, 60))
    page = cover.copy()
    kind = str(rng.choice(_STROKES))
    wanted = {AnswerId(name) for name in deed.boxes}
    if appointment is not None:
        wanted.add(AnswerId.APPOINTMENT_PM if appointment.hour >= 12 else AnswerId.APPOINTMENT_AM)
        for comb_id, digits in ((CombId.APPOINTMENT_DATE, "%m%d%y"), (CombId.APPOINTMENT_TIME, "%I%M")):
            cells = next(comb.cells for comb in form.combs if comb.id is comb_id)
            _write(page, cells, appointment.strftime(digits), pen, rng)
    for box in form.boxes:
        if box.id in wanted:
            tick(page, (box.rect.x, box.rect.y, box.rect.w, box.rect.h), kind, pen, rng)
    return page


def _write(page: Grey, cells: Sequence[Rect], digits: str, pen: Pen, rng: np.random.Generator) -> None:
    glyphs = _glyphs()
    for cell, digit in zip(cells, digits, strict=True):
        hand = glyphs[digit]
        glyph = hand[int(rng.integers(len(hand)))]
        write_digit(page, (cell.x, cell.y, cell.w, cell.h), glyph, pen, rng, is_careful=True)


def _glyphs() -> dict[str, NDArray[np.float32]]:
    """Real handwritten digits, 12 of each: of 24 drawn at random the neater half, as a front desk writes.

    Untidy hands, of which some dates go to a person, are what `python -m bench forms` measures.
    """
    path = Path(str(files("gateway.demo") / "handwritten_digits.npz"))
    with np.load(path) as kept:
        return {digit: kept[digit].astype(np.float32) / 255.0 for digit in "0123456789"}


def fax_back(pages: Sequence[Grey], deed: Deed, seed: int) -> bytes:
    """The pages through the office's scanner and line: a multi-page Group 4 TIFF."""
    rng = np.random.default_rng(seed)
    y_dpi = 98.0 if deed.resolution == "standard" else 196.0
    frames: list[Image.Image] = []
    for page in pages:
        channel = Channel(
            y_dpi=y_dpi,
            skew=deed.skew + float(rng.normal(0, 0.2)),
            is_upside_down=deed.rotation == 180,
            noise=float(rng.uniform(2, 9)),
            specks=int(rng.poisson(12)),
            shift_mm=(float(rng.normal(0, 1)), float(rng.normal(0, 1))),
        )
        grey = send(page, channel, rng).grey[:, :_FAX_WIDTH_PX]
        frames.append(Image.fromarray(grey).convert("1", dither=Image.Dither.NONE))
    out = io.BytesIO()
    frames[0].save(
        out, format="TIFF", save_all=True, append_images=frames[1:], compression="group4", dpi=(204.0, y_dpi)
    )
    return out.getvalue()


def scan_to_pdf(pages: Sequence[Grey], deed: Deed, seed: int) -> bytes:
    """The pages from a desk scanner, 200 dpi grey, as a PDF without a text layer."""
    rng = np.random.default_rng(seed)
    frames: list[Image.Image] = []
    for page in pages:
        channel = Channel(
            x_dpi=200.0, y_dpi=200.0, is_bilevel=False, skew=deed.skew, noise=float(rng.uniform(1, 5)), blur_mm=0.06
        )
        frames.append(Image.fromarray(send(page, channel, rng).grey))
    out = io.BytesIO()
    frames[0].save(out, format="PDF", save_all=True, append_images=frames[1:], resolution=200.0)
    return out.getvalue()
