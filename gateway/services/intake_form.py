"""A referral as the clinic's other systems write it: JSON, or rows of CSV.

Owns the shape of what comes in; refuses to look anything up (a recipient, a file, a tier): that is the use
case's. Every refusal names the field and what to write instead.
"""

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated

from pydantic import BeforeValidator, Discriminator, Tag, ValidationError

from config.vocabulary import ServiceKind
from gateway.domain.referral import Attachment, Clinician, Intake, Patient
from gateway.errors import InvalidIntake
from gateway.services.form_fields import (
    BirthDate,
    Email,
    FilledLine,
    FilledText,
    Form,
    Icd10,
    Line,
    Npi,
    Phone,
    refusal,
    wrong,
)
from gateway.services.json_object import json_object
from gateway.services.recipient_form import RecipientForm, parse_recipient_json

__all__ = [
    "CSV_COLUMNS",
    "ClinicianForm",
    "IntakeForm",
    "PatientForm",
    "RecipientForm",
    "parse_intake_csv",
    "parse_intake_json",
    "parse_recipient_json",
    "to_intake",
]

MOST_ATTACHMENTS = 50
_SEXES = {
    "f": "F",
    "female": "F",
    "m": "M",
    "male": "M",
    "x": "X",
    "other": "X",
    "nonbinary": "X",
    "u": "U",
    "unknown": "U",
}


def _sex(value: object) -> object:
    if value in (None, ""):
        return ""
    known = _SEXES.get(value.strip().lower()) if isinstance(value, str) else None
    if known is None:
        raise ValueError(f"{value!r} is not known: write F, M, X or U, or leave it out")
    return known


def _service(value: object) -> object:
    words = str(value).strip().lower().replace(" ", "_").replace("-", "_")
    if words not in list(ServiceKind):
        raise ValueError(f"{value!r} is no kind of service: write one of {', '.join(ServiceKind)}")
    return words


def _recipient_kind(value: object) -> str:
    if isinstance(value, dict | RecipientForm):
        return "recipient-details"
    return "recipient-id" if isinstance(value, int) and not isinstance(value, bool) else "recipient-name"


Asked = Annotated[
    Annotated[int, Tag("recipient-id")]
    | Annotated[FilledLine, Tag("recipient-name")]
    | Annotated[RecipientForm, Tag("recipient-details")],
    Discriminator(_recipient_kind),
]


class PatientForm(Form):
    """Who is referred."""

    family: FilledLine
    given: FilledLine
    birth_date: BirthDate
    middle: Line = ""
    suffix: Line = ""
    sex: Annotated[str, BeforeValidator(_sex)] = ""
    mrn: Line = ""
    phone: Phone = ""
    address: Line = ""
    insurance: Line = ""
    language: Line = ""
    needs_interpreter: bool = False


class ClinicianForm(Form):
    """Who refers."""

    name: FilledLine
    npi: Npi = ""
    phone: Phone = ""
    email: Email = ""


class IntakeForm(Form):
    """One referral. `recipient` is a name or id of the directory, or an office's details."""

    external_id: FilledLine
    patient: PatientForm
    clinician: ClinicianForm
    recipient: Asked
    specialty: FilledLine
    question: FilledText
    service: Annotated[ServiceKind, BeforeValidator(_service)] = ServiceKind.SPECIALIST_CONSULT
    urgency: FilledLine = "routine"
    icd10: tuple[Icd10, ...] = ()
    attachments: tuple[FilledLine, ...] = ()
    is_draft: bool = False


def parse_intake_json(data: bytes) -> IntakeForm:
    """One referral from JSON.

    Raises:
        NotJson: the bytes are no JSON (an InvalidIntake that may be half a file).
        InvalidIntake: names each wrong field and what to write instead.
    """
    return _checked(json_object(data))


def _checked(raw: Mapping[str, object], prefix: str = "") -> IntakeForm:
    try:
        form = IntakeForm.model_validate(raw)
    except ValidationError as error:
        raise refusal(error, prefix) from error
    if len(form.attachments) > MOST_ATTACHMENTS:
        raise InvalidIntake(f"{prefix}attachments: more than {MOST_ATTACHMENTS} files: join some of them")
    return form


_PATIENT = tuple(f"patient_{name}" for name in PatientForm.model_fields)
_CLINICIAN = tuple(f"clinician_{name}" for name in ClinicianForm.model_fields)
_LISTS = ("icd10", "attachments")
CSV_COLUMNS: tuple[str, ...] = (
    "external_id",
    *_PATIENT,
    *_CLINICIAN,
    "recipient",
    "specialty",
    "service",
    "question",
    "urgency",
    *_LISTS,
)
"""The columns of a CSV, any order. `icd10` and `attachments` hold several, parted by semicolons; `recipient`
is a name of the directory or its number there. Columns that may be empty may also be absent."""


def parse_intake_csv(text: str) -> list[IntakeForm | InvalidIntake]:
    """One result for each row: the referral, or the error that names its line and field."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True, restval="")
    try:
        columns = [name.strip() for name in reader.fieldnames or ()]
        if unknown := [name for name in columns if name not in CSV_COLUMNS]:
            return [InvalidIntake(f"line 1: {unknown[0]!r} is no column; the columns are {', '.join(CSV_COLUMNS)}")]
        reader.fieldnames = columns
        return [_row(row, reader.line_num) for row in reader if any(row.values())]
    except csv.Error as error:
        return [InvalidIntake(f"line {reader.line_num}: is no CSV ({error}): check the quotation marks")]


def _row(row: Mapping[str | None, str | list[str]], line: int) -> IntakeForm | InvalidIntake:
    prefix = f"line {line}: "
    if None in row:
        return InvalidIntake(prefix + "has more cells than the first line has columns: put text with commas in quotes")
    cells = {str(name): cell.strip() for name, cell in row.items() if isinstance(cell, str) and cell.strip()}
    raw: dict[str, object] = {
        "patient": {name.removeprefix("patient_"): cells.pop(name) for name in _PATIENT if name in cells},
        "clinician": {name.removeprefix("clinician_"): cells.pop(name) for name in _CLINICIAN if name in cells},
    }
    for name in _LISTS:
        raw[name] = [part.strip() for part in cells.pop(name, "").split(";") if part.strip()]
    if cells.get("recipient", "").isdecimal():
        raw["recipient"] = int(cells.pop("recipient"))
    try:
        return _checked(raw | cells, prefix)
    except InvalidIntake as error:
        return error


def to_intake(
    form: IntakeForm, recipient_id: int, attachments: Sequence[Attachment], origin: str, tiers: Collection[str]
) -> Intake:
    """The checked form as the core wants it.

    Raises:
        InvalidIntake: the policy has no such urgency.
    """
    if form.urgency not in tiers:
        raise wrong("urgency", f"{form.urgency!r} is not in the policy: write one of {', '.join(tiers)}")
    return Intake(
        external_id=form.external_id,
        patient=Patient(**form.patient.model_dump()),
        clinician=Clinician(**form.clinician.model_dump()),
        recipient_id=recipient_id,
        specialty=form.specialty,
        service=form.service,
        question=form.question,
        urgency=form.urgency,
        icd10=form.icd10,
        attachments=tuple(attachments),
        origin=origin,
        is_draft=form.is_draft,
    )
