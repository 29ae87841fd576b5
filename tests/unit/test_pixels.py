"""What a file is, how its pages become square pixels, and what is wrong with those that do not."""

import io
import struct

import cv2
import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from parsers import image, pdf, sniff, tiff
from parsers.errors import DamagedFile, LimitExceeded, UnknownFormat
from parsers.raster import DPI, Scan, for_recognition, is_blank, skew, square, straighten, turn

TAGS = TiffImagePlugin.ImageFileDirectory_v2


def a_page(height: int = 2200, width: int = 1728) -> np.ndarray:
    grey = np.full((height, width), 255, np.uint8)
    for row in range(10, height // 60):
        cv2.putText(grey, "Thank you for referring this pleasant patient", (150, row * 60), 0, 1.3, 0, 3)
    return grey


def a_tiff(frames: list[np.ndarray], dpi: tuple[float, float] | None = (204, 98)) -> bytes:
    pages = [Image.fromarray(frame).convert("1") for frame in frames]
    out = io.BytesIO()
    extra = {"dpi": dpi} if dpi else {}
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], compression="group4", **extra)
    return out.getvalue()


def test_a_name_is_never_believed_only_the_bytes() -> None:
    assert sniff.sniff(b"%PDF-1.7\n...") == sniff.PDF
    assert sniff.sniff(b"junk\n%PDF-1.4") == sniff.PDF
    assert sniff.sniff(a_tiff([a_page(1100)])) == sniff.TIFF
    assert sniff.sniff(b"From: a@b.example\r\nSubject: hi\r\n\r\nbody") == sniff.MAIL
    assert sniff.sniff(b"BEGIN:VCALENDAR\r\nVERSION:2.0") == sniff.CALENDAR
    assert sniff.sniff("Dear Dr. Müller, ...".encode()) == sniff.TEXT


@pytest.mark.parametrize("data", [b"", b"\0\0\0", b"PK\3\4nothing", b"MZ\x90\0\3\0\0\0\4", b"\x7fELF\2\1\1\0\0\0"])
def test_what_is_no_document_is_said_so(data: bytes) -> None:
    with pytest.raises(UnknownFormat):
        sniff.sniff(data)


def test_a_standard_fax_page_becomes_square() -> None:
    [scan] = tiff.scans(a_tiff([a_page(1100)]), 10)
    assert isinstance(scan, Scan)
    assert (scan.x_dpi, scan.y_dpi, scan.is_bilevel) == (204, 98, True)
    assert square(scan).grey.shape == (round(1100 * DPI / 98), 1728)


@pytest.mark.parametrize(("height", "lines"), [(1100, 98), (2200, 196)])
def test_a_fax_without_resolution_is_judged_by_its_pixels(height: int, lines: int) -> None:
    scan = Scan(0, a_page(height), 0, 0, is_bilevel=True)
    assert square(scan).grey.shape[0] == round(height * DPI / lines)


def test_a_nonsense_resolution_is_not_believed() -> None:
    scan = Scan(0, a_page(2200), 1, 1, is_bilevel=True)
    assert square(scan).grey.shape == (round(2200 * DPI / 196), 1728)


def test_one_broken_frame_keeps_the_others() -> None:
    data = bytearray(a_tiff([a_page(1100)] * 3))
    order, offset = "<", struct.unpack_from("<I", data, 4)[0]
    offset = struct.unpack_from(order + "I", data, offset + 2 + 12 * struct.unpack_from("<H", data, offset)[0])[0]
    entries = struct.unpack_from("<H", data, offset)[0]
    for i in range(entries):
        at = offset + 2 + 12 * i
        if struct.unpack_from("<H", data, at)[0] == 257:  # the second page claims a billion lines
            struct.pack_into("<HHII", data, at, 257, 4, 1, 1_000_000_000)
    first, second, third = tiff.scans(bytes(data), 10)
    assert isinstance(first, Scan)
    assert isinstance(second, tuple)
    assert isinstance(second[1], LimitExceeded)
    assert isinstance(third, Scan)


