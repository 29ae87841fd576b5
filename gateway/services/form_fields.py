"""The checked field types that intake and recipient forms share; every refusal says what to write instead."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from gateway.domain.npi import is_npi
from gateway.errors import InvalidIntake
from gateway.services.phone import to_e164, to_fax_number

_LONGEST_LINE = 300
_LONGEST_TEXT = 8000
_EARLIEST_BIRTH_YEAR = 1880
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ICD10 = re.compile(r"([A-Z][0-9][0-9AB])\.?([0-9A-Z]{0,4})", re.ASCII)
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}"
)
_TAGS = frozenset({"recipient-id", "recipient-name", "recipient-details"})


class Form(BaseModel):
    """A boundary model: unknown keys are refused, numbers may stand where text is asked (an MRN, an NPI)."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, coerce_numbers_to_str=True)


def _one_line(text: str) -> str:
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise ValueError("holds a line break or control character: write it on one line")
    if len(text) > _LONGEST_LINE:
        raise ValueError(f"is longer than {_LONGEST_LINE} characters: shorten it")
    return text


def _filled(text: str) -> str:
    if not text:
        raise ValueError("is empty: fill it in")
    return text


def _text(text: str) -> str:
    if any(ord(char) < 32 and char not in "\n\r\t" for char in text):
        raise ValueError("holds control characters: write plain text")
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"is longer than {_LONGEST_TEXT} characters: attach the rest as a file")
    return text


def _npi(text: str) -> str:
    if text and not is_npi(text):
        raise ValueError(f"{text!r} is no NPI (ten digits, the last one a check digit): compare it with the registry")
    return text


def _phone(text: str) -> str:
    return to_e164(text) if text else ""


def _fax(text: str) -> str:
    return to_fax_number(text) if text else ""


def _email(text: str) -> str:
    if text and (not _EMAIL.fullmatch(text) or ".." in text):
        raise ValueError(f"{text!r} is no email address: write it as frontdesk@office.example, without a name")
    return text


def _icd10(text: str) -> str:
    match = _ICD10.fullmatch(text.upper())
    if match is None:
        raise ValueError(
            f"{text!r} has not the shape of an ICD-10-CM code: write it as I25.10 (zero, not the letter O)"
        )
    return f"{match[1]}.{match[2]}" if match[2] else match[1]


def _birth_date(value: object) -> date:
    fix = "write the date as YYYY-MM-DD, such as 1958-03-09"
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value.strip()):
        raise ValueError(f"{value!r} is no date that can be read only one way: {fix}")
    try:
        day = date.fromisoformat(value.strip())
    except ValueError as error:
        raise ValueError(f"{value!r} is not in the calendar: {fix}") from error
    if day.year < _EARLIEST_BIRTH_YEAR:
        raise ValueError(f"{value!r} is too long ago to be a birth date: {fix}")
    return day


Line = Annotated[str, AfterValidator(_one_line)]
FilledLine = Annotated[str, AfterValidator(_one_line), AfterValidator(_filled)]
Text = Annotated[str, AfterValidator(_text)]
FilledText = Annotated[str, AfterValidator(_text), AfterValidator(_filled)]
Npi = Annotated[str, AfterValidator(_npi)]
Phone = Annotated[str, AfterValidator(_one_line), AfterValidator(_phone)]
FaxNumber = Annotated[str, AfterValidator(_one_line), AfterValidator(_fax)]
Email = Annotated[str, AfterValidator(_email)]
Icd10 = Annotated[str, AfterValidator(_icd10)]
BirthDate = Annotated[date, BeforeValidator(_birth_date)]


def refusal(error: ValidationError, prefix: str = "") -> InvalidIntake:
    """All that is wrong with a form, one clause a field, as people read it."""
    clauses = [_clause(problem) for problem in error.errors()]
    faults: dict[str, str] = {}
    for where, said in clauses:
        field, colon, what = said.partition(": ") if not where else (where, ":", said)
        faults.setdefault(field if colon else "", what or said)  # a form that disagrees with itself names the field
    return InvalidIntake(prefix + "; ".join(f"{where}: {said}" if where else said for where, said in clauses), faults)


def wrong(field: str, said: str) -> InvalidIntake:
    """One field's refusal by a use case."""
    return InvalidIntake(f"{field}: {said}", {field: said})


def _clause(problem: Any) -> tuple[str, str]:
    where = ".".join(str(step) for step in problem["loc"] if step not in _TAGS)
    return where, _MISTAKES.get(problem["type"]) or str(problem["msg"]).removeprefix("Value error, ")


_MISTAKES = {
    "missing": "is missing: add it",
    "extra_forbidden": "is not a field of this form: check its spelling or take it out",
    "string_type": "must be text in quotes",
    "list_type": "must be a list in square brackets",
    "tuple_type": "must be a list in square brackets",
    "dict_type": "must be an object in curly braces",
    "model_type": "must be an object in curly braces",
    "model_attributes_type": "must be an object in curly braces",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
}
