"""Lines of print as a bad fax line leaves them: strips cut where the print stands, with their text, endless.

Every scalable face that fontconfig knows and that writes English: the more are installed, the better (Debian:
fonts-liberation fonts-dejavu fonts-freefont-ttf fonts-urw-base35 fonts-courier-prime fonts-lato fonts-roboto …). Every
ninth family is held out for measuring.
"""

import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gateway.demo.paper.fax_channel import SOURCE_DPI, Channel, draw_channel, placement, send
from parsers.ocr.line_reader import LINE_HEIGHT
from parsers.raster import Grey, Scan, as_grey, for_recognition, square
from scripts.line_reader.texts import Lines

_NO_PRINT = (
    "symbol", "dingbat", "emoji", "icons", "braille", "d050", "z003", "chorus", "chancery", "awesome", "initials",
    "cuneiform", "gothic-", "thin", "hairline", "extralight", "black", "math", "supplement", "junicode",
)  # fmt: skip
_HAIRLINES = ("FreeMono.", "FreeMonoOblique", "NimbusMonoPS-Regular", "NimbusMonoPS-Italic", "-Light", "Didot.")
_WIDTH, _HEIGHTS = 2550, (1100, 1650)
_HAIRLINE_PAGES = 0.16
_WIDEST = 1600
_FAINTEST, _LOWEST = 150, 10


@dataclass(frozen=True, slots=True)
class Strip:
    """One line, `LINE_HEIGHT` pixels high, what it says, and how it was faxed: fine, standard, or either twice."""

    pixels: Grey
    text: str
    way: str


def strips(seed: int, alphabet: str, *, held_out: bool = False) -> Iterator[Strip]:
    """Strips by chance; the held-out families are in no other stream."""
    rng, noise = random.Random(seed), np.random.default_rng(seed)
    lines = Lines(rng, alphabet)
    families = [one for at, one in enumerate(_families()) if (at % 9 == 3) == held_out]
    while True:
        is_hairline = rng.random() < _HAIRLINE_PAGES
        page, placed = _printed(rng, lines, families, is_hairline=is_hairline)
        weights = (40, 35, 20, 5) if is_hairline else (22, 33, 37, 8)
        (way,) = rng.choices(("fine", "standard", "standard twice", "fine twice"), weights)
        level, matrix = _faxed(page, way, rng, noise, is_faint=is_hairline and rng.random() < 0.6)
        for text, box in placed:
            if (cut := _cut(level, _moved(box, matrix), rng)) is not None:
                yield Strip(cut, text, way)


def _families() -> list[list[str]]:
    listed = subprocess.run(
        ["fc-list", ":lang=en:scalable=true", "file", "family", "style"], capture_output=True, text=True, check=True
    )
    families: dict[str, set[str]] = {}
    for line in listed.stdout.splitlines():
        path = line.split(":")[0]
        if path.endswith((".ttf", ".otf")) and not any(word in line.lower() for word in _NO_PRINT):
            families.setdefault(path.rsplit("/", 1)[-1].split("-")[0].lower(), set()).add(path)
    return [sorted(families[name]) for name in sorted(families)]


@lru_cache(400)
def _face(path: str, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, pixels)


def _printed(
    rng: random.Random, lines: Lines, families: list[list[str]], *, is_hairline: bool
) -> tuple[Grey, list[tuple[str, tuple[float, ...]]]]:
    """A page at 300 dpi, and each text on it with its box."""
    height = rng.choice(_HEIGHTS)
    image = Image.new("L", (_WIDTH, height), 255)
    draw = ImageDraw.Draw(image)
    placed: list[tuple[str, tuple[float, ...]]] = []
    thin = [path for family in families for path in family if any(name in path for name in _HAIRLINES)]
    y = rng.randint(60, 140)
    while y < height - 120:
        path = rng.choice(thin) if is_hairline and thin else rng.choice(rng.choice(families))
        size = round(rng.choice((7.5, 8, 9, 9, 10, 10, 10, 11, 11, 12, 12, 13, 14, 18)) * SOURCE_DPI / 72)
        font, leading = _face(path, size), rng.uniform(1.02, 1.6)
        for _ in range(rng.randint(1, 5)):
            placed += _printed_line(draw, font, y, rng, lines)
            y += round(size * leading)
        y += rng.randint(0, 40)
    return as_grey(image), placed


