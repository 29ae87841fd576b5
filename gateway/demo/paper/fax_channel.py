"""The way of a page through a scanner and a fax line, modelled: skew, blur, threshold, noise, lost lines."""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
SOURCE_DPI = 300.0


@dataclass(frozen=True, slots=True)
class Channel:
    """One scanner and line. Lengths in mm, angles in degrees; `y_dpi` 98 is standard, 196 fine."""

    x_dpi: float = 204.0
    y_dpi: float = 196.0
    is_bilevel: bool = True
    skew: float = 0.0
    scale: float = 1.0
    shift_mm: tuple[float, float] = (0.0, 0.0)
    is_upside_down: bool = False
    blur_mm: float = 0.08
    threshold: float = 128.0
    noise: float = 6.0
    specks: int = 0
    streaks: int = 0
    lost_lines: int = 0
    repeated_lines: int = 0
    header: str = ""
    is_photo: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """What comes out: pixels and their resolution."""

    grey: Grey
    x_dpi: float
    y_dpi: float
    is_bilevel: bool


def draw_channel(rng: np.random.Generator, mode: str, severity: float = 1.0) -> Channel:
    """A random channel; `mode` is fine, standard or grey; severity 0 is a clean line, 1 moderate, 2 bad."""
    s = severity
    return Channel(
        x_dpi=204.0 if mode != "grey" else 200.0,
        y_dpi={"fine": 196.0, "standard": 98.0, "grey": 200.0}[mode],
        is_bilevel=mode != "grey",
        skew=float(rng.normal(0, 1.2 * s)) if rng.random() < 0.9 else float(rng.uniform(-8, 8) * min(s, 1)),
        scale=float(rng.uniform(1 - 0.05 * s, 1 + 0.03 * s)) if rng.random() < 0.85 else float(rng.uniform(0.9, 1.06)),
        shift_mm=(float(rng.normal(0, 2 * s)), float(rng.normal(0, 2 * s))),
        is_upside_down=bool(rng.random() < 0.08),
        blur_mm=float(rng.uniform(0.04, 0.08 + 0.05 * s)),
        threshold=float(rng.uniform(128 - 28 * s, 128 + 38 * s)),
        noise=float(rng.uniform(2, 4 + 10 * s)),
        specks=int(rng.poisson(40 * s)) if rng.random() < 0.5 else int(rng.poisson(3 * s)),
        streaks=int(rng.random() < 0.15 * s),
        lost_lines=int(rng.poisson(2 * s)) if rng.random() < 0.3 else 0,
        repeated_lines=int(rng.poisson(2 * s)) if rng.random() < 0.2 else 0,
        header="11/24/2026 09:14  FROM: FRONT DESK  15550100  P.01/02" if rng.random() < 0.7 else "",
    )


def send(page: Grey, channel: Channel, rng: np.random.Generator) -> Received:
    """Pass a page drawn at `SOURCE_DPI` through the channel."""
    pixels = _scan(page, channel).astype(np.float32)
    pixels += rng.normal(0, channel.noise, pixels.shape).astype(np.float32)
    if channel.is_photo:
        pixels *= _shadow(pixels.shape, rng)
    if channel.is_bilevel:
        pixels = np.where(pixels < channel.threshold, 0, 255).astype(np.float32)
    grey: Grey = np.clip(pixels, 0, 255).astype(np.uint8)
    _spoil(grey, channel, rng)
    grey = _lose_lines(grey, channel, rng)
    if channel.header:
        grey = _with_header(grey, channel)
    return Received(grey, channel.x_dpi, channel.y_dpi, channel.is_bilevel)


def send_twice(page: Grey, channel: Channel, rng: np.random.Generator) -> Received:
    """Faxed, printed, and faxed again with a fresh skew."""
    first = send(page, replace(channel, is_upside_down=False), rng)
    printed = cv2.resize(first.grey, (page.shape[1], page.shape[0]), interpolation=cv2.INTER_LINEAR)
    again = replace(
        channel, skew=float(rng.normal(0, 0.7)), scale=1.0, shift_mm=(float(rng.normal(0, 1)), 0.0), header=""
    )
    return send(np.asarray(printed, dtype=np.uint8), again, rng)


