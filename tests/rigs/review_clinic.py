"""A clinic whose queue is filled by real bytes: faxed pages, pens on them, mails, read by the real processes."""

import asyncio
import json
import random
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from queue import Queue

import numpy as np
from fastapi import FastAPI

from config.form import load_form
from config.load import load_settings
from config.reference import format_number
from config.settings import WebSettings
from config.template import write_clinic_folder
from config.vocabulary import AnswerId, Channel, CombId, DocumentKind
from gateway.daemon import painters, workers
from gateway.demo.notes import Known, Letterhead, advertisement, consult_note
from gateway.demo.office_hand import fax_back, fill_in, pages_of
from gateway.demo.offices import Act, Deed
from gateway.demo.paper.pens import Pen, stroke
from gateway.desk import Desk, open_desk
from gateway.domain.arrival import Arrival, Envelope
from gateway.domain.event import Event, EventKind
from gateway.domain.person import Role
from gateway.domain.referral import Referral, Status
from gateway.domain.transmission import Purpose
from gateway.packet_content import packet_content
from gateway.services import ending
from gateway.services.moving import advance
from gateway.services.ports import PacketRequest
from gateway.services.read_arrival import ReadArrival
from gateway.web.app import make_app
from gateway.web.desk import WebDesk
from gateway.web.house import House
from gateway.web.one_referral import OneReferral
from gateway.web.review_desk import ReviewDesk
from gateway.web.serve import serve_web
from gateway.web_desks import entry_desk, review_desk
from gateway.workers import WorkerPool
from outbound.packet import draw_pdf
from parsers.reading import Document, Page, Reading
from tests.rigs.visitors import let_in_as_told

OFFICE = Letterhead("Bayview Cardiology", "Ada Quist MD", "cardiology", "(508) 555-0110", "(508) 555-0111")
OFFICE_FAX = "+15085550111"
_ACT = Deed(Act.TICK, 0.0, skew=0.4)
_START_S = 120


