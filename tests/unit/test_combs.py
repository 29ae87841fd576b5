"""Digits in cells become a date only if the calendar has it and the cells say so."""

from datetime import date, time

import pytest

from parsers.combs import read_date, read_time
from parsers.digits import Digit, agreed

NEAR = date(2026, 11, 24)


def cells(text: str, unsure: dict[int, str] | None = None) -> list[Digit]:
    """Sure digits; `unsure` names cells that look half like another digit; `_` is an empty cell."""
    digits: list[Digit] = []
    for i, char in enumerate(text):
        if char == "_":
            digits.append(Digit(None, 0.97))
            continue
        odds = [0.003] * 10
        odds[int(char)] = 0.97
        if unsure and i in unsure:
            odds[int(char)] = odds[int(unsure[i])] = 0.485
        digits.append(Digit(int(char), max(odds), tuple(odds)))
    return digits


def test_clear_digits_are_a_date() -> None:
    written = read_date(cells("120326"), NEAR, NEAR)
    assert written.value == date(2026, 12, 3)
    assert written.confidence > 0.95


def test_the_calendar_settles_a_doubtful_digit() -> None:
    written = read_date(cells("120826", {0: "7"}), NEAR, NEAR)  # there is no month 72
    assert written.value == date(2026, 12, 8)
    assert written.confidence > 0.9


@pytest.mark.parametrize(("digits", "day"), [("020326", date(2026, 2, 3)), ("051127", date(2027, 5, 11))])
def test_a_form_of_which_nothing_is_known_may_be_of_any_year_near(digits: str, day: date) -> None:
    written = read_date(cells(digits), None, NEAR)
    assert (written.value, written.confidence > 0.95) == (day, True)
    assert read_date(cells("120199"), None, NEAR).confidence < 0.9


def test_a_digit_that_the_calendar_cannot_settle_is_doubted() -> None:
    assert read_date(cells("120126", {3: "7"}), NEAR, NEAR).confidence < 0.9  # a Tuesday and a Monday


@pytest.mark.parametrize("digits", ["023127", "133126", "120324", "120399"])
def test_a_date_that_cannot_be_meant_is_not_bent_until_it_fits(digits: str) -> None:
    assert read_date(cells(digits), NEAR, NEAR).confidence < 0.9


def test_empty_cells_are_no_date_and_a_missing_digit_is_doubt() -> None:
    assert read_date(cells("______"), NEAR, NEAR).value is None
    assert read_date(cells("______"), NEAR, NEAR).confidence > 0.9
    assert read_date(cells("1203_6"), NEAR, NEAR).confidence < 0.5


def test_a_single_digit_month_may_stand_alone() -> None:
    assert read_date(cells("_10527"), NEAR, NEAR).value == date(2027, 1, 5)


@pytest.mark.parametrize(
    ("digits", "is_pm", "at"),
    [
        ("0230", True, time(14, 30)),
        ("1200", True, time(12)),
        ("0915", False, time(9, 15)),
        ("_945", False, time(9, 45)),
    ],
)
def test_twelve_hours_and_a_half_of_the_day(digits: str, is_pm: bool, at: time) -> None:
    written = read_time(cells(digits), is_pm=is_pm)
    assert written.value == at
    assert written.confidence > 0.9


def test_without_am_or_pm_an_offices_hours_are_a_guess() -> None:
    written = read_time(cells("0230"), is_pm=None)
    assert written.value == time(14, 30)
    assert written.confidence < 0.9


def test_a_thin_one_lost_before_a_zero_is_not_midnight() -> None:
    written = read_time(cells("_045"), is_pm=False)
    assert written.value != time(0, 45) or written.confidence < 0.9


def test_a_date_soon_is_likelier_than_one_in_two_years() -> None:
    unsure = cells("120326", {5: "8"})  # 2026 or 2028
    assert read_date(unsure, NEAR, NEAR).value == date(2026, 12, 3)


def test_looks_that_agree_are_surer_than_looks_that_do_not() -> None:
    three, eight, empty = cells("38_")
    assert agreed([three, three, three]).confidence > 0.9
    assert agreed([three, three, eight]).confidence < 0.7
    assert agreed([empty, empty, three]).value is None


def test_a_cell_that_a_streak_ran_through_is_doubted() -> None:
    three = cells("3")[0]
    damaged = agreed([three] * 5, is_damaged=True)
    assert damaged.value == 3
    assert damaged.confidence < 0.6


def test_a_doubtful_hour_is_settled_by_when_offices_are_open() -> None:
    written = read_time(cells("0710", {1: "2"}), is_pm=True)  # ten past seven in the evening, or past two
    assert written.value == time(14, 10)
