"""PP-OCR's line recogniser through OpenCV: one strip with one line in, its text and confidence out.

Owns the model and what it wants to see: PP-OCRv6 small (Apache-2.0, PaddleOCR's authors), cut down to Latin letters
by `scripts/cut_line_reader.py`, 6 MB, and tuned on 27,000 lines of invented print in 240 free faces as modelled fax
lines leave them. It misreads fewer letters of a bad line than Tesseract does, knows nothing of
pages, and takes some 60 ms a line: so it is asked only about lines that matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Any

import cv2
import numpy as np

from parsers.raster import Grey

_MODEL = Path(__file__).parent.parent / "models" / "line_reader.onnx"
_ALPHABET = Path(__file__).parent.parent / "models" / "line_reader.txt"
LINE_HEIGHT = 48
"""Pixels: the strips that the model was made for."""
_NARROWEST, _WIDEST = 48, 1600
_ONE_AT_A_TIME = Lock()  # the net keeps what it was shown last


@dataclass(frozen=True, slots=True)
class LineText:
    """What stands on a line; `confidence` is that of its least sure tenth of letters, a word's that of its least."""

    text: str
    confidence: float
    words: tuple[tuple[str, float], ...] = ()


@cache
def _model() -> tuple[Any, str]:
    return cv2.dnn.readNetFromONNX(str(_MODEL)), _ALPHABET.read_text(encoding="utf-8").rstrip("\n")


def read_line(strip: Grey) -> LineText:
    """The text of a level strip that holds one line and little else."""
    net, alphabet = _model()
    width = round(strip.shape[1] * LINE_HEIGHT / max(1, strip.shape[0]))
    width = min(_WIDEST, max(_NARROWEST, width))
    sized = cv2.resize(strip, (width, LINE_HEIGHT), interpolation=cv2.INTER_LINEAR).astype(np.float32) / 127.5 - 1
    with _ONE_AT_A_TIME:
        net.setInput(np.repeat(sized[None, None], 3, axis=1))
        shares = np.array(net.forward())[0]
    best, sure = shares.argmax(axis=1), shares.max(axis=1)
    is_new = (best > 0) & (best != np.concatenate(([-1], best[:-1])))
    letters = [(alphabet[index - 1], float(share)) for index, share in zip(best[is_new], sure[is_new], strict=True)]
    least = sorted(share for _, share in letters)[: max(1, len(letters) // 10)]
    text = "".join(letter for letter, _ in letters).strip()
    return LineText(text, sum(least) / len(least) if least else 0.0, tuple(_words(letters)))


def _words(letters: list[tuple[str, float]]) -> Iterator[tuple[str, float]]:
    for is_space, run in groupby(letters, key=lambda letter: letter[0].isspace()):
        if not is_space:
            word = list(run)
            yield "".join(letter for letter, _ in word), min(share for _, share in word)