@dataclass(slots=True)
class ReviewClinic:
    """Opens referrals, takes documents in, and reads and matches them when told."""

    desk: Desk
    taken: int = 0
    referrals: dict[str, Referral] = field(default_factory=dict[str, Referral])

    def refer(self, family: str, given: str = "Ada", born: str = "1958-03-09", **changes: object) -> str:
        """Open a referral whose packet was delivered; its printed number."""
        form = {
            "external_id": f"ehr-{family}-{given}",
            "patient": {"family": family, "given": given, "birth_date": born, "mrn": str(40_000 + len(self.referrals))},
            "clinician": {"name": "Helen Marsh MD"},
            "recipient": {"name": OFFICE.name, "fax": OFFICE_FAX},
            "specialty": "cardiology",
            "question": "Chest pain on exertion?",
            "urgency": "routine",
        } | changes
        opened, _ = self.desk.intake.open_json(json.dumps(form).encode(), Path(), origin="test", actor="test")
        now = self.desk.clock.now()
        with self.desk.store.transaction() as tx:
            row = tx.intend_transmission(
                referral_id=opened.id,
                purpose=Purpose.REQUEST,
                channel=Channel.FAX,
                destination=OFFICE_FAX,
                key=f"key-{opened.id}",
                requested_by="system",
                at=now,
            )
            ending.accepted(tx, self.desk.rules, row, f"ref-{opened.id}", now)
            sent = tx.referral(opened.id)
            self.referrals[format_number(sent.number)] = advance(
                tx, self.desk.rules, sent, Status.DELIVERED, now, why="pages confirmed"
            )
        return format_number(opened.number)

    def referral(self, number: str) -> Referral:
        """The referral now."""
        with self.desk.store.transaction() as tx:
            found = tx.referral_numbered(number.replace("-", ""))
        assert found is not None
        return found

    def cover(self, number: str) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
        """Page 1 of the packet that the office got."""
        referral = self.referral(number)
        with self.desk.store.transaction() as tx:
            recipient = tx.recipient(referral.intake.recipient_id)
            transmission = tx.transmissions_of(referral.id)[0]
        request = PacketRequest(
            referral, recipient, transmission, datetime.now(UTC) + timedelta(days=7), datetime.now(UTC), ()
        )
        pdf, _ = draw_pdf(packet_content(request, self.desk.settings, self.desk.code_keys[0]))
        return pages_of(pdf)[0]

    def answered_by_hand(self, number: str, appointment: datetime, *, is_blotted: bool = True) -> bytes:
        """The cover with a booking in a hand; blotted, so that its date is not surely read."""
        page = fill_in(self.cover(number), Deed(Act.TICK, 0.0, boxes=("appointment_booked",)), appointment, seed=4)
        if is_blotted:
            cells = next(comb.cells for comb in load_form().combs if comb.id is CombId.APPOINTMENT_DATE)
            cell, rng = cells[3], np.random.default_rng(1)
            for shift in (0.2, 0.5, 0.8):
                ends = np.array([(cell.x, cell.y + cell.h * shift), (cell.x + cell.w, cell.y + cell.h * (1 - shift))])
                stroke(page, ends, Pen(0.7, 20), rng)
        return fax_back([page], _ACT, seed=5)

    def answered_twice(self, number: str) -> bytes:
        """The cover with two answers that exclude each other."""
        ticks = (AnswerId.RECEIVED.value, AnswerId.DECLINED_CAPACITY.value, AnswerId.APPOINTMENT_BOOKED.value)
        return fax_back([fill_in(self.cover(number), Deed(Act.TICK, 0.0, boxes=ticks), None, seed=8)], _ACT, seed=9)

    def note(self, *known: Known, seed: int = 3, is_vague: bool = False) -> bytes:
        """Consult notes, one a patient, in one fax."""
        pages = [
            page
            for one in known
            for page in pages_of(consult_note(OFFICE, one, date(2026, 11, 2), random.Random(seed), is_vague=is_vague))
        ]
        return fax_back(pages, _ACT, seed)

    def junk(self) -> bytes:
        """What every fax line gets."""
        return fax_back(pages_of(advertisement()), _ACT, 6)

    def take(
        self,
        data: bytes,
        channel: Channel = Channel.FAX,
        sender: str = OFFICE_FAX,
        waited: timedelta = timedelta(minutes=20),
    ) -> Arrival:
        """Bytes that came so long ago, not yet read."""
        self.taken += 1
        envelope = Envelope(f"test:{self.taken}", channel, sender=sender, name=f"document {self.taken}")
        sha256 = self.desk.vault.put(data)
        with self.desk.store.transaction() as tx:
            return tx.add_arrival(envelope, sha256, len(data), self.desk.clock.now() - waited)[0]

    def take_unsplit(self, *known: Known) -> int:
        """A fax with a note of each, which the reader took for one document; its item in the queue."""
        desk, data = self.desk, self.note(*known)
        pages = tuple(range(len(known)))
        document = Document(pages, DocumentKind.CONSULT_NOTE, 0.9, text="Consultation report")
        reading = Reading("image/tiff", tuple(Page(n, "Consultation report") for n in pages), (document,))
        sha256 = desk.vault.put(data)
        envelope = Envelope(f"unsplit:{sha256}", Channel.FAX, sender=OFFICE_FAX, name="fax.tif")
        with desk.store.transaction() as tx:
            arrival, _ = tx.add_arrival(envelope, sha256, len(data), desk.clock.now())
            read = Event(EventKind.DOCUMENT_READ, desk.clock.now(), arrival_id=arrival.id)
            (part,) = tx.record_reading(arrival, reading, (document,), read)
            desk.matcher.requeue(tx, part, "two patients may be in it")
        return part.id

    def read_all(self) -> None:
        """Have everything read and matched, in the real processes."""

        async def work() -> None:
            async with workers(self.desk) as pool:
                reading = ReadArrival(self.desk.store, self.desk.vault, self.desk.clock, pool)
                while await reading.read_next():
                    pass
            await self.desk.matcher.match_all()

        asyncio.run(work())

    def waiting(self) -> list[int]:
        """The items in the queue."""
        with self.desk.store.transaction() as tx:
            return [item.id for item in tx.queue()]


@contextmanager
def review_clinic(folder: Path) -> Generator[ReviewClinic, None, None]:
    """A clinic in a folder, empty unless one lies there already."""
    there = folder / "clinic" / "referloop.toml"
    config = there if there.exists() else write_clinic_folder(folder / "clinic")[0]
    with open_desk(load_settings(config)) as desk:
        yield ReviewClinic(desk)


