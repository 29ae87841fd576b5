"""TIFF: many frames, each with its own resolution, each allowed to be broken by itself."""

import io
import struct
import warnings
from collections.abc import Iterator

import numpy as np
from PIL import Image, UnidentifiedImageError

from parsers.errors import DamagedFile, LimitExceeded, ParseError
from parsers.raster import Scan, check_pixels

MAX_FRAMES = 2000
_X_RESOLUTION, _Y_RESOLUTION, _UNIT = 282, 283, 296
_CENTIMETRE = 3
Image.MAX_IMAGE_PIXELS = None  # check_pixels decides, before anything is decoded


def count_frames(data: bytes) -> int:
    """Frames in the chain of directories.

    Raises:
        DamagedFile: the chain runs in a circle or out of the file.
        LimitExceeded: it is longer than MAX_FRAMES.
    """
    order = "<" if data[:2] == b"II" else ">"
    is_big = data[2:4] in (b"+\0", b"\0+")
    count_format, entry_size, offset_format = (
        (order + "Q", 20, order + "Q") if is_big else (order + "H", 12, order + "I")
    )
    count_size = struct.calcsize(count_format)
    seen: set[int] = set()
    try:
        (offset,) = struct.unpack_from(offset_format, data, 8 if is_big else 4)
        while offset:
            if offset in seen:
                raise DamagedFile("the TIFF's pages run in a circle: ask the sender to send it again")
            seen.add(offset)
            if len(seen) > MAX_FRAMES:
                raise LimitExceeded(f"the TIFF has more than {MAX_FRAMES} pages: look at the original")
            (entries,) = struct.unpack_from(count_format, data, offset)
            (offset,) = struct.unpack_from(offset_format, data, offset + count_size + entries * entry_size)
    except struct.error:
        if not seen:
            raise DamagedFile("the TIFF is cut off: ask the sender to send it again") from None
    return len(seen)


def scans(data: bytes, max_pages: int) -> Iterator[Scan | tuple[int, ParseError]]:
    """Each frame in order, or its index with what is wrong with it.

    Raises:
        DamagedFile, LimitExceeded: nothing of the file can be read.
    """
    frames = count_frames(data)
    with _open(data) as image:
        for index in range(min(frames, max_pages)):
            yield _frame(image, index)


def one_frame(data: bytes, index: int) -> Scan | tuple[int, ParseError]:
    """The frame with this index alone. Raises as `scans` does."""
    if index >= count_frames(data):
        raise DamagedFile(f"the TIFF has no page {index + 1}")
    with _open(data) as image:
        return _frame(image, index)


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=["TIFF"])
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, KeyError, TypeError) as error:
        raise DamagedFile(f"the TIFF cannot be opened ({type(error).__name__}): ask for it again") from error


def _frame(image: Image.Image, index: int) -> Scan | tuple[int, ParseError]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd tags are the rule in faxes; the pixels decide
            image.seek(index)
            check_pixels(*image.size, f"page {index + 1}")
            is_bilevel = image.mode == "1"
            grey = np.asarray(image.convert("L"), dtype=np.uint8)
            x_dpi, y_dpi = _tagged_dpi(image)
    except ParseError as error:
        return index, error
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, IndexError, EOFError, struct.error) as error:
        return index, DamagedFile(f"page {index + 1} cannot be decoded ({type(error).__name__}): ask for it again")
    return Scan(index, grey, x_dpi, y_dpi, is_bilevel)


def _tagged_dpi(image: Image.Image) -> tuple[float, float]:
    """The resolution the tags claim; zeros where they are absent or nonsense."""
    tags = getattr(image, "tag_v2", {})
    per_unit = 2.54 if tags.get(_UNIT) == _CENTIMETRE else 1.0
    try:
        return float(tags.get(_X_RESOLUTION, 0)) * per_unit, float(tags.get(_Y_RESOLUTION, 0)) * per_unit
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0, 0.0
