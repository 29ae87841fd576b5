"""The printed code: both symbols of a page, by a ladder of tries, stopping at the first that holds.

A symbol's text counts only if it is exactly one of ours with a good check character. A half-size try is not on
the ladder: it was measured to misread.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from config.reference import PageCode, decode_page
from parsers.raster import Grey, as_grey, skew, straighten

Corners = NDArray[np.float32]
"""4 x 2 pixels: a symbol's top left, top right, bottom right, bottom left, in the symbol's own sense."""

_LADDER = ((1.0, 0.0), (2.0, 1.6), (1.0, 0.8), (1.0, 1.3), (2.0, 2.8), (1.5, 1.2))
"""Scale and blur of each try. The first reads 65 to 97% on standard fax pages, the third over 99%."""
_ASKEW = 0.4  # degrees; below that straightening changes nothing
_PATCH_SCALE = 1 / 8
_PATCHES = ((12, 6), (6, 12))
"""Twelve by six mm, lying and standing, at the page's own 204 dpi."""
_DARKEST_PRINT = 0.42
"""Share of ink: the faintest symbols of 56 bad faxed pages had 0.67, letters have 0.36 in the middle."""
_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.PDF417, zxingcpp.BarcodeFormat.QRCode])


@dataclass(frozen=True, slots=True)
class Symbol:
    """One decoded symbol and where it stands on the page."""

    code: PageCode
    is_qr: bool
    corners: Corners


def find_codes(grey: Grey, keys: Iterable[bytes], *, wants_both: bool = False) -> list[Symbol]:
    """The page's symbols; at most two tries go on after the first is found, to compare the second.

    With `wants_both` the ladder is walked until a PDF417 and a QR code are read, for registration.
    """
    if not _may_hold_symbol(grey):
        return []
    known = tuple(keys)
    found: dict[tuple[bool, str], Symbol] = {}
    for tries, (scale, sigma) in enumerate(_LADDER):
        for symbol, text in _decode(_prepared(grey, scale, sigma), scale, known):
            found.setdefault((symbol.is_qr, text), symbol)
        kinds = {is_qr for is_qr, _ in found}
        if len(kinds) == 2 or (found and not wants_both and tries >= 1):
            break
    return list(found.values()) or _found_straightened(grey, known)


def _may_hold_symbol(grey: Grey) -> bool:
    """Whether any patch of the page is as dark throughout as a symbol: print is not, and a look costs a hundredth."""
    small = cv2.resize(grey, None, fx=_PATCH_SCALE, fy=_PATCH_SCALE, interpolation=cv2.INTER_AREA)
    ink = 255.0 - small.astype(np.float32)
    return any(float(np.max(cv2.boxFilter(ink, -1, size))) > _DARKEST_PRINT * 255 for size in _PATCHES)


def _found_straightened(grey: Grey, keys: tuple[bytes, ...]) -> list[Symbol]:
    """A last try on a page that lies askew: a long flat symbol is read best along its lines."""
    angle = skew(grey)
    if abs(angle) < _ASKEW:
        return []
    level = straighten(grey, angle)
    height, width = grey.shape
    back = cv2.invertAffineTransform(cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0))
    for scale, sigma in _LADDER:
        symbols = [symbol for symbol, _ in _decode(_prepared(level, scale, sigma), scale, keys)]
        if symbols:
            return [
                replace(one, corners=(one.corners @ back[:, :2].T + back[:, 2]).astype(np.float32)) for one in symbols
            ]
    return []


def _prepared(grey: Grey, scale: float, sigma: float) -> Grey:
    pixels = grey
    if scale != 1.0:
        pixels = as_grey(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR))
    if sigma:
        pixels = as_grey(cv2.GaussianBlur(pixels, (0, 0), sigma))
    return pixels


def _decode(pixels: Grey, scale: float, keys: tuple[bytes, ...]) -> list[tuple[Symbol, str]]:
    symbols: list[tuple[Symbol, str]] = []
    for barcode in _scan_for_codes(pixels, may_lie=scale == 1.0):
        code = decode_page(barcode.text, keys)
        if code is None:
            continue
        place = barcode.position
        points = [(p.x, p.y) for p in (place.top_left, place.top_right, place.bottom_right, place.bottom_left)]
        corners = np.array(points, dtype=np.float32) / scale
        symbols.append((Symbol(code, barcode.format == zxingcpp.BarcodeFormat.QRCode, corners), barcode.text))
    return symbols


def _scan_for_codes(pixels: Grey, *, may_lie: bool) -> list[zxingcpp.Barcode]:
    """All symbols; upside down always, on their side only in the cheap tries."""
    return zxingcpp.read_barcodes(pixels, formats=_FORMATS, try_invert=False, try_downscale=False, try_rotate=may_lie)


def rotation_of(symbol: Symbol) -> int:
    """Degrees clockwise that bring the symbol upright: 0, 90, 180 or 270."""
    across = symbol.corners[1] - symbol.corners[0]
    clockwise = float(np.degrees(np.arctan2(across[1], across[0])))
    return round(-clockwise / 90) % 4 * 90
