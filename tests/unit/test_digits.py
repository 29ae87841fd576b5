"""Digits in framed cells: real hands are read, doubt is told, and a glyph is read alike alone and among others."""

from importlib.resources import files

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.demo.paper.pens import PER_MM, Pen, write_digit
from parsers.digit_net import SIZE, tell_apart
from parsers.digits import MARGIN_MM, Digit, isolate, patch_size, read_digits
from parsers.raster import Grey, as_grey

WIDE, TALL = 9.0, 10.0  # mm, as the form's cells are
PEN = Pen(0.6, 20)


def hands() -> dict[str, NDArray[np.float32]]:
    """Twelve real hands of each digit, 28 x 28."""
    with files("gateway.demo").joinpath("handwritten_digits.npz").open("rb") as handle:
        return {digit: hand.astype(np.float32) / 255 for digit, hand in np.load(handle).items()}


def cell(glyph: NDArray[np.float32] | None, rng: np.random.Generator) -> Grey:
    """A framed cell with its margin, as it is cut out of a page, with a digit in it or none."""
    page: Grey = np.full([round((side + 2 * MARGIN_MM) * PER_MM) for side in (TALL, WIDE)], 255, dtype=np.uint8)
    corners = [(round(MARGIN_MM * PER_MM), round(MARGIN_MM * PER_MM))]
    corners.append((round((MARGIN_MM + WIDE) * PER_MM), round((MARGIN_MM + TALL) * PER_MM)))
    cv2.rectangle(page, corners[0], corners[1], 0, 4)
    if glyph is not None:
        write_digit(page, (MARGIN_MM, MARGIN_MM, WIDE, TALL), glyph, PEN, rng, is_careful=True)
    return as_grey(cv2.resize(page, patch_size(WIDE, TALL), interpolation=cv2.INTER_AREA))


def read_all(seed: int) -> list[tuple[int, Digit]]:
    """Every hand written into a cell: what was meant, and what was read."""
    rng = np.random.default_rng(seed)
    meant = [(int(digit), hand) for digit, written in hands().items() for hand in written]
    return list(zip((digit for digit, _ in meant), read_digits([cell(hand, rng) for _, hand in meant]), strict=True))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_neat_hands_are_read_and_none_is_surely_misread(seed: int) -> None:
    seen = read_all(seed)
    wrong = [(meant, read.value, read.confidence) for meant, read in seen if read.value != meant]
    assert len(seen) == 120
    assert len(wrong) <= 2, wrong
    assert [one for one in wrong if one[2] > 0.95] == []
    assert sum(read.confidence > 0.9 for _, read in seen) >= 110


def test_probabilities_are_shares_of_the_ten_digits() -> None:
    for _, read in read_all(4):
        assert len(read.probabilities) == 10
        assert sum(read.probabilities) == pytest.approx(1, abs=1e-4)
        assert read.confidence == max(read.probabilities)


def test_an_empty_cell_is_no_digit() -> None:
    (read,) = read_digits([cell(None, np.random.default_rng(1))])
    assert (read.value, read.probabilities) == (None, ())


def test_two_digits_over_each_other_are_doubted() -> None:
    """Where a 3 and a 4, or a 0 and a 7, were written over each other, nobody could be sure."""
    rng, written = np.random.default_rng(5), hands()
    for first, second in (("3", "4"), ("0", "7"), ("2", "5")):
        both = [np.minimum(cell(a, rng), cell(b, rng)) for a, b in zip(written[first], written[second], strict=True)]
        sure = [read for read in read_digits([as_grey(patch) for patch in both]) if read.confidence > 0.99]
        assert len(sure) <= 3


def test_a_glyph_is_read_alike_alone_and_among_more_than_are_taken_at_once() -> None:
    rng = np.random.default_rng(6)
    glyphs = [isolate(cell(hand, rng)) for written in hands().values() for hand in written]
    many = np.stack([glyph for glyph in glyphs if glyph is not None])
    together = tell_apart(many)
    assert together.shape == (len(many), 10)
    for one in (0, 63, 64, len(many) - 1):
        assert tell_apart(many[one : one + 1])[0] == pytest.approx(together[one], abs=1e-4)


def test_no_glyphs_are_no_answers() -> None:
    assert tell_apart(np.zeros((0, SIZE, SIZE), dtype=np.float32)).shape == (0, 10)
    assert read_digits([]) == []