def _printed_line(
    draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont, y: int, rng: random.Random, lines: Lines
) -> Iterator[tuple[str, tuple[float, ...]]]:
    x = rng.randint(90, 400)
    while x < _WIDTH - 500:
        text = lines.draw()
        while text and draw.textlength(text, font=font) > _WIDTH - 90 - x:
            text = text.rpartition(" ")[0]
        if not text:
            return
        box = draw.textbbox((x, y), text, font=font)
        draw.text((x, y), text, font=font, fill=0 if rng.random() < 0.9 else rng.randint(20, 110))
        yield " ".join(text.split()), box
        letters, kind = box[3] - box[1], rng.random()
        if kind < 0.05:
            below = box[3] + rng.randint(2, 10)
            draw.line((x - 5, below, box[2] + 5, below), fill=0, width=rng.randint(1, 4))
        elif kind < 0.09:
            frame = (x - rng.randint(8, 20), box[1] - rng.randint(6, 14), box[2] + 20, box[3] + rng.randint(6, 14))
            draw.rectangle(frame, outline=0, width=rng.randint(1, 4))
        x = round(box[2] + rng.uniform(1.8, 6) * letters)
        if rng.random() < 0.55:
            return


def _channel(noise: np.random.Generator, way: str, *, is_faint: bool) -> Channel:
    """By chance; what tells where a line stands afterwards is left out or done in place."""
    severity = float(noise.uniform(0.3, 1.25))
    channel = draw_channel(noise, way.split(maxsplit=1)[0], severity)
    threshold = float(noise.uniform(95, 125)) if is_faint else channel.threshold
    return replace(
        channel, threshold=threshold, lost_lines=0, repeated_lines=0, header="", is_upside_down=False,
        skew=float(np.clip(channel.skew, -6, 6)), specks=channel.specks // 2,
    )  # fmt: skip


def _faxed(page: Grey, way: str, rng: random.Random, noise: np.random.Generator, *, is_faint: bool) -> tuple[Grey, Any]:
    """The page as it is recognised, and the 3 x 3 matrix from its print to there."""
    channel = _channel(noise, way, is_faint=is_faint)
    received, matrix = send(page, channel, noise), _square(placement(channel, page.shape))
    if way.endswith("twice"):
        again = replace(channel, skew=float(noise.normal(0, 0.7)), scale=1.0, shift_mm=(float(noise.normal(0, 1)), 0.0))
        printer = rng.choice((cv2.INTER_LINEAR, cv2.INTER_LINEAR, cv2.INTER_NEAREST, cv2.INTER_CUBIC))
        printed = as_grey(cv2.resize(received.grey, (page.shape[1], page.shape[0]), interpolation=printer))
        matrix = np.diag([page.shape[1] / received.grey.shape[1], page.shape[0] / received.grey.shape[0], 1]) @ matrix
        received, matrix = send(printed, again, noise), _square(placement(again, page.shape)) @ matrix
    lines = _with_lost_lines(received.grey, noise)
    sheet = square(Scan(0, lines, received.x_dpi, received.y_dpi, received.is_bilevel))
    matrix = np.diag([sheet.grey.shape[1] / lines.shape[1], sheet.grey.shape[0] / lines.shape[0], 1]) @ matrix
    level = for_recognition(sheet.grey, is_bilevel=True)
    height, width = level.pixels.shape
    return level.pixels, _square(cv2.getRotationMatrix2D((width / 2, height / 2), level.angle, 1.0)) @ matrix


def _square(matrix: Any) -> Any:
    return np.vstack([matrix, [0, 0, 1]])


def _with_lost_lines(grey: Grey, noise: np.random.Generator) -> Grey:
    """Scan lines lost, a neighbour in their place, so that no line of print moves."""
    spoilt = grey.copy()
    for _ in range(int(noise.poisson(3)) if noise.random() < 0.3 else 0):
        at = int(noise.integers(2, len(grey) - 3))
        spoilt[at : at + int(noise.integers(1, 3))] = grey[at - 1]
    return spoilt


def _moved(box: tuple[float, ...], matrix: Any) -> tuple[float, float, float, float]:
    corners = np.array([[x, y, 1] for x in box[::2] for y in box[1::2]], dtype=np.float64) @ matrix.T
    (left, top), (right, foot) = corners[:, :2].min(axis=0), corners[:, :2].max(axis=0)
    return float(left), float(top), float(right), float(foot)


def _cut(page: Grey, box: tuple[float, float, float, float], rng: random.Random) -> Grey | None:
    """The strip around a box, not quite where it should be; None where it leaves the page or holds no ink."""
    left, top, right, foot = box
    height = foot - top
    pad = rng.uniform(0.12, 0.42) * height
    top, foot = (edge + rng.uniform(-0.08, 0.08) * height for edge in (top - pad, foot + pad))
    left, right = left - rng.uniform(0.2, 1) * height, right + rng.uniform(0.2, 1) * height
    if left < 0 or top < 0 or right > page.shape[1] or foot > page.shape[0]:
        return None
    strip = page[int(top) : int(foot) + 1, int(left) : int(right) + 1]
    if strip.shape[0] < _LOWEST or strip.min() > _FAINTEST:
        return None
    width = min(_WIDEST, max(LINE_HEIGHT, round(strip.shape[1] * LINE_HEIGHT / strip.shape[0])))
    return as_grey(cv2.resize(strip, (width, LINE_HEIGHT), interpolation=cv2.INTER_LINEAR))
