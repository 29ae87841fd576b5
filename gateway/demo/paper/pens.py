"""Hands and pens: ticks of every kind, and real handwritten digits put into comb cells.

Coordinates are mm on the page; pages are grey arrays at `SOURCE_DPI`.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gateway.demo.paper.fax_channel import SOURCE_DPI, Grey

PER_MM = SOURCE_DPI / 25.4
TICKS = ("cross", "check", "slash", "scribble", "filled", "long_check", "circle", "dot")
_SHIFT = 4


@dataclass(frozen=True, slots=True)
class Pen:
    """Width in mm and ink, 0 black to 255 none."""

    width_mm: float
    ink: int


def draw_pen(rng: np.random.Generator) -> Pen:
    """A ballpoint to a felt tip; one in twenty is faint."""
    if rng.random() < 0.05:
        return Pen(float(rng.uniform(0.3, 0.45)), int(rng.integers(70, 110)))
    return Pen(float(rng.uniform(0.4, 1.1)), int(rng.integers(0, 70)))


def stroke(page: Grey, points: NDArray[np.float64], pen: Pen, rng: np.random.Generator) -> None:
    """A polyline in mm with a trembling hand; ink darkens what is there."""
    dense = _smooth(points, rng)
    layer = np.full_like(page, 255)
    fixed = np.round(dense * PER_MM * (1 << _SHIFT)).astype(np.int32)
    width = max(1, round(pen.width_mm * PER_MM))
    cv2.polylines(
        layer,
        [fixed.reshape(-1, 1, 2)],
        isClosed=False,
        color=pen.ink,
        thickness=width,
        lineType=cv2.LINE_AA,
        shift=_SHIFT,
    )
    np.minimum(page, layer, out=page)


def _smooth(points: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    steps = 8
    t = np.linspace(0, len(points) - 1, (len(points) - 1) * steps + 1)
    base = np.stack([np.interp(t, np.arange(len(points)), points[:, axis]) for axis in (0, 1)], axis=1)
    tremble = rng.normal(0, 0.10, base.shape)
    kernel = np.ones(5) / 5
    for axis in (0, 1):
        base[:, axis] += np.convolve(tremble[:, axis], kernel, mode="same")
    return base


def tick(page: Grey, box: tuple[float, float, float, float], kind: str, pen: Pen, rng: np.random.Generator) -> None:
    """Mark a box (x, y, w, h in mm) in one of the ways of `TICKS`."""
    x, y, w, h = box
    cx, cy = x + w / 2 + rng.normal(0, 0.08 * w), y + h / 2 + rng.normal(0, 0.08 * h)
    r = w * rng.uniform(0.3, 0.62)

    def at(*pairs: tuple[float, float]) -> NDArray[np.float64]:
        jitter = rng.normal(0, 0.06 * w, (len(pairs), 2))
        return np.array([(cx + px * r, cy + py * r) for px, py in pairs]) + jitter

    match kind:
        case "cross":
            stroke(page, at((-1, -1), (1, 1)), pen, rng)
            stroke(page, at((1, -1), (-1, 1)), pen, rng)
        case "check":
            stroke(page, at((-1, 0), (-0.3, 0.9), (1.1, -1.1)), pen, rng)
        case "long_check":
            stroke(page, at((-1, 0), (-0.2, 0.9), (2.4, -2.6)), pen, rng)
        case "slash":
            stroke(page, at((-1, 1), (1, -1)), pen, rng)
        case "dot":
            stroke(page, at((-0.2, -0.1), (0.25, 0.1), (-0.1, 0.2), (0.1, -0.2)), Pen(pen.width_mm + 0.5, pen.ink), rng)
        case "circle":
            angles = np.linspace(0, 2 * np.pi * rng.uniform(0.95, 1.15), 14) + rng.uniform(0, 6)
            grow = rng.uniform(0.75, 1.05)
            stroke(page, np.stack([cx + np.cos(angles) * w * grow, cy + np.sin(angles) * h * grow], axis=1), pen, rng)
        case _:
            _fill(page, (cx, cy, r), pen, rng, is_dense=kind == "filled")


def _fill(page: Grey, place: tuple[float, float, float], pen: Pen, rng: np.random.Generator, *, is_dense: bool) -> None:
    cx, cy, r = place
    turns = 9 if is_dense else int(rng.integers(4, 7))
    ys = np.linspace(-0.9, 0.9, turns)
    points = [(cx + (r if i % 2 else -r) * rng.uniform(0.7, 1.05), cy + y * r) for i, y in enumerate(ys)]
    stroke(page, np.array(points), pen, rng)


def cross_out(page: Grey, box: tuple[float, float, float, float], pen: Pen, rng: np.random.Generator) -> None:
    """A correction: a dense scribble well over the box."""
    x, y, w, h = box
    _fill(
        page, (x + w / 2, y + h / 2, w * rng.uniform(0.75, 0.95)), Pen(pen.width_mm * 1.3, pen.ink), rng, is_dense=True
    )


def write_digit(
    page: Grey,
    cell: tuple[float, float, float, float],
    glyph: NDArray[np.float32],
    pen: Pen,
    rng: np.random.Generator,
    *,
    is_careful: bool = False,
) -> None:
    """Put a real digit (28 x 28, ink 0..1) into a comb cell, as a hand would: not centred, not always inside.

    A careful hand stays within the cell.
    """
    x, y, w, h = cell
    ink = _restroke(glyph, pen, min(w, h), rng)
    size = float(rng.uniform(0.62, 0.8 if is_careful else 0.98)) * min(w / 0.8, h)
    astray = 0.4 if is_careful else 1.0
    slant = float(rng.normal(0, 0.12))
    turn = float(rng.normal(0, 0.07))
    pixels = size * PER_MM / 20.0  # mnist glyphs fill 20 of 28
    centre = (
        np.array([x + w / 2 + rng.normal(0, 0.06 * w) * astray, y + h / 2 + rng.normal(0, 0.05 * h) * astray]) * PER_MM
    )
    squeeze = float(rng.uniform(0.8, 1.05))
    linear = np.array([[np.cos(turn) * squeeze, -np.sin(turn) - slant], [np.sin(turn), np.cos(turn)]]) * pixels
    scale = ink.shape[0] / 28.0
    matrix = np.hstack([linear / scale, (centre - linear @ np.array([14.0, 14.0]))[:, None]])
    layer = cv2.warpAffine(ink, matrix, (page.shape[1], page.shape[0]), flags=cv2.INTER_LINEAR, borderValue=0)
    darkened = 255 - layer * (255 - pen.ink)
    np.minimum(page, darkened.astype(np.uint8), out=page)


def _restroke(glyph: NDArray[np.float32], pen: Pen, cell_mm: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """The glyph at four times its size, its stroke made as wide as the pen's."""
    big = cv2.GaussianBlur(cv2.resize(glyph, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC), (0, 0), 1.5)
    mask = (big > 0.5).astype(np.uint8)
    distance = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    now = 2 * float(np.percentile(distance[distance > 0], 80)) if distance.any() else 8.0
    wanted = pen.width_mm / (0.8 * cell_mm) * 80.0
    change = int(np.clip(round((wanted - now) / 2), -2, 4))
    if change > 0:
        mask = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * change + 1, 2 * change + 1)))
    elif change < 0:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
        thinner = cv2.erode(mask, kernel, iterations=-change)
        mask = thinner if thinner.sum() > 0.35 * mask.sum() else mask
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8), dtype=np.float32)
