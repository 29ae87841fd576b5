"""The figures of `bench/forms.py` as one picture: bars for each way that a form came back."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Row = tuple[str, Sequence[float]]
"""A way, and its shares 0..1 in the order of the legend."""

_COLOURS = ((31, 90, 150), (70, 150, 90), (225, 150, 40), (180, 70, 60))
_LEFT, _TOP, _HEIGHT, _BAR, _GAP = 70, 70, 360, 24, 34


def draw_bars(title: str, legend: Sequence[str], rows: Sequence[Row], path: Path) -> None:
    """Write the PNG; the scale begins at zero."""
    group = _BAR * len(legend) + _GAP
    picture = Image.new("RGB", (_LEFT + group * len(rows) + 20, _TOP + _HEIGHT + 50), "white")
    draw, face = ImageDraw.Draw(picture), ImageFont.load_default(14)
    draw.text((_LEFT, 8), title, fill="black", font=face)
    _legend(draw, legend, face)
    for tenth in range(0, 11, 2):
        y = _TOP + _HEIGHT * (1 - tenth / 10)
        draw.line((_LEFT, y, picture.width - 20, y), fill=(220, 220, 220))
        draw.text((_LEFT - 45, y - 8), f"{10 * tenth}%", fill="black", font=face)
    for at, (name, shares) in enumerate(rows):
        left = _LEFT + _GAP // 2 + at * group
        draw.text((left, _TOP + _HEIGHT + 12), name, fill="black", font=face)
        for bar, share in enumerate(shares):
            _bar(draw, left + bar * _BAR, share, _COLOURS[bar % len(_COLOURS)])
    picture.save(path)


def _legend(
    draw: ImageDraw.ImageDraw, legend: Sequence[str], face: ImageFont.ImageFont | ImageFont.FreeTypeFont
) -> None:
    x = float(_LEFT)
    for at, name in enumerate(legend):
        draw.rectangle((x, 36, x + 14, 50), fill=_COLOURS[at % len(_COLOURS)])
        draw.text((x + 20, 34), name, fill="black", font=face)
        x += 44 + draw.textlength(name, font=face)


def _bar(draw: ImageDraw.ImageDraw, left: int, share: float, colour: tuple[int, int, int]) -> None:
    top = _TOP + _HEIGHT * (1 - share)
    draw.rectangle((left, top, left + _BAR - 4, _TOP + _HEIGHT), fill=colour)
    small = ImageFont.load_default(10)
    draw.text((left - 3, top - 13), f"{100 * share:.1f}".removesuffix(".0"), fill="black", font=small)
