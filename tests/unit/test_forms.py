"""What comes in as JSON or CSV is checked field by field, and every refusal says what to write instead."""

import csv
import io
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.policy import Clock, Span, Unit
from config.vocabulary import Channel, ServiceKind
from gateway.domain.npi import is_npi
from gateway.errors import InvalidIntake
from gateway.inbound.imap.names import folder_argument, quoted
from gateway.services.intake_form import (
    CSV_COLUMNS,
    IntakeForm,
    RecipientForm,
    parse_intake_csv,
    parse_intake_json,
    parse_recipient_json,
    to_intake,
)
from gateway.services.phone import to_e164, to_fax_number


def an_intake(**changes: object) -> dict[str, object]:
    return {
        "external_id": "ehr-1",
        "patient": {"family": "Quimby", "given": "Ada", "birth_date": "1958-03-09"},
        "clinician": {"name": "Helen Marsh MD", "npi": "1245319599"},
        "recipient": "Bayview Cardiology",
        "specialty": "cardiology",
        "question": "Chest pain on exertion?",
    } | changes


def parsed(**changes: object) -> IntakeForm:
    return parse_intake_json(json.dumps(an_intake(**changes)).encode())


def an_office(**changes: object) -> dict[str, object]:
    return {"name": "Bayview Cardiology", "fax": "(508) 555-0111"} | changes


def office(**changes: object) -> RecipientForm:
    return parse_recipient_json(json.dumps(an_office(**changes)).encode())


def patient(**changes: object) -> dict[str, object]:
    return {"family": "Quimby", "given": "Ada", "birth_date": "1958-03-09"} | changes


def test_a_full_referral_becomes_an_intake() -> None:
    form = parsed(
        patient=patient(mrn=4711, sex="female", phone="508.555.0123", middle="B"),
        service="Imaging",
        urgency="urgent",
        icd10=["i2510", "R07.9"],
        attachments=["ecg.pdf"],
    )
    intake = to_intake(form, 7, [], "cli", ["urgent", "routine"])
    assert intake.patient.birth_date == date(1958, 3, 9)
    assert (intake.patient.mrn, intake.patient.sex, intake.patient.phone) == ("4711", "F", "+15085550123")
    assert (intake.service, intake.recipient_id, intake.origin) == (ServiceKind.IMAGING, 7, "cli")
    assert intake.icd10 == ("I25.10", "R07.9")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"external_id": " "}, "external_id: is empty"),
        ({"patient": patient(birth_date="3/9/58")}, "patient.birth_date: '3/9/58' is no date"),
        ({"patient": patient(birth_date="1958-02-30")}, "not in the calendar"),
        ({"patient": patient(birth_date=None)}, "patient.birth_date"),
        ({"patient": patient(birth_date="0058-03-09")}, "too long ago"),
        ({"patient": patient(phone="12345")}, "patient.phone"),
        ({"patient": patient(sex="often")}, "patient.sex: 'often' is not known: write F, M, X or U"),
        ({"patient": patient(family="Q\nBcc: x")}, "patient.family: holds a line break"),
        ({"patient": "Ada"}, "patient: must be an object"),
        ({"patient": {"family": "Quimby"}}, "patient.given: is missing"),
        ({"clinician": {"name": "H", "npi": "1245319598"}}, "clinician.npi: '1245319598' is no NPI"),
        ({"clinician": {"name": "H", "email": "x@y\r\nBcc: z"}}, "clinician.email"),
        ({"icd10": ["IO1"]}, "icd10.0: 'IO1' has not the shape"),
        ({"icd10": "I10"}, "icd10: must be a list"),
        ({"service": "haircut"}, "service: 'haircut' is no kind of service: write one of specialist_consult"),
        ({"recipient": True}, "recipient"),
        ({"recipient": {"name": "X"}}, "recipient: fax or email"),
        ({"recipient": {"name": "X", "fax": "555"}}, "recipient.fax: '555' is"),
        ({"attachments": ["x"] * 51}, "attachments: more than 50"),
        ({"urgencey": "routine"}, "urgencey: is not a field"),
    ],
)
def test_a_wrong_field_is_named_with_its_fix(changes: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidIntake) as refused:
        parsed(**changes)
    assert told in str(refused.value)


def test_all_wrong_fields_are_told_at_once() -> None:
    with pytest.raises(InvalidIntake, match=r"external_id: .*; question: "):
        parsed(external_id="", question="")


def test_an_unknown_urgency_names_those_of_the_policy() -> None:
    with pytest.raises(InvalidIntake, match="'soon' is not in the policy: write one of urgent, routine"):
        to_intake(parsed(urgency="soon"), 1, [], "cli", ["urgent", "routine"])


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000, b"[1]", b"1" * 5000, b'{"a":' * 50_000])
def test_what_is_no_json_object_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(InvalidIntake):
        parse_intake_json(data)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(list(IntakeForm.model_fields)) | st.text(), inner)
        ),
        max_leaves=20,
    )
)
def test_no_json_makes_it_raise_anything_else(value: object) -> None:
    try:
        parse_intake_json(json.dumps(value).encode("utf-8", "surrogatepass"))
    except InvalidIntake:
        return


