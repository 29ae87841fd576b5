"""Entries that are likely one office are found, by what they share and by names that are alike."""

from time import perf_counter

import pytest

from gateway.domain.directory import Recipient
from gateway.domain.same_office import likely_same


def entries(*names: str, **shared: str) -> list[Recipient]:
    return [Recipient(name, id=number, **shared) for number, name in enumerate(names, 1)]  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bayview Cardiology", "Bayview Cardiolgy"),
        ("Bayview Cardiology", "BAYVIEW CARDIOLOGY, P.C."),
        ("Dr. Ada Quist", "Quist, Ada MD"),
        ("The Harbor Eye Center", "Harbor Eye"),
        ("Müller Orthopedics", "Muller Orthopedics"),
    ],
)
def test_names_that_differ_by_a_slip_an_order_or_a_form_are_alike(one: str, other: str) -> None:
    (pair,) = likely_same(entries(one, other))
    assert pair.reasons == ("names that are alike",)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bayview Cardiology", "Bayview Dermatology"),
        ("Harbor Eye Suite 1", "Harbor Eye Suite 2"),
        ("Quist, Ada", "Quist, Ida"),
        ("Medical Group", "Health Center"),
    ],
)
def test_offices_that_are_not_the_same_are_left_alone(one: str, other: str) -> None:
    assert likely_same(entries(one, other)) == []


def test_a_shared_number_is_a_reason_and_what_is_empty_is_not() -> None:
    (pair,) = likely_same(entries("North Desk", "South Rehab", fax="+15085550111", npi="1234567893"))
    assert pair.reasons == ("the same fax number", "the same NPI")
    assert likely_same(entries("North Desk", "South Rehab")) == []


def test_thousands_are_compared_while_a_person_waits() -> None:
    towns = [
        f"{a}{b}ton" for a in "Bramble Castle Dunmore Elder Fairwell Glen Harrow Ivy".split() for b in "abcdefghij"
    ]
    kinds = "Cardiology Dermatology Orthopedics Neurology Urology Imaging Endocrinology Pulmonology".split()
    many = [f"{town} {kind} {n}" for town in towns for kind in kinds for n in range(8)]
    started = perf_counter()
    likely_same(entries(*many, "Bayview Cardiology", "Bayview Cardiolgy"))
    assert len(many) > 5000
    assert perf_counter() - started < 10