def pages_of_clinic(desk: Desk, review: ReviewDesk) -> FastAPI:
    """The application over a clinic's rows."""
    pages = WebDesk(desk.store, desk.clock, desk.rules.zone, desk.settings.storage.data_dir)
    return make_app(
        OneReferral(pages, desk.change, desk.pause, desk.contact),
        desk.access,
        House.of(desk.settings, desk.rules.zone),
        review,
        entry_desk(desk, WorkerPool.from_settings(desk.settings, desk.code_keys, processes=1), pages),
        reports=desk.reports,
        heard_seconds_ago=dict[str, float],
        step_failures=dict[str, int],
        something_is_due=lambda: None,
    )


@contextmanager
def served(clinic: ReviewClinic, roles: dict[str, Role] | None = None) -> Generator[str, None, None]:
    """The pages on a free port, in a thread of their own; a header `x-visitor` says who asks. Yields the address."""
    told: Queue[str] = Queue()
    stop = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(clinic, roles or {}, told, stop)))
    thread.start()
    try:
        yield told.get(timeout=_START_S).rstrip("/")
    finally:
        stop.set()
        thread.join()


async def _serve(clinic: ReviewClinic, roles: dict[str, Role], told: "Queue[str]", stop: threading.Event) -> None:
    desk = clinic.desk
    async with workers(desk) as pool, painters(desk) as painter:
        bell = asyncio.Event()
        loop = asyncio.get_running_loop()

        def ring() -> None:
            loop.call_soon_threadsafe(bell.set)

        review = review_desk(desk, pool, painter, ring, lambda: None)
        app = pages_of_clinic(desk, review)
        let_in_as_told(app, desk, roles)
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(serve_web(app, WebSettings(port=0), told.put_nowait))
            arranging = group.create_task(_arrange(review, bell))
            await asyncio.to_thread(stop.wait)
            serving.cancel()
            arranging.cancel()


async def _arrange(review: ReviewDesk, bell: asyncio.Event) -> None:
    """The daemon's step: what was asked for is read, whenever somebody asks."""
    while True:
        await bell.wait()
        bell.clear()
        while await review.rearrange.arrange_next():
            pass


def filled(clinic: ReviewClinic) -> dict[str, str]:
    """A morning's queue: a blotted booking, a note that contradicts, a vague one, an answer twice, junk, a mail.

    Returns the referrals' numbers by family name.
    """
    people = {
        "Okafor": clinic.refer("Okafor", "Maria", "1961-04-23"),
        "Okafor-Lindqvist": clinic.refer("Okafor-Lindqvist", "Maria", "1984-04-23"),
        "Nguyen": clinic.refer("Nguyen", "Thi Lan", "1949-12-01"),
        "Brandt": clinic.refer("Brandt", "Otto", "1938-07-30"),
        "Longname": clinic.refer("Wolfeschlegelsteinhausenbergerdorff-Vandenbrouckhuysen", "Maximilian", "1971-02-11"),
    }
    later = datetime.now(clinic.desk.rules.zone).replace(
        tzinfo=None, hour=10, minute=30, second=0, microsecond=0
    ) + timedelta(days=16)
    hours = timedelta(hours=1)
    clinic.take(clinic.answered_by_hand(people["Okafor"], later), waited=70 * hours)
    clinic.take(clinic.note(Known("Nguyen", "Thi Lan", date(1949, 12, 11))), waited=26 * hours)
    clinic.take(clinic.note(Known("Okafor", "Maria", None), seed=5, is_vague=True), waited=5 * hours)
    clinic.take(clinic.answered_twice(people["Brandt"]), waited=3 * hours)
    clinic.take(clinic.junk(), sender="+18005550198", waited=2 * hours)
    clinic.take(
        b"From: front.desk@bayview-cardiology-and-vascular-medicine-associates.example\r\n"
        b"To: referrals@clinic.example\r\nSubject: your patient\r\nMessage-ID: <9@x.example>\r\n\r\n"
        b"Hello, Mr. Maximilian Wolfeschlegelsteinhausenbergerdorff-Vandenbrouckhuysen did not come to his visit.\r\n"
        b"Please call us.\r\n",
        channel=Channel.EMAIL,
        sender="front.desk@bayview-cardiology-and-vascular-medicine-associates.example",
        waited=1 * hours,
    )
    clinic.take(b"\x00\x01no picture at all", sender="+15085550199", waited=0.5 * hours)
    clinic.read_all()
    return people
