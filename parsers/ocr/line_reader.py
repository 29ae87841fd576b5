"""PP-OCR's line recogniser through ONNX Runtime: one strip with one line in, its text and confidence out.

Owns the model and what it wants to see: PP-OCRv6 small (Apache-2.0, PaddleOCR's authors), cut down to Latin letters
by `scripts/cut_line_reader.py`, 6 MB, and tuned on 27,000 lines of invented print in 240 free faces as modelled fax
lines leave them. It misreads fewer letters of a bad line than Tesseract does, knows nothing of
pages, and takes some 40 ms a line: so it is asked only about lines that matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from parsers.raster import Grey

Floats = NDArray[np.float32]

_MODEL = Path(__file__).parent.parent / "models" / "line_reader.onnx"
_ALPHABET = Path(__file__).parent.parent / "models" / "line_reader.txt"
LINE_HEIGHT = 48
"""Pixels: the strips that the model was made for."""
_NARROWEST, _WIDEST = 48, 1600
_SURE = 0.85
"""From here on a reader of persons counts a word as sure."""
_SURE_LETTER, _SURE_WORD = 0.975, 0.8
_ERRORS_ONLY = 3


@dataclass(frozen=True, slots=True)
class LineText:
    """What stands on a line; `confidence` is that of its least sure tenth of letters, a word's is `_sureness`."""

    text: str
    confidence: float
    words: tuple[tuple[str, float], ...] = ()


@cache
def _model() -> tuple[Any, str]:
    options: Any = onnxruntime.SessionOptions()  # pyright: ignore[reportAttributeAccessIssue] - compiled
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # a process a core
    options.log_severity_level = _ERRORS_ONLY
    net = onnxruntime.InferenceSession(str(_MODEL), options, providers=["CPUExecutionProvider"])
    return net, _ALPHABET.read_text(encoding="utf-8").rstrip("\n")


def read_line(strip: Grey) -> LineText:
    """The text of a level strip that holds one line and little else."""
    net, alphabet = _model()
    width = round(strip.shape[1] * LINE_HEIGHT / max(1, strip.shape[0]))
    width = min(_WIDEST, max(_NARROWEST, width))
    sized = cv2.resize(strip, (width, LINE_HEIGHT), interpolation=cv2.INTER_LINEAR).astype(np.float32) / 127.5 - 1
    shares = np.asarray(net.run(None, {"x": np.repeat(sized[None, None], 3, axis=1)})[0])[0]
    letters = _letters(shares, alphabet)
    least = sorted(letter.share for letter in letters)[: max(1, len(letters) // 10)]
    text = "".join(letter.text for letter in letters).strip()
    return LineText(text, sum(least) / len(least) if least else 0.0, words_of(shares, alphabet))


def words_of(shares: Floats, alphabet: str) -> tuple[tuple[str, float], ...]:
    """The words of a line with their sureness; `shares`: steps x (blank and letters), from 0 to 1."""
    return tuple(_words(_letters(shares, alphabet), shares))


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter, its index in the net's answer, its share there, and the steps from which and until which it stands."""

    text: str
    index: int
    share: float
    step: int
    end: int


def _letters(shares: Floats, alphabet: str) -> list[_Letter]:
    best = shares.argmax(axis=1)
    starts = [int(step) for step in np.flatnonzero(best != np.concatenate(([-1], best[:-1])))]
    return [
        _Letter(alphabet[best[step] - 1], int(best[step]), float(shares[step, best[step]]), step, end)
        for step, end in pairwise([*starts, len(best)])
        if best[step] > 0
    ]


def _words(letters: list[_Letter], shares: Floats) -> Iterator[tuple[str, float]]:
    """The words between the spaces, each with its sureness."""
    after = 0
    for is_space, run in groupby(letters, key=lambda one: one.text.isspace()):
        part = list(run)
        if is_space:
            after = part[-1].end
            continue
        word = "".join(letter.text for letter in part)
        until = next((one.step for one in letters if one.step > part[-1].step), len(shares))
        steps = shares[after:until]
        yield word, _sureness(min(letter.share for letter in part), _share(steps, [letter.index for letter in part]))


def _share(steps: Floats, word: list[int]) -> float:
    """How much of all that these steps may mean is this very word, however its letters lie (CTC's forward sum).

    A word that lost one of two equal letters, or has taken in the next word's first, is sure in every letter but not
    in this.
    """
    states = np.zeros(2 * len(word) + 1, dtype=np.intp)
    states[1::2] = word
    may_skip = np.zeros(len(states))
    may_skip[3::2] = states[3::2] != states[1:-2:2]
    seen = steps[:, states].astype(np.float64)
    ways = np.zeros(len(states))
    ways[:2] = seen[0, :2]
    for step in seen[1:]:
        come = ways.copy()
        come[1:] += ways[:-1]
        come[2:] += may_skip[2:] * ways[:-2]
        ways = come * step
    return float(ways[-2:].sum())


def _sureness(letter: float, word: float) -> float:
    """The confidence of a word by that of its least sure letter and that of the whole.

    Of 900 names on tuning pages none was wrong above the two thresholds, and one in fifteen below either.
    """
    return min(_stretched(letter, _SURE_LETTER), _stretched(word, _SURE_WORD))


def _stretched(share: float, sure: float) -> float:
    if share < sure:
        return share / sure * _SURE
    return _SURE + (share - sure) / (1 - sure) * (1 - _SURE)
