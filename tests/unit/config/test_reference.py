"""Referral numbers and page codes: what survives a bad pen, and what a forger cannot make."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.reference import (
    ALPHABET,
    SAMPLE_KEY,
    PageCode,
    decode_page,
    encode_page,
    find_numbers,
    format_number,
    mint_number,
    parse_number,
)

KEY, OLD_KEY, FOREIGN = b"the clinic's own key", b"the key before it", b"another clinic's key"
CODE = PageCode(1, mint_number([4, 19, 7, 20, 9, 2, 29]), transmission=2, page=3, pages=12)
bodies = st.lists(st.integers(0, 31), min_size=7, max_size=7)


@given(bodies, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_any_one_wrong_character_is_found(body: list[int], place: int, char: str) -> None:
    number = mint_number(body)
    slipped = number[:place] + char + number[place + 1 :]
    assert parse_number(slipped) == (number if slipped == number else None)


@given(bodies, st.integers(0, 6))
def test_any_two_neighbours_swapped_are_found(body: list[int], place: int) -> None:
    number = mint_number(body)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert parse_number(swapped) == (number if swapped == number else None)


@given(bodies.filter(lambda values: min(values) < 10))
def test_what_people_write_for_a_number_is_that_number(body: list[int]) -> None:
    number = mint_number(body)
    printed = format_number(number)
    for written in (
        printed,
        printed.lower(),
        printed.replace("0", "O").replace("1", "l"),
        f" {number[:4]} {number[4:]} ",
    ):
        assert parse_number(written) == number
    assert find_numbers(f"Re: referral {printed}, thank you.") == [number]


@pytest.mark.parametrize("text", ["", "4K7M", "4K7M-92XQ-0", "4K7M-92U0", "referral", "ＡＢＣＤ-ＥＦＧＨ"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert parse_number(text) is None


def test_dates_and_phone_numbers_are_not_taken_for_numbers() -> None:
    every_day = " ".join(
        f"{month:02}{day:02}{year}" for year in (1958, 2026) for month in range(1, 13) for day in range(1, 29)
    )
    assert find_numbers(every_day) == []
    assert find_numbers("call 5085550100 or 508 555 0100, fax 15085550100") == []


def test_numbers_are_minted_all_over_the_alphabet() -> None:
    minted = {mint_number() for _ in range(300)}
    assert len(minted) == 300
    assert set("".join(minted)) == set(ALPHABET)


def test_every_number_minted_is_found_again_in_text() -> None:
    minted = [mint_number() for _ in range(500)]
    assert find_numbers("\n".join(map(format_number, minted))) == minted


@given(st.integers(1, 99), st.integers(1, 999), st.integers(1, 999))
def test_a_page_says_its_place_again(transmission: int, page: int, pages: int) -> None:
    code = replace(CODE, transmission=transmission, page=page, pages=pages)
    assert decode_page(encode_page(code, KEY), [KEY]) == replace(code, verified=True)


def test_pages_signed_with_the_key_before_this_one_still_hold() -> None:
    decoded = decode_page(encode_page(CODE, OLD_KEY), [KEY, OLD_KEY])
    assert decoded is not None
    assert decoded.verified


@pytest.mark.parametrize("keys", [[], [FOREIGN], [SAMPLE_KEY]], ids=["no key", "another clinic's", "the samples'"])
def test_another_key_reads_the_number_and_verifies_nothing(keys: list[bytes]) -> None:
    assert decode_page(encode_page(CODE, KEY), keys) == replace(CODE, verified=False)


@given(st.integers(0, 100), st.sampled_from(ALPHABET + "-"))
def test_no_character_of_a_code_can_be_changed_and_still_verify(place: int, char: str) -> None:
    text = encode_page(CODE, KEY)
    place %= len(text)
    forged = text[:place] + char + text[place + 1 :]
    decoded = decode_page(forged, [KEY])
    assert forged == text or decoded is None or not decoded.verified


def test_a_signature_cannot_be_moved_to_another_referral_or_page() -> None:
    mac = encode_page(CODE, KEY).rpartition("-")[2]
    for other in (replace(CODE, page=4), replace(CODE, transmission=3), replace(CODE, number=mint_number([1] * 7))):
        forged = encode_page(other, FOREIGN).rpartition("-")[0] + f"-{mac}"
        decoded = decode_page(forged, [KEY])
        assert decoded is not None
        assert not decoded.verified


GOOD = encode_page(CODE, KEY)


@pytest.mark.parametrize("text", [GOOD.lower(), GOOD + "0", "x" + GOOD, GOOD.replace("-", "_"), GOOD[:-9], ""])
def test_a_text_that_is_not_exactly_a_code_is_none(text: str) -> None:
    assert decode_page(text, [KEY]) is None
