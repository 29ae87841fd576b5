"""The confirmation form's geometry: where the writer prints and the reader looks, in mm from the top left."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from config.vocabulary import AnswerId, CombId


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in mm from the page's top left corner."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.h


@dataclass(frozen=True, slots=True)
class BoxSpec:
    """A tick box; the rectangle is the outside of its frame, `words` where its answer is printed beside it."""

    id: AnswerId
    rect: Rect
    words: Rect


@dataclass(frozen=True, slots=True)
class CombSpec:
    """A row of cells for one digit each; a rectangle is the outside of a cell's frame."""

    id: CombId
    cells: tuple[Rect, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A solid square that registers a returned page."""

    id: str
    rect: Rect


@dataclass(frozen=True, slots=True)
class ZoneSpec:
    """A line for words by hand."""

    id: str
    rect: Rect


@dataclass(frozen=True, slots=True)
class FormSpec:
    """One version of the form. `qr` and `pdf417` include their quiet zones and stand on every page."""

    version: int
    page_mm: tuple[float, float]
    marks: tuple[Mark, ...]
    boxes: tuple[BoxSpec, ...]
    combs: tuple[CombSpec, ...]
    zones: tuple[ZoneSpec, ...]
    qr: Rect
    pdf417: Rect
    header: Rect
    body: Rect

    def box(self, box_id: AnswerId) -> Rect:
        """Where a tick box stands."""
        return next(box.rect for box in self.boxes if box.id is box_id)

    def zone(self, zone_id: str) -> Rect:
        """Where a line for words by hand stands."""
        return next(zone.rect for zone in self.zones if zone.id == zone_id)


@cache
def load_form(version: int = 1) -> FormSpec:
    """The geometry of one version, as shipped. Raises KeyError for a version that was never printed."""
    resource = files("config").joinpath("defaults", f"confirmation-{version}.toml")
    if not resource.is_file():
        raise KeyError(f"there is no confirmation form version {version}")
    raw = tomllib.loads(resource.read_text(encoding="utf-8"))
    width, height = raw["page_mm"]
    return FormSpec(
        version=raw["version"],
        page_mm=(width, height),
        marks=tuple(Mark(mark["id"], _rect(mark)) for mark in raw["marks"]),
        boxes=tuple(_box(box) for box in raw["boxes"]),
        combs=tuple(CombSpec(CombId(comb["id"]), tuple(map(_rect, comb["cells"]))) for comb in raw["combs"]),
        zones=tuple(ZoneSpec(name, _rect(zone)) for name, zone in raw["zones"].items()),
        qr=_rect(raw["qr"]),
        pdf417=_rect(raw["pdf417"]),
        header=_rect(raw["header"]),
        body=_rect(raw["body"]),
    )


def _rect(raw: dict[str, Any]) -> Rect:
    return Rect(float(raw["x"]), float(raw["y"]), float(raw["w"]), float(raw["h"]))


def _box(raw: dict[str, Any]) -> BoxSpec:
    """A box; its words stand 2 mm to the right, their baseline 1.2 mm above its lower edge."""
    rect = _rect(raw)
    words = Rect(rect.right + 2.0, rect.bottom - 4.4, float(raw["words_w"]), 4.2)
    return BoxSpec(AnswerId(raw["id"]), rect, words)


def geometry(form: FormSpec) -> dict[str, Any]:
    """What `referloop form --json` prints."""
    return {
        "page_mm": list(form.page_mm),
        "boxes": [{"id": box.id.value, **_flat(box.rect)} for box in form.boxes],
        "combs": [{"id": comb.id.value, "cells": [_flat(cell) for cell in comb.cells]} for comb in form.combs],
    }


def _flat(rect: Rect) -> dict[str, float]:
    return {"x": rect.x, "y": rect.y, "w": rect.w, "h": rect.h}
