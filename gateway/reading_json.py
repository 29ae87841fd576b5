"""A Reading in the words of `referloop read --json`. Shape only."""

from parsers.reading import Document, Person, Reading


def reading_as_json(file: str, seconds: float, reading: Reading) -> dict[str, object]:
    """One line of `read --json`: `{"file", "seconds", "error"?, "documents": [...]}`."""
    line: dict[str, object] = {"file": file, "seconds": round(seconds, 3)}
    if reading.error:
        line["error"] = reading.error
    return line | {"documents": [_document(document, reading) for document in reading.documents]}


def _document(document: Document, reading: Reading) -> dict[str, object]:
    blank = {page.index for page in reading.pages if page.is_blank}
    appointment = document.appointment
    at = None
    if appointment:
        at = appointment.at.isoformat(timespec="minutes") if appointment.has_time else appointment.at.date().isoformat()
    code = document.code
    return {
        "pages": [page + 1 for page in document.pages],
        "blank_pages": [page + 1 for page in document.pages if page in blank],
        "split_reason": document.split_reason,
        "kind": document.kind.value,
        "kind_confidence": round(document.kind_confidence, 3),
        "referral_number": code.number if code else next(iter(document.numbers), None),
        "code_verified": bool(code and code.verified),
        "answers": {
            id_.value: {"value": answer.value, "confidence": round(answer.confidence, 3)}
            for id_, answer in document.answers.items()
        },
        "appointment": {"at": at, "confidence": round(appointment.confidence, 3)} if appointment else None,
        "people": [_person(person) for person in document.people],
        "doubts": list(document.doubts),
        "text": document.text,
    }


def _person(person: Person) -> dict[str, object]:
    return {
        "role": person.role.value,
        "family": person.family,
        "given": person.given,
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "mrn": person.mrn,
        "phone": person.phone,
    }
