"""The real pages over a real store, without a socket: readings are put in as the reader returns them."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import httpx
from fastapi import FastAPI
from sqlalchemy import Engine, event

from config.vocabulary import AnswerId, Channel, DocumentKind
from gateway.domain.arrival import Envelope, Part
from gateway.domain.event import Event, EventKind
from gateway.domain.person import Role
from gateway.web.review_desk import ReviewDesk
from gateway.web_desks import review_desk
from gateway.workers import WorkerPool
from parsers.reading import Answer, Appointment, Box, Document, Field, Origin, Page, Person, Reading
from parsers.reading import Role as Named
from tests.rigs.review_clinic import OFFICE_FAX, ReviewClinic, pages_of_clinic, review_clinic
from tests.rigs.visitors import SAID, let_in_as_told

_SPOT = Box(0, 0.2, 0.3, 0.1, 0.05)


@dataclass(slots=True)
class ReviewSite:
    """A clinic, its pages, and a browser for each person."""

    clinic: ReviewClinic
    app: httpx.ASGITransport
    painter: WorkerPool
    settled: list[bool]
    rung: list[bool]
    review: ReviewDesk
    web: FastAPI
    taken: int = 0
    browsers: dict[str, httpx.AsyncClient] = field(default_factory=dict[str, httpx.AsyncClient])

    def of(self, person: str) -> httpx.AsyncClient:
        """A person's browser; it does not follow redirects."""
        if person not in self.browsers:
            self.browsers[person] = httpx.AsyncClient(
                transport=self.app, base_url="http://127.0.0.1:8470", headers={"x-visitor": person} | SAID
            )
        return self.browsers[person]

    async def text(self, path: str, person: str = "Lena") -> str:
        """A page that answers well."""
        answer = await self.of(person).get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def send(
        self,
        path: str,
        by: str = "Lena",
        status: int = 303,
        form: Mapping[str, str] = MappingProxyType({}),
        **more: str | list[str],
    ) -> str:
        """Send a form; where it leads, or what it answers if it leads nowhere."""
        answer = await self.of(by).post(path, data={**form, **more})
        assert answer.status_code == status, answer.text
        return answer.headers.get("location", answer.text)

    def queue(
        self,
        *documents: Document,
        channel: Channel = Channel.FAX,
        sender: str = OFFICE_FAX,
        waited: timedelta = timedelta(minutes=5),
        data: bytes = b"",
        media_type: str = "image/tiff",
        active: tuple[str, ...] = (),
    ) -> list[int]:
        """A file with these documents, matched; the ids of its parts."""
        desk = self.clinic.desk
        self.taken += 1
        sha256 = desk.vault.put(data or f"file {self.taken}".encode())
        pages = sorted({page for document in documents for page in document.pages})
        reading = Reading(media_type, tuple(Page(page, f"page {page + 1}") for page in pages), documents, active=active)
        envelope = Envelope(f"site:{self.taken}", channel, sender=sender, name="fax.tif")
        with desk.store.transaction() as tx:
            arrival, _ = tx.add_arrival(envelope, sha256, 9, desk.clock.now() - waited)
            read = Event(EventKind.DOCUMENT_READ, desk.clock.now(), arrival_id=arrival.id)
            parts = tx.record_reading(arrival, reading, documents, read)
        for part in parts:
            with desk.store.transaction() as tx:
                desk.matcher.match(tx, part)
        return [part.id for part in parts]

    def unreadable(self) -> int:
        """An item that nothing could be read of."""
        desk = self.clinic.desk
        self.taken += 1
        with desk.store.transaction() as tx:
            arrival, _ = tx.add_arrival(
                Envelope(f"site:{self.taken}", Channel.FAX, sender="+15085550199"),
                desk.vault.put(b"no picture"),
                10,
                desk.clock.now(),
            )
            tx.record_unreadable(
                arrival, "the file is no picture", Event(EventKind.DOCUMENT_UNREADABLE, desk.clock.now())
            )
        return -arrival.id

    def part(self, item: int) -> Part:
        """As it stands."""
        with self.clinic.desk.store.transaction() as tx:
            return tx.part(item)

    def events(self, item: int) -> list[tuple[EventKind, str]]:
        """What happened to an item, and who did it."""
        with self.clinic.desk.store.transaction() as tx:
            every = [chained.event for chained in tx.events(limit=10_000)]
        return [(one.kind, one.actor) for one in every if one.part_id == item]


def a_note(family: str, given: str = "Ada", born: datetime | None = None, pages: tuple[int, ...] = (0,)) -> Document:
    """A consult note; without a birth date it is held, for a name alone is not enough."""
    person = Person(Named.PATIENT, family, given, birth_date=born.date() if born else None, confidence=0.9)
    text = f"Thank you for referring {given} {family}. Echocardiogram normal."
    return Document(pages, DocumentKind.CONSULT_NOTE, 0.95, text=text, people=(person,))


def a_booking(family: str, at: datetime | None, confidence: float = 0.5) -> Document:
    """A form with a booking whose date is read with so much confidence."""
    written = Field("comb_date", "12_826", confidence, Origin.FORM, _SPOT)
    answers = {
        AnswerId.APPOINTMENT_BOOKED: Answer(value=True, confidence=0.99, box=_SPOT),
        AnswerId.DECLINED_CAPACITY: Answer(value=False, confidence=0.6, box=_SPOT),
        AnswerId.RECEIVED: Answer(value=False, confidence=0.99, box=_SPOT),
    }
    return replace(
        a_note(family),
        kind=DocumentKind.CONFIRMATION,
        answers=answers,
        fields=(written,),
        appointment=Appointment(at, confidence) if at else None,
        doubts=("an appointment is booked, but its date is not surely read",),
    )


@contextmanager
def review_site(folder: Path, roles: dict[str, Role] | None = None) -> Generator[ReviewSite, None, None]:
    """The pages of an empty clinic; nothing is drawn or read until asked."""
    with review_clinic(folder) as clinic:
        desk = clinic.desk
        settled: list[bool] = []
        rung: list[bool] = []
        pool = WorkerPool.from_settings(desk.settings, desk.code_keys, processes=1)
        review = review_desk(desk, pool, pool, lambda: rung.append(True), lambda: settled.append(True))
        app = pages_of_clinic(desk, review)
        let_in_as_told(app, desk, roles or {})
        yield ReviewSite(clinic, httpx.ASGITransport(app), pool, settled, rung, review, app)


@contextmanager
def statements() -> Generator[list[str], None, None]:
    """Every statement any engine runs meanwhile."""
    told: list[str] = []

    def tell(connection: object, cursor: object, statement: str, *rest: object) -> None:
        del connection, cursor, rest
        told.append(statement)

    event.listen(Engine, "before_cursor_execute", tell)
    try:
        yield told
    finally:
        event.remove(Engine, "before_cursor_execute", tell)
