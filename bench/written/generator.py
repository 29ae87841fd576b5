"""A seed in, a drawn page and its truth out; and the page as it comes over a bad line."""

import io
import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.written import notes, notices
from bench.written.faces import faces
from bench.written.letter import Facts, Truth, facts
from bench.written.sheet import Sheet
from config.vocabulary import DocumentKind as Kind
from gateway.demo.paper.fax_channel import draw_channel, send, send_twice

CHANNELS = ("fine", "standard", "standard twice")
Layout = Callable[[Sheet, random.Random, Facts], None]
LAYOUTS: tuple[tuple[Layout, Kind], ...] = (
    (notes.consult_letter, Kind.CONSULT_NOTE),
    (notes.demographics_table, Kind.CONSULT_NOTE),
    (notes.two_columns, Kind.CONSULT_NOTE),
    (notes.ehr_printout, Kind.CONSULT_NOTE),
    (notes.typed_note, Kind.CONSULT_NOTE),
    (notes.discharge_summary, Kind.CONSULT_NOTE),
    (notes.cover_and_note, Kind.CONSULT_NOTE),
    (notes.radiology, Kind.RESULT),
    (notes.laboratory, Kind.RESULT),
    (notices.decline, Kind.DECLINE),
    (notices.information_request, Kind.INFORMATION_REQUEST),
    (notices.no_show, Kind.NO_SHOW),
    (notices.receipt, Kind.CONFIRMATION),
    (notices.memo, Kind.CONFIRMATION),
    (notices.appointment_letter, Kind.APPOINTMENT_NOTICE),
    (notices.appointment_card, Kind.APPOINTMENT_NOTICE),
    (notices.referral_to_us, Kind.NEW_REFERRAL),
)


def drawn(seed: int) -> tuple[NDArray[np.uint8], Truth]:
    """The page as printed, at 300 dpi, and what it says."""
    rng = random.Random(seed)
    layout, kind = rng.choice(LAYOUTS)
    said = facts(rng)
    face = rng.choice(faces())
    sheet = Sheet(face, rng)
    layout(sheet, rng, said)
    return sheet.pixels, Truth(
        kind,
        layout.__name__,
        face.name,
        said.who,
        said.who.mrn if said.prints_mrn else "",
        said.service if said.prints_service else None,
        said.number if said.prints_number else "",
    )


def faxed(page: NDArray[np.uint8], seed: int, channel: str) -> bytes:
    """A Group 4 TIFF, as a fax server hands it over."""
    rng = np.random.default_rng(seed)
    drawn_channel = draw_channel(rng, channel.split(maxsplit=1)[0])
    received = (send_twice if channel.endswith("twice") else send)(page, drawn_channel, rng)
    image = Image.fromarray(received.grey).convert("1", dither=Image.Dither.NONE)
    out = io.BytesIO()
    image.save(out, format="TIFF", compression="group4", dpi=(received.x_dpi, received.y_dpi))
    return out.getvalue()
