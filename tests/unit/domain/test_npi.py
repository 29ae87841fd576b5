"""NPIs are known by their check digit alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.npi import is_npi


@pytest.mark.parametrize("npi", ["1234567893", "1245319599", "1003000126"])
def test_numbers_with_a_right_check_digit_are_npis(npi: str) -> None:
    assert is_npi(npi)


@given(st.from_regex(r"[12][0-9]{8}", fullmatch=True))
def test_exactly_one_last_digit_is_right(body: str) -> None:
    assert sum(is_npi(f"{body}{digit}") for digit in range(10)) == 1


@given(st.from_regex(r"[12][0-9]{8}", fullmatch=True), st.integers(0, 9), st.integers(0, 9))
def test_any_one_wrong_digit_is_found(body: str, place: int, digit: int) -> None:
    npi = next(f"{body}{last}" for last in range(10) if is_npi(f"{body}{last}"))
    slipped = npi[:place] + str(digit) + npi[place + 1 :]
    assert is_npi(slipped) == (slipped == npi)


@pytest.mark.parametrize(
    "text", ["", "123456789", "12345678931", "3234567893", "123456789X", "١٢٣٤٥٦٧٨٩٣", " 1234567893"]
)
def test_what_has_not_the_shape_is_none(text: str) -> None:
    assert not is_npi(text)