def test_an_office_becomes_a_recipient() -> None:
    recipient = office(
        email="frontdesk@bayview.example",
        fallback="email",
        agreed={"acknowledged": "2 business days"},
        zone="US/Eastern",
    ).to_recipient()
    assert (recipient.fax, recipient.preferred, recipient.other_channel) == ("+15085550111", Channel.FAX, Channel.EMAIL)
    assert recipient.agreed == {Clock.ACKNOWLEDGED: Span(2, Unit.BUSINESS_DAYS)}
    assert office(fax="", email="a@b.example").to_recipient().preferred is Channel.EMAIL


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"fax": ""}, "give at least one"),
        ({"fax": "508-555-0111 x12"}, "has an extension"),
        ({"fallback": "email"}, "fallback: is email, but email is empty"),
        ({"preferred": "pigeon"}, "preferred: 'pigeon' is no channel"),
        ({"zone": "Boston"}, "zone: 'Boston' is no time zone"),
        ({"opens": "8am"}, "opens: '8am' is no time of day"),
        ({"opens": "18:00"}, "is not before closes"),
        ({"agreed": {"soon": "1 day"}}, "'soon' is nothing that can be agreed"),
        ({"agreed": {"seen": "quickly"}}, "quickly"),
        ({"email_security": "password"}, "pdf_password"),
        ({"npi": "12"}, "npi: '12' is no NPI"),
    ],
)
def test_a_wrong_office_field_is_named_with_its_fix(changes: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidIntake) as refused:
        office(**changes)
    assert told in str(refused.value)


def a_csv(*rows: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, CSV_COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def a_row(**changes: str) -> dict[str, str]:
    return {
        "external_id": "1",
        "patient_family": "O'Neil, Jr",
        "patient_given": "Ada",
        "patient_birth_date": "1990-01-02",
        "clinician_name": "Helen Marsh MD",
        "recipient": "Bayview Cardiology",
        "specialty": "cardiology",
        "question": "Two\nlines, and a comma",
    } | changes


def test_rows_of_csv_are_taken_one_by_one_and_errors_name_their_line() -> None:
    text = "\ufeff" + a_csv(
        a_row(icd10="I10; I25.10", attachments="a.pdf"), a_row(patient_birth_date="?"), a_row(recipient="7")
    )
    first, second, third = parse_intake_csv(text)
    assert isinstance(first, IntakeForm)
    assert (first.icd10, first.attachments, first.question) == (
        ("I10", "I25.10"),
        ("a.pdf",),
        "Two\nlines, and a comma",
    )
    assert isinstance(second, InvalidIntake)
    assert "line 5: patient.birth_date" in str(second)
    assert isinstance(third, IntakeForm)
    assert third.recipient == 7


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("external_id,patient_name\n1,Ada", "'patient_name' is no column"),
        ("external_id\n1,2,3\n", "line 2: has more cells"),
        ('external_id\n"1\n', "is no CSV"),
        ("external_id\n1\n", "patient.family: is missing"),
    ],
)
def test_a_wrong_csv_says_where(text: str, told: str) -> None:
    (error,) = parse_intake_csv(text)
    assert told in str(error)


def test_empty_lines_and_an_empty_file_are_nothing() -> None:
    assert parse_intake_csv("") == []
    assert parse_intake_csv(a_csv() + "\n,,\n\n") == []


def test_npi_check_digits() -> None:
    assert all(map(is_npi, ("1234567893", "1245319599")))
    assert not any(map(is_npi, ("1234567890", "3234567893", "123456789", "１２３４５６７８９３", "")))


@given(st.integers(min_value=100_000_000, max_value=299_999_999))
def test_exactly_one_last_digit_makes_an_npi(body: int) -> None:
    assert sum(is_npi(f"{body}{last}") for last in range(10)) == 1


def test_numbers_as_people_write_them() -> None:
    written = ("(508) 555-0100", "508.555.0100", "1-508-555-0100", "+1 508 555 0100", "5085550100")
    assert {to_e164(text) for text in written} == {"+15085550100"}
    assert to_e164("+44 20 7946 0958") == "+442079460958"
    assert to_e164("508-555-0100 ext. 12") == "+15085550100"
    for wrong in ("", "555-0100", "508-055-0100", "call me", "911"):
        with pytest.raises(ValueError, match=r"\+15085550100"):
            to_fax_number(wrong)


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("INBOX", '"INBOX"'),
        ("Fax In", '"Fax In"'),
        ("R&D", '"R&-D"'),
        ("~peter/mail/台北/日本語", '"~peter/mail/&U,BTFw-/&ZeVnLIqe-"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("Télé", '"T&AOk-l&AOk-"'),
    ],
)
def test_folder_names_go_over_the_wire_as_the_standard_says(name: str, wire: str) -> None:
    assert folder_argument(name) == wire


def test_a_line_break_cannot_smuggle_a_command() -> None:
    with pytest.raises(ValueError, match="line break"):
        quoted("x\r\nA1 DELETE INBOX")
