"""How a filled form comes back: scanners, lines, second generations and telephones' cameras, over the whole range.

Owns the range that the reader is judged by. A page on which a box or a comb would lie outside the received picture
is drawn again: what is not on the page cannot be read from it.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from config.form import load_form
from gateway.demo.paper.fax_channel import Channel, Grey, Received, send, send_twice

WAYS = ("fine", "standard", "grey", "fine twice", "standard twice", "photo")
_WIDTH_MM = 1728 / 204 * 25.4
_HEADER = "11/24/2026 09:14  FROM: FRONT DESK  15550100  P.01/02"


@dataclass(frozen=True, slots=True)
class Cut:
    """What of a page was lost at an edge, in mm, and whether a lid left it black."""

    edge: str = ""
    mm: float = 0.0
    is_black: bool = False


def come_back(page: Grey, way: str, seed: int) -> Received:
    """A page drawn at the pens' resolution, as it is received."""
    rng = np.random.default_rng(seed)
    if way == "photo":
        return _photograph(page, rng)
    channel = _channel(way, rng)
    received = (send_twice if way.endswith("twice") else send)(page, channel, rng)
    return replace(received, grey=_cut(received, channel, rng))


def _channel(way: str, rng: np.random.Generator) -> Channel:
    while True:
        channel = _any_channel(way, rng)
        if _holds_the_form(channel):
            return channel


def _any_channel(way: str, rng: np.random.Generator) -> Channel:
    resolution, is_twice = way.split(maxsplit=1)[0], way.endswith("twice")
    bad = float(rng.choice((0.5, 1.0, 1.5)))
    is_grey = resolution == "grey"
    return Channel(
        x_dpi=200.0 if is_grey else 204.0,
        y_dpi={"fine": 196.0, "standard": 98.0, "grey": 200.0}[resolution],
        is_bilevel=not is_grey,
        skew=float(rng.normal(0, 1.2) if rng.random() < 0.65 else rng.uniform(-8, 8)),
        scale=float(rng.uniform(0.96, 1.03) if rng.random() < 0.65 else rng.uniform(0.9, 1.1)),
        shift_mm=(float(rng.normal(0, 2.5)), float(rng.normal(0, 3))),
        is_upside_down=bool(rng.random() < 0.12),
        blur_mm=float(rng.uniform(0.04, 0.08 + 0.04 * bad)),
        threshold=float(rng.uniform(128 - 25 * bad, 128 + 32 * bad)),
        noise=float(rng.uniform(2, 4 + 9 * bad)),
        specks=int(rng.poisson(40 * bad)) if rng.random() < 0.5 else 2,
        streaks=int(rng.random() < 0.15 * bad) * int(rng.integers(1, 3)),
        lost_lines=int(rng.poisson(3 * bad)) if rng.random() < 0.3 and not is_grey else 0,
        repeated_lines=int(rng.poisson(3 * bad)) if rng.random() < 0.2 and not is_grey else 0,
        header=_HEADER if rng.random() < (0.4 if is_twice else 0.6) and not is_grey else "",
    )


def _holds_the_form(channel: Channel) -> bool:
    """Whether boxes and combs come to lie on the received page."""
    form = load_form()
    rects = [box.rect for box in form.boxes] + [cell for comb in form.combs for cell in comb.cells]
    corners = np.array([(x, y) for r in rects for x in (r.x - 1.5, r.right + 1.5) for y in (r.y, r.bottom)])
    middle = np.array(form.page_mm) / 2
    angle = np.deg2rad(channel.skew + (180 if channel.is_upside_down else 0))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) * channel.scale
    placed = (corners - middle) @ turn.T + middle + np.array(channel.shift_mm)
    margin = max(0.0, (form.page_mm[0] - _WIDTH_MM) / 2)
    return bool(placed[:, 0].min() > margin and placed[:, 0].max() < form.page_mm[0] - margin)


def _cut(received: Received, channel: Channel, rng: np.random.Generator) -> Grey:
    """One page in six loses its head, its foot or a side; where the form is straight enough to bear it."""
    grey = received.grey
    if rng.random() > 1 / 6:
        return grey
    edge = str(rng.choice(("top", "bottom", "left", "right")))
    if edge in {"left", "right"} and (abs(channel.skew) > 2 or channel.scale > 1.01 or abs(channel.shift_mm[0]) > 2):
        edge = "top"
    cut = Cut(edge, float(rng.uniform(5, 30) if edge in {"top", "bottom"} else rng.uniform(3, 8)), rng.random() < 0.2)
    cut_grey = grey.copy()
    across, down = round(cut.mm / 25.4 * received.x_dpi), round(cut.mm / 25.4 * received.y_dpi)
    gone = {
        "top": np.s_[:down, :],
        "bottom": np.s_[-down:, :],
        "left": np.s_[:, :across],
        "right": np.s_[:, -across:],
    }[edge]
    cut_grey[gone] = 0 if cut.is_black else 255
    return cut_grey


def _photograph(page: Grey, rng: np.random.Generator) -> Received:
    """A telephone's picture of the sheet on a desk: perspective, uneven light, blur, and JPEG."""
    width, height = int(rng.integers(1500, 2300)), 0
    height = round(width * rng.uniform(1.3, 1.36))
    inset = np.array([width, height]) * rng.uniform(0.02, 0.07)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    inward = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * inset
    corners = corners + inward * rng.uniform(0.3, 1.5, (4, 2))
    turned = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-4, 4)), 1.0)
    corners = np.hstack([corners, np.ones((4, 1))]) @ turned.T
    source = np.array([[0, 0], [page.shape[1], 0], [page.shape[1], page.shape[0]], [0, page.shape[0]]])
    matrix = cv2.getPerspectiveTransform(source.astype(np.float32), corners.astype(np.float32))
    soft = cv2.GaussianBlur(page, (0, 0), float(rng.uniform(0.6, 1.6)))
    desk = int(rng.integers(40, 150))
    picture = cv2.warpPerspective(soft, matrix, (width, height), flags=cv2.INTER_AREA, borderValue=desk)
    lit = (picture.astype(np.float32) * 0.8 + 35) * _light((height, width), rng)
    lit += rng.normal(0, rng.uniform(2, 7), lit.shape).astype(np.float32)
    if rng.random() < 0.1:
        lit = lit[::-1, ::-1]
    pixels = np.clip(lit, 0, 255).astype(np.uint8)
    kept = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 93))])[1]
    grey = np.asarray(cv2.imdecode(kept, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return Received(grey, 0.0, 0.0, is_bilevel=False)


def _light(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Uneven light, and in half of the pictures the soft-edged shadow of whoever holds the telephone."""
    height, width = shape
    corners = rng.uniform(0.6, 1.0, (2, 2)).astype(np.float32)
    light = cv2.resize(corners, (width, height), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.5:
        shadow = np.ones((height // 8, width // 8), dtype=np.float32)
        edge = float(rng.uniform(0.2, 0.8)) * shadow.shape[1]
        tilt = float(rng.uniform(-0.4, 0.4)) * shadow.shape[1]
        shape_px = [[0, 0], [edge, 0], [edge + tilt, shadow.shape[0]], [0, shadow.shape[0]]]
        cv2.fillPoly(shadow, [np.array(shape_px, dtype=np.int32)], float(rng.uniform(0.5, 0.85)))
        soft = cv2.GaussianBlur(shadow, (0, 0), float(rng.uniform(1, 8)))
        light = light * cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(light, dtype=np.float32)
