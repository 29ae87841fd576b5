"""One specialist's office as a process of its own: `python -m gateway.demo.office OFFICE.json`.

It sees what a real office sees: the TIFF in its fax machine's tray, the mail in its mailbox. Whom a packet
is about it reads from the letter in it, through the same eyes anyone has; the clinic's database is out of
its sight.
"""

import asyncio
import hashlib
import json
import random
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.demo import notes
from gateway.demo.cast import CLINIC_FAX
from gateway.demo.ledger import Sent, append
from gateway.demo.office_mail import MailAccount, Mailbox, OfficeMail
from gateway.demo.offices import Act, Deed, Office
from outbound.carriers.loopback import LoopbackFax, send_fax

if TYPE_CHECKING:
    from gateway.demo.paper.fax_channel import Grey

_LOOK_EVERY_S = 0.4


@dataclass(frozen=True, slots=True)
class Place:
    """What an office's process is told: its own habits and machines, nothing of any referral."""

    office: Office
    exchange: Path
    ledger: Path
    mail: MailAccount | None
    seed: int
    letterhead: notes.Letterhead


@dataclass(slots=True)
class Packet:
    """A packet on the desk. `reference` is its carrier's, for the answer key only."""

    data: bytes
    reference: str
    patient: notes.Known
    message: OfficeMail | None = None


@dataclass(slots=True)
class FrontDesk:
    """Takes packets in and does the office's deeds for each, once a patient."""

    place: Place
    known: dict[tuple[str, str], Packet] = field(default_factory=dict[tuple[str, str], Packet])

    async def run(self) -> None:
        """Until cancelled: look at the tray and the mailbox."""
        fax = LoopbackFax(self.place.exchange, self.place.office.fax, lambda: datetime.now(UTC))
        mailbox = Mailbox(self.place.mail) if self.place.mail else None
        async with asyncio.TaskGroup() as deeds:
            while True:
                if self.place.office.fax:
                    async for received in fax.fetch_received():
                        data = received.path.read_bytes()
                        await fax.forget(received.source_id)
                        if not received.is_partial:
                            await self._take(deeds, data, received.source_id, None)
                for message in await asyncio.to_thread(mailbox.fetch) if mailbox else []:
                    if message.pdf:
                        await self._take(deeds, message.pdf, message.message_id, message)
                await asyncio.sleep(_LOOK_EVERY_S)

    async def _take(self, deeds: asyncio.TaskGroup, data: bytes, reference: str, message: OfficeMail | None) -> None:
        if not self.place.office.deeds:
            return
        patient = await asyncio.to_thread(read_patient, data)
        who = (patient.family.casefold(), patient.given.casefold())
        if not patient.family or who in self.known:
            return  # the second request of someone already answered
        self.known[who] = Packet(data, reference, patient, message)
        deeds.create_task(self._answer(self.known[who]))

    async def _answer(self, packet: Packet) -> None:
        for number, deed in enumerate(self.place.office.deeds):
            if deed.act is Act.JOINT_NOTES and len(self.known) < deed.patients:
                return  # whoever comes last writes for all
            await asyncio.sleep(deed.after_s)
            await asyncio.to_thread(self._do, deed, packet, self.place.seed + number)

    def _do(self, deed: Deed, packet: Packet, seed: int) -> None:
        rng = random.Random(f"{seed} {packet.patient.family}")  # noqa: S311 - a story, not a secret
        appointment = _working_day(deed.appointment_in_days) if deed.appointment_in_days else None
        match deed.act:
            case Act.TICK:
                self._fax([self._cover(packet, deed, appointment, rng)], deed, packet.reference, rng=rng)
            case Act.TICK_BY_MAIL:
                self._mail(packet, deed, "", self._scan(self._cover(packet, deed, appointment, rng), deed, rng))
            case Act.MAIL_BODY:
                self._mail(packet, deed, _worded(deed.text, packet.patient, appointment), b"")
            case Act.NOTE | Act.VAGUE_NOTE:
                self._fax(_drawn(self._note(packet, deed, rng)), deed, packet.reference, rng=rng)
            case Act.NOTE_BY_MAIL:
                self._mail(packet, deed, "Please find our report attached.", self._note(packet, deed, rng))
            case Act.NOTE_WITH_COVER:
                cover = self._cover(packet, deed, None, rng)
                self._fax([cover, *_drawn(self._note(packet, deed, rng))], deed, packet.reference, rng=rng)
            case Act.JOINT_NOTES:
                everyone = list(self.known.values())
                pages = [page for one in everyone for page in _drawn(self._note(one, deed, rng))]
                self._fax(pages, deed, *[one.reference for one in everyone], rng=rng)

    def _cover(self, packet: Packet, deed: Deed, appointment: datetime | None, rng: random.Random) -> "Grey":
        from gateway.demo.office_hand import fill_in, pages_of

        return fill_in(pages_of(packet.data)[0], deed, appointment, rng.randrange(2**31))

    def _scan(self, page: "Grey", deed: Deed, rng: random.Random) -> bytes:
        from gateway.demo.office_hand import scan_to_pdf

        return scan_to_pdf([page], deed, rng.randrange(2**31))

    def _note(self, packet: Packet, deed: Deed, rng: random.Random) -> bytes:
        today = datetime.now(UTC).date()
        if deed.kind == "result":
            return notes.result_report(self.place.letterhead, packet.patient, today, rng)
        is_vague = deed.act is Act.VAGUE_NOTE
        return notes.consult_note(self.place.letterhead, packet.patient, today, rng, is_vague=is_vague)

    def _fax(self, pages: "Sequence[Grey]", deed: Deed, *answers: str, rng: random.Random) -> None:
        from gateway.demo.office_hand import fax_back

        data = fax_back(pages, deed, rng.randrange(2**31))
        self._note_down(deed, hashlib.sha256(data).hexdigest(), answers)
        send_fax(self.place.exchange, self.place.office.fax, CLINIC_FAX, data, station_id=self.place.office.name)

    def _mail(self, packet: Packet, deed: Deed, body: str, pdf: bytes) -> None:
        if packet.message is None or self.place.mail is None:
            return
        message_id = Mailbox(self.place.mail).prepare_id()
        self._note_down(deed, message_id, (packet.reference,))
        Mailbox(self.place.mail).reply(packet.message, body, pdf, message_id)

    def _note_down(self, deed: Deed, key: str, answers: tuple[str, ...]) -> None:
        append(self.place.ledger, Sent(self.place.office.slug, deed.act.value, key, answers))


