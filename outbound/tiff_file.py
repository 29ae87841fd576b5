"""A fax TIFF (class F), page after page: what HylaFAX and every fax service take without converting it.

Written here because Pillow's writer says black is zero, which a modem that takes Group 4 lines as they are sends as
a negative, and cuts a page into strips, which HylaFAX reformats. Little-endian, one strip a page, memory for one page.
"""

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from PIL import Image, ImageChops

_SHORT, _LONG, _RATIONAL = 3, 4, 5
_STRIP_OFFSETS, _STRIP_BYTES = 273, 279
_X_RESOLUTION, _Y_RESOLUTION = 282, 283


class FaxTiff:
    """A file being written; `add` each page in order, inside a `with`."""

    def __init__(self, path: Path, *, pages: int, x_dpi: int, y_dpi: int) -> None:
        self._path, self._pages, self._dpi = path, pages, (x_dpi, y_dpi)
        self._written = 0

    def __enter__(self) -> Self:
        self._file = self._path.open("wb")
        self._file.write(struct.pack("<2sHI", b"II", 42, 0))
        self._link = 4  # where the next directory's place is to be written
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def add(self, page: Image.Image) -> None:
        """Append a one-bit page in which black is 0."""
        strip = _group4(page)
        start = self._file.tell()
        self._file.write(strip + b"\0" * (len(strip) % 2))
        resolutions = self._file.tell()
        for dpi in self._dpi:
            self._file.write(struct.pack("<II", dpi, 1))
        place = self._file.tell()
        entries = self._directory(page, start, len(strip), resolutions)
        self._file.write(struct.pack("<H", len(entries)))
        for tag, kind, count, value in entries:
            self._file.write(struct.pack("<HHII", tag, kind, count, value))
        next_link = self._file.tell()
        self._file.write(struct.pack("<I", 0))
        self._file.seek(self._link)
        self._file.write(struct.pack("<I", place))
        self._file.seek(0, io.SEEK_END)
        self._link = next_link
        self._written += 1

    def _directory(self, page: Image.Image, start: int, size: int, resolutions: int) -> list[tuple[int, int, int, int]]:
        return [
            (254, _LONG, 1, 2),  # a page of a document
            (256, _LONG, 1, page.width),
            (257, _LONG, 1, page.height),
            (258, _SHORT, 1, 1),  # one bit
            (259, _SHORT, 1, 4),  # Group 4
            (262, _SHORT, 1, 0),  # white is zero
            (266, _SHORT, 1, 1),  # first dot in the high bit
            (_STRIP_OFFSETS, _LONG, 1, start),
            (277, _SHORT, 1, 1),  # one sample a dot
            (278, _LONG, 1, page.height),  # all rows in one strip
            (_STRIP_BYTES, _LONG, 1, size),
            (_X_RESOLUTION, _RATIONAL, 1, resolutions),
            (_Y_RESOLUTION, _RATIONAL, 1, resolutions + 8),
            (293, _LONG, 1, 0),  # Group 4 options: none
            (296, _SHORT, 1, 2),  # an inch
            (297, _SHORT, 2, self._written | self._pages << 16),  # page n of m
        ]


def _group4(page: Image.Image) -> bytes:
    """The page's dots as one strip, encoded by libtiff."""
    out = io.BytesIO()
    ink = ImageChops.invert(page.convert("1"))  # libtiff encodes bits as they are; a fax's 1 is black
    ink.save(out, format="TIFF", compression="group4", tiffinfo={278: page.height})
    with Image.open(io.BytesIO(out.getvalue())) as encoded:
        tags: Any = encoded.tag_v2  # pyright: ignore[reportAttributeAccessIssue] - a TIFF has tags
        (start,), (size,) = tags[_STRIP_OFFSETS], tags[_STRIP_BYTES]
    return out.getvalue()[start : start + size]


def write_fax_tiff(path: Path, pages: Iterator[Image.Image], *, count: int, x_dpi: int, y_dpi: int) -> None:
    """Write `count` one-bit pages, in which black is 0, as they come."""
    with FaxTiff(path, pages=count, x_dpi=x_dpi, y_dpi=y_dpi) as tiff:
        for page in pages:
            tiff.add(page)
