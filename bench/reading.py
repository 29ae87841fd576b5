"""A returned form read by Referloop, and by Tesseract with a search for the printed number: the same pages, one run."""

import io
import random
import re
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytesseract
from PIL import Image

from bench.figures import Figure
from config.reference import SAMPLE_KEY, format_number
from gateway.demo.offices import Act, Deed
from outbound.sample import write_cover_sample
from parsers.options import ReadOptions
from parsers.read import read

_SEED = 703_000
_NUMBER = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")


def measure(pages: int) -> list[Figure]:
    """Seconds a page, and how many pages gave the right referral."""
    ours, theirs = list[float](), list[float]()
    found_by_us = found_by_them = booked = 0
    with tempfile.TemporaryDirectory(prefix="referloop-bench-") as folder:
        for ordinal in range(pages):
            data, number = _returned(Path(folder) / "cover.pdf", _SEED + ordinal)
            started_at = time.perf_counter()
            reading = read(data, "form.tif", ReadOptions(keys=(SAMPLE_KEY,)))
            ours.append(time.perf_counter() - started_at)
            document = reading.documents[0]
            found_by_us += document.code is not None and format_number(document.code.number) == number
            booked += "appointment_booked" in {str(name) for name, answer in document.answers.items() if answer.value}
            started_at = time.perf_counter()
            with Image.open(io.BytesIO(data)) as image:
                square = image.convert("L").resize((1728, 2200))
                text = str(pytesseract.image_to_string(square))
            theirs.append(time.perf_counter() - started_at)
            found_by_them += number in _NUMBER.findall(text)
    return [
        Figure(
            "reading",
            "a returned form: code, boxes, date",
            "s",
            ours,
            beside=f"right referral {found_by_us}/{pages}, ticked box read {booked}/{pages}",
        ),
        Figure(
            "reading",
            "the same pages, Tesseract and a search for the number",
            "s",
            theirs,
            beside=f"right referral {found_by_them}/{pages}, reads no boxes",
        ),
    ]


def _returned(path: Path, seed: int) -> tuple[bytes, str]:
    from gateway.demo.office_hand import fax_back, fill_in, pages_of

    rng = random.Random(seed)
    made = write_cover_sample(seed, path)
    deed = Deed(
        Act.TICK,
        0,
        boxes=("appointment_booked",),
        resolution=rng.choice(("fine", "standard")),
        rotation=rng.choice((0, 0, 0, 180)),
        skew=rng.uniform(-2.5, 2.5),
    )
    at = datetime.now(UTC).replace(hour=9, minute=30) + timedelta(days=rng.randrange(5, 60))
    page = fill_in(pages_of(path.read_bytes())[0], deed, at, seed)
    return fax_back([page], deed, seed), format_number(made["referral"]["number"].replace("-", ""))
