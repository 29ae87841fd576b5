"""A reliability plot: how often a kind was right, by how sure the reader was of it."""

import itertools
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from bench.written.faces import faces

_SIDE, _MARGIN, _BAR = 520, 70, 110
_BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.001)


def bins(points: Sequence[tuple[float, bool]]) -> list[tuple[float, float, int]]:
    """Mean confidence, share right and count of each bin that holds any."""
    found: list[tuple[float, float, int]] = []
    for low, high in itertools.pairwise(_BINS):
        inside = [(sure, right) for sure, right in points if low <= sure < high]
        if inside:
            count = len(inside)
            found.append((sum(s for s, _ in inside) / count, sum(r for _, r in inside) / count, count))
    return found


def expected_error(points: Sequence[tuple[float, bool]]) -> float:
    """The expected calibration error: the mean distance between sure and right, weighted by bin."""
    return sum(abs(sure - right) * count for sure, right, count in bins(points)) / max(1, len(points))


def draw(points: Sequence[tuple[float, bool]], path: Path) -> None:
    """Confidence across, share right up; below, how many pages each bin holds."""
    image = Image.new("RGB", (_SIDE + 2 * _MARGIN, _SIDE + 2 * _MARGIN + _BAR), "white")
    pen = ImageDraw.Draw(image)
    font = faces()[0].at(11, 100)
    left, top, foot = _MARGIN, _MARGIN, _MARGIN + _SIDE
    pen.text((left, 20), f"Kind of a letter: sure against right, {len(points)} pages", fill="black", font=font)
    pen.rectangle((left, top, left + _SIDE, foot), outline="black")
    pen.line((left, foot, left + _SIDE, top), fill="grey", width=2)
    for tenth in range(0, 11, 2):
        x, y = left + _SIDE * tenth / 10, foot - _SIDE * tenth / 10
        pen.text((x - 10, foot + 6), f"{tenth / 10:.1f}", fill="black", font=font)
        pen.text((20, y - 8), f"{tenth / 10:.1f}", fill="black", font=font)
    before: tuple[float, float] | None = None
    for sure, right, count in bins(points):
        at = (left + _SIDE * sure, foot - _SIDE * right)
        if before:
            pen.line((*before, *at), fill="navy", width=3)
        pen.ellipse((at[0] - 6, at[1] - 6, at[0] + 6, at[1] + 6), fill="navy")
        height = _BAR * 0.6 * count / len(points)
        base = foot + _MARGIN + _BAR - 30
        pen.rectangle((at[0] - 8, base - height, at[0] + 8, base), fill="steelblue")
        pen.text((at[0] - 10, base + 4), str(count), fill="black", font=font)
        before = at
    image.save(path, optimize=True)
