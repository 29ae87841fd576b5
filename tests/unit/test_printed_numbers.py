"""Referral numbers on bad lines: one slip is forgiven where a label says that a number follows."""

import random

import pytest

from config.reference import format_number, mint_number
from parsers.printed_numbers import find_printed_numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Referral number 4ZYJ-0XYN", "4ZYJ0XYN"),
        ("Referral 4: 7¢RS-HMMJ", "7CRSHMMJ"),
        ("Referral number ONSK-HVOT", "0NSKHV0T"),
        ("Rcf: 62VII-CN0G", "62VHCN0G"),
        ("Referral #t: 96XY NS05", "96XYNS05"),
        ("Referral number 12TY-59SX", "12TY595X"),
        ("Ref: AFSC 2NNQ", "4F5C2NNQ"),
    ],
)
def test_a_labelled_number_is_read_in_spite_of_a_slip(text: str, number: str) -> None:
    assert find_printed_numbers(text) == [number]


@pytest.mark.parametrize(
    "text", ["Referral: please call full time staff", "refer this case soon", "REFERRAL LOOP CLOS", "order 7¢RS-HMMJ"]
)
def test_words_and_numbers_without_a_label_are_none(text: str) -> None:
    assert find_printed_numbers(text) == []


def test_a_digit_misread_for_a_letter_gives_the_number_or_none() -> None:
    rng = random.Random(5)
    printed = [mint_number([0, 11, *(rng.randrange(10, 32) for _ in range(5))]) for _ in range(300)]  # each has a B
    read = [find_printed_numbers(f"Your reference: {format_number(one).replace('B', '8', 1)}") for one in printed]
    assert sum(one == [number] for one, number in zip(read, printed, strict=True)) > 200
    assert sum(one not in ([], [number]) for one, number in zip(read, printed, strict=True)) < 15
