"""Our own reader, from the bytes."""

from bench.engines.answer import Answer
from bench.written.people import WRITTEN
from config.reference import SAMPLE_KEY
from parsers.options import ReadOptions
from parsers.read import read as read_bytes


def read(data: bytes) -> Answer:
    """As the daemon's worker does."""
    documents = read_bytes(data, "letter.tif", ReadOptions(keys=(SAMPLE_KEY,), written=WRITTEN)).documents
    return Answer(
        tuple(person for one in documents for person in one.people),
        tuple(day for one in documents for day in one.dates),
        tuple(number for one in documents for number in one.numbers),
    )