def test_a_circle_of_frames_is_found() -> None:
    data = bytearray(a_tiff([a_page(1100)]))
    offset = struct.unpack_from("<I", data, 4)[0]
    entries = struct.unpack_from("<H", data, offset)[0]
    struct.pack_into("<I", data, offset + 2 + 12 * entries, offset)
    with pytest.raises(DamagedFile, match="circle"):
        tiff.count_frames(bytes(data))


def test_a_photo_is_turned_as_its_exif_says() -> None:
    exif = Image.Exif()
    exif[274] = 6
    out = io.BytesIO()
    Image.fromarray(a_page(300, 200)).save(out, "JPEG", exif=exif, dpi=(72, 72))
    scan = image.scan(out.getvalue())
    assert scan.grey.shape == (200, 300)
    assert scan.x_dpi == 0


def test_a_giant_picture_is_refused_before_it_is_decoded() -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    with pytest.raises(LimitExceeded, match="20000 x 20000"):
        image.scan(out.getvalue())


def test_blank_means_dust_and_a_header_line_only() -> None:
    grey = np.full((2244, 1728), 255, np.uint8)
    cv2.putText(grey, "11/24/2026 09:14 FROM FRONT DESK P.02", (60, 50), 0, 1, 0, 2)
    grey[::400, ::300] = 0
    assert is_blank(grey)
    cv2.putText(grey, "Seen 3/4, will book", (300, 1200), 0, 1.5, 0, 4)
    assert not is_blank(grey)


@pytest.mark.parametrize("angle", [-6.0, -1.3, 0.0, 2.4, 7.0])
def test_skew_is_measured(angle: float) -> None:
    assert skew(straighten(a_page(), angle)) == pytest.approx(-angle, abs=0.2)


def test_a_fax_machines_own_line_levels_no_short_note() -> None:
    page = np.full((2244, 1728), 255, np.uint8)
    for row in range(300, 420, 40):
        cv2.putText(page, "Thank you, we will call her", (200, row), 0, 1, 0, 2)
    page = straighten(page, 4.0)
    cv2.putText(page, "11/24/2026 09:14 FROM FRONT DESK P.02 15085550100 OK", (60, 40), 0, 1.4, 0, 5)
    assert skew(page) == pytest.approx(-4.0, abs=0.2)


def test_four_quarter_turns_are_none() -> None:
    page = a_page()
    assert np.array_equal(turn(turn(page, 90), 270), page)
    assert turn(page, 90).shape == page.T.shape


def test_a_broken_pdf_says_what_to_do() -> None:
    with pytest.raises(DamagedFile, match="send it again"):
        list(pdf.pages(b"%PDF-1.4\nnothing follows", 10))


def test_hairlines_are_made_thicker_before_recognition_and_other_strokes_are_not() -> None:
    def strokes_of(width: int) -> np.ndarray:
        page = np.full((600, 800), 255, np.uint8)
        for row in range(60, 560, 20):
            page[row : row + width, 40:700] = 0
        return page

    def gain(page: np.ndarray) -> float:
        return float(
            np.count_nonzero(for_recognition(page, is_bilevel=True).pixels < 128) / np.count_nonzero(page < 128)
        )

    assert gain(strokes_of(1)) > 2  # blurred alone they would be gone
    assert gain(strokes_of(3)) < 1.1


def test_hairlines_below_a_bold_heading_are_made_thicker_and_the_heading_is_not() -> None:
    page = np.full((600, 1600), 255, np.uint8)
    page[40:120, 40:1500] = 0
    for row in range(300, 400, 20):
        page[row, 40:700] = 0
    level = for_recognition(page, is_bilevel=True).pixels
    assert np.count_nonzero(level[280:420] < 128) > 2 * np.count_nonzero(page[280:420] < 128)
    assert np.count_nonzero(level[:200] < 128) == pytest.approx(np.count_nonzero(page[:200] < 128), rel=0.02)
