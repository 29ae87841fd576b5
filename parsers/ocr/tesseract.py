"""Tesseract through pytesseract: one page in, words with boxes and confidence out.

Owns the program's limits and its errors. One thread a process: its OpenMP default is six times slower on a busy
machine and can stand still.
"""

import os
from dataclasses import dataclass
from typing import Any

import pytesseract
from PIL import Image
from pytesseract import Output

from parsers.errors import EngineMissing, LimitExceeded
from parsers.raster import Grey

_PAGE_SEGMENTATION_AUTO = 3
BLOCK = 6
"""Page segmentation for a strip of a few lines."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word: text, confidence 0..1, its box in pixels and the line it belongs to."""

    text: str
    confidence: float
    x: int
    y: int
    w: int
    h: int
    line: tuple[int, int, int]  # block, paragraph, line


def recognise(grey: Grey, *, timeout_s: float = 60.0, segmentation: int = _PAGE_SEGMENTATION_AUTO) -> list[Word]:
    """The words of an upright page, in reading order.

    Raises:
        EngineMissing: tesseract is not installed.
        LimitExceeded: it did not finish in time.
    """
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # noqa: TID251 - pytesseract hands this very mapping to the program
    try:
        data: dict[str, list[Any]] = pytesseract.image_to_data(  # pyright: ignore[reportAssignmentType] - Output.DICT
            Image.fromarray(grey),
            lang="eng",
            config=f"--psm {segmentation} --dpi 204",
            timeout=timeout_s,  # pyright: ignore[reportArgumentType] - a default of 0 is taken for int
            output_type=Output.DICT,
        )
    except pytesseract.TesseractNotFoundError as error:
        raise EngineMissing("tesseract is not installed: install the package tesseract-ocr") from error
    except pytesseract.TesseractError as error:
        if "eng" in str(error) and "load" in str(error):
            raise EngineMissing("tesseract has no English data: install the package tesseract-ocr-eng") from error
        raise LimitExceeded(f"tesseract gave up on the page (exit {error.status}): look at the original") from error
    except RuntimeError as error:
        raise LimitExceeded(f"recognition took more than {timeout_s:.0f} s: look at the original") from error
    return [
        Word(
            text,
            float(data["conf"][i]) / 100,
            *(int(data[key][i]) for key in ("left", "top", "width", "height")),
            line=(int(data["block_num"][i]), int(data["par_num"][i]), int(data["line_num"][i])),
        )
        for i, text in enumerate(data["text"])
        if text.strip() and float(data["conf"][i]) >= 0
    ]


def mean_confidence(words: list[Word]) -> float:
    """How sure the engine was of the page, weighted by letters; 0 for no words."""
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / letters if letters else 0.0
