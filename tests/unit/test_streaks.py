"""Lines that dirt on a scanner's glass draws are taken out of a page, and nothing that was printed or written is."""

import numpy as np
import pytest

from parsers.raster import Grey
from parsers.streaks import without_streaks

HEIGHT, WIDTH = 2200, 1728


def a_page() -> Grey:
    page: Grey = np.full((HEIGHT, WIDTH), 255, dtype=np.uint8)
    page[300:350, 200:207] = page[300:350, 243:250] = 0  # a box
    page[300:307, 200:250] = page[343:350, 200:250] = 0
    return page


def with_streak(page: Grey, at: int, slope: float) -> Grey:
    dirty = page.copy()
    for row in range(HEIGHT):
        column = round(at + slope * row)
        dirty[row, column : column + 2] = 0
    return dirty


@pytest.mark.parametrize("slope", [0.0, 0.02, -0.06, 0.12])
def test_a_streak_is_taken_out_however_the_sheet_lay(slope: float) -> None:
    dirty = with_streak(a_page(), 700, slope)
    assert np.count_nonzero(without_streaks(dirty) != a_page()) < 0.02 * 2 * HEIGHT


def test_a_margin_left_black_by_a_lid_hides_no_streak_and_is_none() -> None:
    page = a_page()
    page[:, :60] = 0
    clean = without_streaks(with_streak(page, 700, 0.0))
    assert not clean[:, :60].any()
    assert (clean[:, 698:704] == 255).all()


def test_where_a_streak_runs_through_a_frame_the_frame_stays_whole() -> None:
    clean = without_streaks(with_streak(a_page(), 220, 0.0))
    assert not clean[300:307, 200:250].any()
    assert (clean[310:340, 215:230] == 255).all()


def test_boxes_under_one_another_are_no_streak() -> None:
    page = a_page()
    for top in range(400, 1100, 76):
        page[top : top + 48, 200:204] = 0
    assert without_streaks(page) is page


def test_a_clean_page_comes_back_as_it_is() -> None:
    page = a_page()
    assert without_streaks(page) is page
