"""What was read of a document, as rows: each value with the spot on the page where it stands, if that is known."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.reference import format_number
from config.vocabulary import AnswerId
from gateway.web.queue_views import BoxRow, FactRow, SpotView
from gateway.web.words import spaced
from parsers.places import place_of_date, place_of_name, place_of_number
from parsers.reading import Appointment, Box, Document, Page, Person, Reading, Role

_SURE, _OFFERED = 0.9, 0.5
"""Below the second an appointment is a guess from words like `again in three months`: not to be filed by Enter."""
_HALVES = (AnswerId.APPOINTMENT_AM, AnswerId.APPOINTMENT_PM)
_COMBS = {"comb_date": "Date as written", "comb_time": "Time as written", "date_beside": "Written beside the cells"}
_MARGIN = 0.012  # of the page, around a cut-out: handwriting does not keep to its cells


@dataclass(frozen=True, slots=True)
class Facts:
    """All rows of one document. `date` and `time` are as a form field takes them."""

    date: str = ""
    time: str = ""
    written: tuple[FactRow, ...] = ()
    boxes: tuple[BoxRow, ...] = ()
    facts: tuple[FactRow, ...] = ()

    @property
    def spots(self) -> tuple[SpotView, ...]:
        """Every place that a row shown leads to; an empty box, surely read, needs no look."""
        boxes = [row.spot for row in self.boxes if row.is_ticked or row.is_doubtful]
        placed = [row.spot for row in (*self.written, *self.facts)] + boxes
        return tuple(spot for spot in placed if spot)


def facts_of(document: Document, reading: Reading, arrival_id: int) -> Facts:
    """The rows of one document of an arrival."""
    pages = [page for page in reading.pages if page.index in document.pages]
    spots = _Spots(arrival_id)
    appointment = _offered(document)
    return Facts(
        date=f"{appointment.at:%Y-%m-%d}" if appointment else "",
        time=f"{appointment.at:%H:%M}" if appointment and appointment.has_time else "",
        written=tuple(
            FactRow(_COMBS[one.name], one.value.replace("_", "?"), spots.of(one.box), one.confidence < _SURE)
            for one in document.fields
            if one.name in _COMBS
        ),
        boxes=tuple(
            BoxRow(id_.value, spaced(id_), answer.value, answer.confidence < _SURE, spots.of(answer.box))
            for id_, answer in document.answers.items()
            if id_ not in _HALVES
        ),
        facts=(*_people(document, pages, spots), *_rest(document, pages, spots)),
    )


def _offered(document: Document) -> Appointment | None:
    """The appointment that stands ready in the form; beside one written by hand, in whatever doubt, is its cut-out."""
    found = document.appointment
    return found if found and (document.answers or found.confidence >= _OFFERED) else None


def around(box: Box) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of its cut-out, as fractions of the page."""
    left, top = max(0.0, box.x - _MARGIN), max(0.0, box.y - _MARGIN)
    return left, top, min(1.0, box.x + box.w + _MARGIN), min(1.0, box.y + box.h + _MARGIN)


def sides_of(box: Box) -> str:
    """The sides of its cut-out in thousandths, as they stand in an address."""
    return "-".join(str(round(side * 1000)) for side in around(box))


class _Spots:
    """Numbers the places, so that a row and its mark on the page find each other."""

    def __init__(self, arrival_id: int) -> None:
        self._arrival_id = arrival_id
        self._count = 0

    def of(self, box: Box | None) -> SpotView | None:
        """The place in percent, and where its cut-out is drawn."""
        if box is None:
            return None
        self._count += 1
        left, top, right, bottom = around(box)
        return SpotView(
            id=f"spot-{self._count}",
            page=box.page,
            x=round(left * 100, 2),
            y=round(top * 100, 2),
            w=round((right - left) * 100, 2),
            h=round((bottom - top) * 100, 2),
            url=f"/documents/{self._arrival_id}/pages/{box.page}/{sides_of(box)}.png",
        )


def _people(document: Document, pages: Sequence[Page], spots: _Spots) -> list[FactRow]:
    rows: list[FactRow] = []
    for person in document.people:
        rows += _patient(person, pages, spots) if person.role is Role.PATIENT else _other(person, pages, spots)
    return rows


def _patient(person: Person, pages: Sequence[Page], spots: _Spots) -> list[FactRow]:
    name = " ".join(filter(None, (person.given, person.middle, person.family, person.suffix)))
    born = f"{person.birth_date:%m/%d/%Y}" if person.birth_date else ""
    told = (
        ("Patient", name, place_of_name(pages, person.given, person.family)),
        ("Born", born, person.birth_date and place_of_date(pages, person.birth_date)),
        ("MRN", person.mrn, place_of_number(pages, person.mrn)),
        ("Phone", person.phone, place_of_number(pages, person.phone[-10:])),
    )
    return [FactRow(label, value, spots.of(place)) for label, value, place in told if value]


def _other(person: Person, pages: Sequence[Page], spots: _Spots) -> list[FactRow]:
    name = " ".join(filter(None, (person.given, person.family)))
    place = place_of_name(pages, person.given, person.family)
    return [FactRow(spaced(person.role).capitalize(), name, spots.of(place))] if name else []


def _rest(document: Document, pages: Sequence[Page], spots: _Spots) -> list[FactRow]:
    rows: list[FactRow] = []
    if document.code:
        verified = "" if document.code.verified else " (not signed by us)"
        rows.append(FactRow("Code", format_number(document.code.number) + verified, None, not document.code.verified))
    rows += [
        FactRow("Number printed", format_number(number), spots.of(place_of_number(pages, number)))
        for number in document.numbers
    ]
    rows += [
        FactRow("Date of service", f"{day:%m/%d/%Y}", spots.of(place_of_date(pages, day))) for day in document.dates[:3]
    ]
    rows += [
        FactRow(spaced(one.name).capitalize(), one.value, spots.of(one.box), one.confidence < 0.5)
        for one in document.fields
        if one.name not in _COMBS
    ]
    return rows