def placement(channel: Channel, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The 2 x 3 matrix from a page of this shape (rows, columns at `SOURCE_DPI`) onto the scanner's own grid."""
    height, width = shape[:2]
    turn = cv2.getRotationMatrix2D(
        (width / 2, height / 2), channel.skew + (180 if channel.is_upside_down else 0), channel.scale
    )
    turn[:, 2] += np.array(channel.shift_mm) * SOURCE_DPI / 25.4
    page_offset = (_size(channel, shape)[0] - width * channel.x_dpi / SOURCE_DPI) / 2
    grid = np.diag([channel.x_dpi / SOURCE_DPI, channel.y_dpi / SOURCE_DPI])
    placed = np.hstack([grid @ turn[:, :2], (grid @ turn[:, 2] + [page_offset, 0])[:, None]])
    return np.asarray(placed, dtype=np.float64)


def _size(channel: Channel, shape: tuple[int, ...]) -> tuple[int, int]:
    width = round(shape[1] * channel.x_dpi / SOURCE_DPI)
    return min(width, 1728) if channel.is_bilevel else width, round(shape[0] * channel.y_dpi / SOURCE_DPI)


def _scan(page: Grey, channel: Channel) -> NDArray[Any]:
    """The optics: blur, then turn, scale and shift onto the scanner's own grid."""
    per_mm = SOURCE_DPI / 25.4
    sigma_x = max(0.35 * SOURCE_DPI / channel.x_dpi, channel.blur_mm * per_mm)
    sigma_y = max(0.35 * SOURCE_DPI / channel.y_dpi, channel.blur_mm * per_mm)
    blurred = cv2.GaussianBlur(page, (0, 0), sigmaX=sigma_x, sigmaY=sigma_y)
    matrix, size = placement(channel, page.shape), _size(channel, page.shape)
    return np.asarray(cv2.warpAffine(blurred, matrix, size, flags=cv2.INTER_LINEAR, borderValue=255))


def _shadow(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    corners = rng.uniform(0.55, 0.95, (2, 2)).astype(np.float32)
    return np.asarray(cv2.resize(corners, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _spoil(grey: Grey, channel: Channel, rng: np.random.Generator) -> None:
    height, width = grey.shape
    for _ in range(channel.specks):
        x, y, r = int(rng.integers(width)), int(rng.integers(height)), int(rng.integers(1, 4))
        grey[y : y + max(1, r // 2), x : x + r] = 0
    for _ in range(channel.streaks):
        x = int(rng.integers(width))
        grey[int(rng.integers(height // 2)) :, x : x + int(rng.integers(1, 3))] = 0


def _lose_lines(grey: Grey, channel: Channel, rng: np.random.Generator) -> Grey:
    rows = list(range(grey.shape[0]))
    for _ in range(channel.lost_lines):
        at = int(rng.integers(len(rows)))
        del rows[at : at + int(rng.integers(1, 3))]
    for _ in range(channel.repeated_lines):
        at = int(rng.integers(len(rows)))
        rows[at:at] = [rows[at]] * int(rng.integers(1, 3))
    return np.ascontiguousarray(grey[rows])


def _with_header(grey: Grey, channel: Channel) -> Grey:
    """The receiving machine's line, put above the page as some machines do."""
    strip = np.full((round(0.16 * channel.y_dpi), grey.shape[1]), 255, dtype=np.uint8)
    tall = np.full((round(0.16 * channel.x_dpi), grey.shape[1]), 255, dtype=np.uint8)
    cv2.putText(tall, channel.header, (40, tall.shape[0] - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2)
    strip[:] = cv2.resize(tall, (strip.shape[1], strip.shape[0]), interpolation=cv2.INTER_NEAREST)
    return np.vstack([strip, grey])
