"""Lines of print are found by their ink: columns apart, rules no letters, nothing where nothing is."""

import cv2
import numpy as np
import pytest

from parsers.line_finder import Cell, find_lines
from parsers.raster import DPI, Level, for_recognition, straighten
from tests.unit.lines_of_print import a_page_of


def test_each_line_is_found_once_and_its_columns_apart() -> None:
    page = a_page_of(("Patient: Okafor, Maria",), ("DOB: 04/23/1961", "MRN: 4614", "Sex: F"), ("Dear Dr. Brandt,",))
    lines = find_lines(page)
    assert [len(line) for line in lines] == [1, 3, 1]
    assert [line[0].y for line in lines] == sorted(line[0].y for line in lines)


def test_words_of_one_line_stay_together_and_its_ink_is_inside() -> None:
    page = a_page_of(("Thank you for referring this patient",))
    ((cell,),) = find_lines(page)
    rows, columns = np.nonzero(page < 150)
    assert (cell.x, cell.y) == pytest.approx((columns.min(), rows.min()), abs=2)
    assert (cell.x + cell.w, cell.foot) == pytest.approx((columns.max() + 1, rows.max() + 1), abs=2)


def test_rules_and_frames_are_no_lines() -> None:
    page = a_page_of(("Name", "Born"), ("Okafor", "1961"))
    cv2.rectangle(page, (120, 130), (1200, 270), 0, 2)
    cv2.line(page, (120, 197), (1200, 197), 0, 3)
    cv2.line(page, (500, 130), (500, 270), 0, 3)
    assert [len(line) for line in find_lines(page)] == [2, 2]


def test_columns_that_only_a_rule_parts_stand_apart_and_a_broken_rule_between_rows_is_no_line() -> None:
    page = a_page_of(("Patient Name Date of Birth MRN",), ("Okafor, Maria 04/23/1961 4614",))
    lines = find_lines(page)
    assert [len(line) for line in lines] == [1, 1]
    row = lines[1][0]
    between = (lines[0][0].foot + row.y) // 2
    gap = next(x for x in range(row.x + 20, row.x + row.w) if (page[between + 8 : row.foot, x - 5 : x + 5] > 250).all())
    cv2.line(page, (gap, between - 60), (gap, between + 60), 0, 2)
    for x in range(100, 1200, 70):
        cv2.line(page, (x, between - x // 300), (x + 50, between - x // 300 - 1), 0, 3)
    assert [len(line) for line in find_lines(page)] == [2, 2]


def test_an_empty_page_and_one_with_specks_have_no_lines() -> None:
    page = np.full((2244, 1734), 255, dtype=np.uint8)
    assert find_lines(page) == []
    rng = np.random.default_rng(4)
    for x, y in rng.integers(10, 1700, (60, 2)):
        page[y : y + 2, x : x + 2] = 0
    assert find_lines(page) == []


@pytest.mark.parametrize("angle", [-3.0, 0.0, 2.0])
def test_a_place_on_the_level_page_is_where_it_stood_on_the_page_that_came(angle: float) -> None:
    page = straighten(a_page_of(("Patient: Okafor, Maria",), ("DOB: 04/23/1961",), ("MRN: 46140425",)), -angle)
    level = for_recognition(page, is_bilevel=True)
    cell = find_lines(level.pixels)[1][0]
    x, y, w, h = level.before(cell.x, cell.y, cell.w, cell.h)
    height, width = page.shape
    there = page[round(y * height) : round((y + h) * height), round(x * width) : round((x + w) * width)]
    alone = straighten(a_page_of((), ("DOB: 04/23/1961",)), -angle)
    theirs = int(np.count_nonzero(alone < 128))
    assert abs(int(np.count_nonzero(there < 128)) - theirs) < 0.1 * theirs


def test_a_level_page_is_its_own_place() -> None:
    level = Level(np.full((200, 100), 255, dtype=np.uint8))
    assert level.before(10, 20, 30, 40) == pytest.approx((0.1, 0.1, 0.3, 0.2))
    assert Cell(0, 10, 5, 10).is_beside(Cell(50, 12, 5, 10))
    assert not Cell(0, 10, 5, 10).is_beside(Cell(50, 18, 5, 10))
    assert DPI == 204