def read_patient(data: bytes) -> notes.Known:
    """Whom the packet is about, as the office reads it in the letter behind the cover.

    Fields are read from the letter's words by themselves: to the clinic's eyes its own letter tells of nobody.
    """
    from parsers.fields import read_fields
    from parsers.options import ReadOptions
    from parsers.read import read
    from parsers.reading import Role

    reading = read(data, "packet", ReadOptions())
    letter = "\n\n".join(page.text for page in reading.pages[1:])
    people = read_fields(letter, None).people
    patients = [one for one in people if one.role is Role.PATIENT and one.family and one.birth_date]
    if not patients:
        return notes.Known("", "", None)
    best = max(patients, key=lambda person: person.confidence)
    return notes.Known(best.family, best.given, best.birth_date, best.mrn)


def _drawn(pdf: bytes):
    from gateway.demo.office_hand import pages_of

    return pages_of(pdf)


def _working_day(days: int) -> datetime:
    at = datetime.now(UTC).replace(hour=14, minute=30, second=0, microsecond=0, tzinfo=None) + timedelta(days=days)
    while at.weekday() > 4:
        at += timedelta(days=1)
    return at


def _worded(text: str, patient: notes.Known, appointment: datetime | None) -> str:
    when = appointment or datetime.now(UTC)
    return text.format(
        given=patient.given, family=patient.family, weekday=f"{when:%A}", date=f"{when:%B} {when.day}, {when.year}"
    )


def write_place(path: Path, place: Place) -> None:
    """The file an office's process is started with."""
    path.write_text(json.dumps(asdict(place), default=str), encoding="utf-8")


def read_place(path: Path) -> Place:
    """What `write_place` wrote."""
    from pydantic import TypeAdapter

    return TypeAdapter(Place).validate_json(path.read_bytes())


async def _main(path: Path) -> None:
    place = read_place(path)
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    if task is not None:
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    await FrontDesk(place).run()


if __name__ == "__main__":
    try:
        asyncio.run(_main(Path(sys.argv[1])))
    except asyncio.CancelledError:
        sys.exit(0)
