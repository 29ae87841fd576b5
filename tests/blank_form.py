"""The confirmation form drawn from its geometry alone, for tests that write on it and send it through a bad line."""

import cv2
import numpy as np
import zxingcpp

from config.form import Rect, load_form
from config.reference import SAMPLE_KEY, PageCode, check_character, encode_page
from gateway.demo.paper.fax_channel import Grey
from gateway.demo.paper.pens import PER_MM

NUMBER = "4K7M92X" + check_character("4K7M92X")
CODE = PageCode(version=1, number=NUMBER, transmission=1, page=1, pages=4, verified=True)


def draw_blank(code: PageCode = CODE) -> Grey:
    """Page 1 at the source resolution of pens and channel."""
    form = load_form(code.version)
    width, height = form.page_mm
    page: Grey = np.full((round(height * PER_MM), round(width * PER_MM)), 255, dtype=np.uint8)
    for mark in form.marks:
        _frame(page, mark.rect, mark.rect.w / 2)
    for box in form.boxes:
        _frame(page, box.rect, 0.9)
        _print(
            page, box.id.value.removeprefix("appointment_").replace("_", " "), box.rect.right + 2.5, box.rect.y + 4.6
        )
    for comb in form.combs:
        for cell in comb.cells:
            _frame(page, cell, 0.5)
    for y in (55.0, 62.0, 69.0, 210.0, 217.0, 224.0):
        _print(page, "Please answer by fax to the number above", 15.0, y)
    text = encode_page(code, SAMPLE_KEY)
    _symbol(page, text, zxingcpp.BarcodeFormat.QRCode, form.qr, (26.0, 26.0))
    _symbol(page, text, zxingcpp.BarcodeFormat.PDF417, form.pdf417, (68.5, 15.0))
    return page


def _frame(page: Grey, rect: Rect, line_mm: float) -> None:
    left, top, right, bottom = (round(value * PER_MM) for value in (rect.x, rect.y, rect.right, rect.bottom))
    line = round(line_mm * PER_MM)
    page[top:bottom, left:right] = 0
    page[top + line : bottom - line, left + line : right - line] = 255


def _print(page: Grey, words: str, x: float, y: float) -> None:
    cv2.putText(page, words, (round(x * PER_MM), round(y * PER_MM)), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 0, 4, cv2.LINE_AA)


def _symbol(page: Grey, text: str, kind: zxingcpp.BarcodeFormat, rect: Rect, size_mm: tuple[float, float]) -> None:
    options = {"columns": 4} if kind == zxingcpp.BarcodeFormat.PDF417 else {}
    modules = np.array(
        zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, kind, **options), add_quiet_zones=False)
    )
    size = (round(size_mm[0] * PER_MM), round(size_mm[1] * PER_MM))
    picture = cv2.resize(modules, size, interpolation=cv2.INTER_NEAREST)
    left = round((rect.x + (rect.w - size_mm[0]) / 2) * PER_MM)
    top = round((rect.y + (rect.h - size_mm[1]) / 2) * PER_MM)
    page[top : top + size[1], left : left + size[0]] = picture
