"""Plots as shapes, which a template writes as SVG: columns, bars and ranges. No style here: classes only.

A plot never stands alone: the page shows the same numbers as a table beside it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

_LETTER = 7.0  # of the labels' type, on average
_WIDEST_COLUMN = 26.0
_BAR, _ROW = 16.0, 28.0


@dataclass(frozen=True, slots=True)
class Rect:
    """A filled shape; `told` is what it says when pointed at."""

    x: float
    y: float
    w: float
    h: float
    look: str
    told: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the frame, or a median's mark."""

    x1: float
    y1: float
    x2: float
    y2: float
    look: str


@dataclass(frozen=True, slots=True)
class Label:
    """A text; `look` says how it is set and aligned."""

    x: float
    y: float
    text: str
    look: str


@dataclass(slots=True)
class Chart:
    """Shapes within a width and a height; `legend` names the looks that are in it."""

    title: str
    summary: str
    width: float
    height: float
    legend: tuple[tuple[str, str], ...] = ()
    rects: list[Rect] = field(default_factory=list[Rect])
    lines: list[Line] = field(default_factory=list[Line])
    labels: list[Label] = field(default_factory=list[Label])


@dataclass(frozen=True, slots=True)
class Range:
    """A middle half and its median."""

    quarter: float
    median: float
    three_quarters: float
    is_few: bool
    told: str


def columns(
    title: str, summary: str, names: Sequence[str], series: Mapping[str, Sequence[int]], looks: Mapping[str, str]
) -> Chart:
    """Columns over names (days, weeks, months), each stacked of the series."""
    left, right, top, bottom = 44.0, 8.0, 10.0, 26.0
    chart = Chart(title, summary, 920, 220, tuple((looks[name], name) for name in series))
    totals = [sum(values[place] for values in series.values()) for place in range(len(names))]
    step = _step(max(totals, default=0))
    most = max(step, math.ceil(max(totals, default=0) / step) * step)
    tall = chart.height - top - bottom
    for value in range(0, most + 1, step):
        y = chart.height - bottom - value / most * tall
        chart.lines.append(Line(left, y, chart.width - right, y, "base" if value == 0 else "grid"))
        chart.labels.append(Label(left - 6, y + 4, str(value), "end"))
    room = (chart.width - left - right) / max(1, len(names))
    wide = min(_WIDEST_COLUMN, room * 0.72)
    every = max(1, math.ceil((max((len(name) for name in names), default=1) + 1) * _LETTER / room))
    for place, name in enumerate(names):
        middle, y = left + room * (place + 0.5), chart.height - bottom
        for of, values in series.items():
            if not values[place]:
                continue
            high = values[place] / most * tall
            y -= high
            told = f"{name}: {values[place]} {of}"
            chart.rects.append(Rect(middle - wide / 2, y, wide, high, looks[of], told))
        if place % every == 0:
            chart.labels.append(Label(middle, chart.height - 8, name, "middle"))
    return _rounded(chart)


def bars(title: str, summary: str, rows: Sequence[tuple[str, Mapping[str, int]]], looks: Mapping[str, str]) -> Chart:
    """A bar a row, stacked of the series, all to one scale; the row's total stands behind it."""
    left, right = _beside([name for name, _ in rows]), 56.0
    chart = Chart(title, summary, 920, _ROW * len(rows) + 8, tuple((look, name) for name, look in looks.items()))
    most = max((sum(parts.values()) for _, parts in rows), default=0) or 1
    for place, (name, parts) in enumerate(rows):
        x, y = left, _ROW * place + 8
        chart.labels.append(Label(left - 8, y + 13, name, "end"))
        for of, count in parts.items():
            wide = count / most * (chart.width - left - right)
            if count:
                chart.rects.append(Rect(x, y, wide, _BAR, looks[of], f"{name}: {count} {of}"))
            x += wide
        chart.labels.append(Label(x + 6, y + 13, str(sum(parts.values())), "start strong"))
    return _rounded(chart)


def ranges(
    title: str, summary: str, rows: Sequence[tuple[str, Sequence[Range | None]]], heads: Sequence[str], unit: str
) -> Chart:
    """For each row and head the middle half as a bar and the median as a mark; every head has a scale of its own."""
    left, gap = _beside([name for name, _ in rows]), 36.0
    chart = Chart(title, summary, 920, 26 + _ROW * len(rows) + 24, (("median", "median"), ("half", "middle half")))
    room = (chart.width - left - gap * len(heads)) / len(heads)
    for place, (name, _) in enumerate(rows):
        chart.labels.append(Label(left - 8, 26 + _ROW * place + 13, name, "end"))
    for at, head in enumerate(heads):
        x = left + at * (room + gap)
        told = [found[at] for _, found in rows]
        if not any(told):
            chart.labels.append(Label(x, 14, head, "start strong"))
            chart.labels.append(Label(x, 39, "none yet", "start"))
            continue
        farthest = max((one.three_quarters for one in told if one), default=1.0)
        step = _step(math.ceil(farthest), 3)
        most = max(step, math.ceil(farthest / step) * step)
        chart.labels.append(Label(x, 14, head, "start strong"))
        foot = 26.0 + _ROW * len(rows)
        for value in range(0, most + 1, step):
            tick = x + value / most * room
            chart.lines.append(Line(tick, 20, tick, foot, "base" if value == 0 else "grid"))
            chart.labels.append(Label(tick, foot + 16, f"{value} {unit}" if value == most else str(value), "middle"))
        for place, one in enumerate(told):
            if one is None:
                continue
            y = 26 + _ROW * place
            low, high = (x + value / most * room for value in (one.quarter, one.three_quarters))
            look = "half few" if one.is_few else "half"
            chart.rects.append(Rect(low, y, max(2.0, high - low), _BAR, look, one.told))
            middle = x + one.median / most * room
            chart.lines.append(Line(middle, y - 2, middle, y + _BAR + 2, "median"))
    return _rounded(chart)


def _beside(names: Sequence[str]) -> float:
    """Room for the rows' names."""
    return min(300.0, max((len(name) for name in names), default=0) * _LETTER + 16)


def _step(most: int, about: int = 4) -> int:
    """A round step between gridlines: 1, 2 or 5 times a power of ten."""
    rough = max(1.0, most / about)
    power = 10 ** math.floor(math.log10(rough))
    return int(next(size * power for size in (1, 2, 5, 10) if size * power >= rough))


def _rounded(chart: Chart) -> Chart:
    """A tenth of a pixel is enough, and keeps the page small."""
    chart.rects = [
        replace(one, x=round(one.x, 1), y=round(one.y, 1), w=round(one.w, 1), h=round(one.h, 1)) for one in chart.rects
    ]
    chart.lines = [
        replace(one, x1=round(one.x1, 1), y1=round(one.y1, 1), x2=round(one.x2, 1), y2=round(one.y2, 1))
        for one in chart.lines
    ]
    chart.labels = [replace(one, x=round(one.x, 1), y=round(one.y, 1)) for one in chart.labels]
    return chart
