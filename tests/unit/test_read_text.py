# ruff: noqa: E501 - texts as they stand in mails and on paper
"""What a text says: whose it is, what it is, when the patient is booked; right on layouts of many kinds."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.vocabulary import AnswerId, DocumentKind
from parsers.classify import classify
from parsers.fields import LIMIT_CHARACTERS, read_fields
from parsers.names import fold
from parsers.reading import Answer, Person, Role
from tests.unit.letters import WRITTEN, Letter, letter, unrelated, with_slips

HELD_OUT = range(700_000, 700_300)
"""Seeds that were not looked at while the reader was written."""


def patients(text: str) -> list[Person]:
    return [one for one in read_fields(text, WRITTEN).people if one.role is Role.PATIENT]


def is_right(text: str, truth: Letter) -> bool:
    found = patients(text)
    return (
        len(found) == 1
        and fold(found[0].family) == fold(truth.family)
        and fold(found[0].given) == fold(truth.given)
        and found[0].birth_date == truth.born
    )


def test_the_patient_is_right_on_98_of_100_unseen_letters() -> None:
    truths = [letter(seed) for seed in HELD_OUT]
    wrong = [truth.layout for truth in truths if not is_right(truth.text, truth)]
    assert len(wrong) <= 0.02 * len(truths), wrong


def test_the_kind_is_right_on_95_of_100_unseen_letters() -> None:
    truths = [letter(seed) for seed in HELD_OUT]
    wrong = [truth.kind for truth in truths if classify(truth.text, {}, None)[0] is not truth.kind]
    assert len(wrong) <= 0.05 * len(truths), wrong


def test_slips_of_recognition_cost_little() -> None:
    truths = [letter(seed) for seed in HELD_OUT]
    wrong = [truth.layout for seed, truth in enumerate(truths) if not is_right(with_slips(truth.text, seed), truth)]
    assert len(wrong) <= 0.2 * len(truths), wrong


def test_unrelated_texts_are_other() -> None:
    assert {classify(unrelated(seed), {}, None)[0] for seed in range(40)} == {DocumentKind.OTHER}


def test_a_ticked_form_is_a_confirmation_whatever_it_says() -> None:
    answers = {AnswerId.DECLINED_CAPACITY: Answer(True, 0.99), AnswerId.RECEIVED: Answer(False, 0.99)}
    assert classify("we decline: no capacity", answers, None) == (DocumentKind.CONFIRMATION, 0.99)


@pytest.mark.parametrize(
    "written",
    [
        "03/04/1961", "3-4-61", "March 4, 1961", "04 Mar 1961", "1961-03-04", "Mar. 4th, 1961",
        "O3/04/l961", "03041961", "3.4.1961", "4-Mar-1961", "4th of March 1961", "03 / 04 / 1961",
    ],
)  # fmt: skip
def test_a_birth_date_is_read_in_every_form(written: str) -> None:
    assert patients(f"Patient: Ana Ruiz\nDOB: {written}")[0].birth_date == date(1961, 3, 4)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("We can see her Thurs the 3rd at 2:30", "2026-12-03T14:30:00"),
        ("Appointment booked: tomorrow at 9", "2026-11-21T09:00:00"),
        ("Appt Date: 12/3/2026 @ 2:15 PM", "2026-12-03T14:15:00"),
        ("Appointment Date: 12/3/2026\nAppointment Time: 2:15 PM", "2026-12-03T14:15:00"),
        ("Appointment Date  Time  Provider\n12/3/2026  2:15 PM  Dr. Lee", "2026-12-03T14:15:00"),
        ("he's booked for 1/5 1:00", "2027-01-05T13:00:00"),
        ("Your appointment is Monday at noon", "2026-11-23T12:00:00"),
        ("scheduled 12-03-26 1430", "2026-12-03T14:30:00"),
        ("2:30 PM on Thursday, Dec 3 appointment", "2026-12-03T14:30:00"),
        ("Ana Ruiz (DOB 3/4/1961) is scheduled for December 3rd", "2026-12-03T00:00:00"),
    ],
)
def test_an_appointment_is_resolved_against_the_day_of_writing(text: str, at: str) -> None:
    appointment = read_fields(text, WRITTEN).appointment
    assert appointment is not None
    assert appointment.at.isoformat() == at


@pytest.mark.parametrize(
    "text",
    ["Seen on 11/2/2026. DOB 3/4/1961", "Follow up in 3 months.", "Pt missed her appointment on 11/2/2026 at 9:00."],
)
def test_other_dates_are_no_appointment(text: str) -> None:
    assert read_fields(text, WRITTEN).appointment is None


def test_roles_are_kept_apart() -> None:
    text = (
        "Patient: Maria Garcia   DOB: 03/04/1961   MRN: 12345\nGuarantor: John Garcia DOB: 1/2/1950\n"
        "Referring Provider: Ann Lee, MD NPI 1234567893\nEmergency Contact: Rosa Diaz  Phone: 415-555-0132\n\n"
        "Sincerely,\nSamuel Okafor, DO"
    )
    people = read_fields(text, WRITTEN).people
    assert [(one.role, one.family, one.birth_date) for one in people] == [
        (Role.PATIENT, "Garcia", date(1961, 3, 4)),
        (Role.OTHER, "Garcia", date(1950, 1, 2)),
        (Role.REFERRING, "Lee", None),
        (Role.OTHER, "Diaz", None),
        (Role.SPECIALIST, "Okafor", None),
    ]
    assert people[0].phone == ""
    assert people[2].npi == "1234567893"


def test_a_list_of_patients_names_each() -> None:
    text = "Patient Name | DOB\nGarcia, Maria | 3/4/1961\nSmith, John | 5/6/1970"
    assert [(one.family, one.birth_date) for one in patients(text)] == [
        ("Garcia", date(1961, 3, 4)),
        ("Smith", date(1970, 5, 6)),
    ]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.sampled_from([None, WRITTEN]))
def test_no_text_raises(text: str, written: date | None) -> None:
    read_fields(text, written)
    classify(text, {}, None)


_PIECES = st.sampled_from(
    ["Patient:", "DOB", "3/4/61", "31/31/9999", "Name", "  ", "\n", "Dr.", "NPI", "MRN", "Smith, ", "Jr", "at 2:30", "|", "0", "l",
     "next Thu", "the 31st", "Feb 30", "Phone", "+44 20", "Last Name:", ",", "(", "Guarantor", "\t", "appointment", "29/2"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=25), st.sampled_from([None, WRITTEN, date(1900, 1, 1), date(9999, 12, 31)]))
def test_no_mixture_of_labels_raises(pieces: list[str], written: date | None) -> None:
    read_fields(" ".join(pieces), written)
    read_fields("".join(pieces), written)


@pytest.mark.parametrize(
    "text", ["a " * 100_000, "Patient Name " * 20_000, "1/" * 100_000, "Aa, " * 80_000, "\n" * LIMIT_CHARACTERS]
)
def test_a_long_senseless_text_takes_seconds_at_most(text: str) -> None:
    read_fields(text, WRITTEN)
    classify(text, {}, None)
