"""The offices around the clinic: what reaches them they answer, as far as their habits and their lines allow."""

import asyncio
import contextlib
import hashlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from bench.letters import three_pages
from config.reference import PageCode
from gateway.demo.office_hand import fax_back, fill_in, pages_of
from gateway.demo.office_mail import Mailbox, OfficeMail
from gateway.demo.offices import Act, Deed
from gateway.domain.referral import Patient
from outbound.carriers.loopback import LoopbackFax, send_fax
from outbound.sender import DeliveryState
from tests.rigs.fax_office import FaxOffice, codes_of

LOOK_EVERY_S = 0.5


class Machine(Protocol):
    """An office's fax machine. `sent` is how many faxes were handed to it."""

    sent: int

    def received(self) -> AsyncIterator[bytes]:
        """What came in since the last look, whole or cut."""
        ...

    async def send(self, tiff: bytes) -> str:
        """Fax pages to the clinic; how the clinic will know their bytes, or empty where the line decides."""
        ...

    async def gone_out(self) -> tuple[int, int]:
        """How many faxes the line says went through, and how many it still tries."""
        ...


@dataclass(slots=True)
class SimulatedMachine:
    """On the loopback exchange."""

    exchange: Path
    number: str
    clinic: str
    sent: int = 0

    async def received(self) -> AsyncIterator[bytes]:
        fax = LoopbackFax(self.exchange, self.number, lambda: datetime.now(UTC))
        async for one in fax.fetch_received():
            if not one.path.exists():
                continue  # announced twice
            data = one.path.read_bytes()
            await fax.forget(one.source_id)
            yield data

    async def send(self, tiff: bytes) -> str:
        await asyncio.to_thread(send_fax, self.exchange, self.number, self.clinic, tiff)
        self.sent += 1
        return hashlib.sha256(tiff).hexdigest()

    async def gone_out(self) -> tuple[int, int]:
        return self.sent, 0


@dataclass(slots=True)
class RealMachine:
    """A HylaFAX of its own on the modelled line."""

    office: FaxOffice
    sent: int = 0
    delivered: int = 0
    trying: list[str] = field(default_factory=list[str])

    async def received(self) -> AsyncIterator[bytes]:
        async for one in self.office.carrier.fetch_received():  # not what is still coming in
            data = one.path.read_bytes()
            await self.office.carrier.forget(one.source_id)
            yield data

    async def send(self, tiff: bytes) -> str:
        self.sent += 1
        self.trying.append(await self.office.send(tiff, f"answer-{self.sent}"))
        return ""  # HylaFAX writes the file anew: it is counted instead

    async def gone_out(self) -> tuple[int, int]:
        """An answer that finds the clinic's line busy too often is given up, as its sender is told."""
        for reference in list(self.trying):
            state = (await self.office.carrier.status(reference)).state
            if state in (DeliveryState.DELIVERED, DeliveryState.FAILED):
                self.trying.remove(reference)
                self.delivered += state is DeliveryState.DELIVERED
        return self.delivered, len(self.trying)


@dataclass(slots=True)
class Town:
    """All offices as one desk. `patient_of` tells whom a number is about, as the letter in the packet does."""

    machine: Machine
    mailbox: Mailbox
    dead_letters: Mailbox
    keys: tuple[bytes, ...]
    patient_of: Callable[[str], Patient]
    rng: random.Random
    covers: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    keys_sent: list[str] = field(default_factory=list[str])
    faxes_out: int = 0
    faxes_tried: int = 0
    bounced: int = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            async for fax in self.machine.received():
                await self._take_fax(fax)
            for mail in await asyncio.to_thread(self._fetch, self.mailbox):
                await asyncio.to_thread(self._reply, mail)
            for mail in await asyncio.to_thread(self._fetch, self.dead_letters):
                await asyncio.to_thread(self._bounce, mail)
            self.faxes_out, self.faxes_tried = await self.machine.gone_out()
            await asyncio.sleep(LOOK_EVERY_S)

    def _fetch(self, box: Mailbox) -> list[OfficeMail]:
        with contextlib.suppress(OSError):
            return box.fetch()
        return []

    async def _take_fax(self, fax: bytes) -> None:
        codes = await asyncio.to_thread(codes_of, fax, self.keys)
        cover = next((code for code in codes if code.page == 1), None)
        if cover is None or len(codes) < cover.pages:
            return  # cut off: the office waits for the rest
        self.covers[cover.number, cover.transmission] += 1
        if self.rng.random() < 0.85:
            await self._send(await asyncio.to_thread(self._ticked, fax))
        if self.rng.random() < 0.3:
            await self._send(await asyncio.to_thread(self._letter, cover))

    async def _send(self, tiff: bytes) -> None:
        if key := await self.machine.send(tiff):
            self.keys_sent.append(key)

    def _ticked(self, fax: bytes) -> bytes:
        seed = self.rng.randrange(2**31)
        deed = Deed(Act.TICK, 0, boxes=("received", "appointment_booked"), skew=self.rng.uniform(-2, 2))
        at = datetime.now(UTC).replace(hour=14, minute=30) + timedelta(days=self.rng.randrange(5, 60))
        return fax_back([fill_in(pages_of(fax)[0], deed, at, seed)], deed, seed)

    def _letter(self, cover: PageCode) -> bytes:
        pdf = three_pages(self.patient_of(cover.number), self.rng)
        return fax_back(pages_of(pdf), Deed(Act.NOTE, 0), self.rng.randrange(2**31))

    def _reply(self, mail: OfficeMail) -> None:
        at = datetime.now(UTC) + timedelta(days=self.rng.randrange(5, 60))
        body = f"Hello,\n\nthe patient is scheduled on {at:%A}, {at:%B} {at.day}, {at.year} at 2:30 PM.\n\nDana"
        message_id = self.mailbox.prepare_id()
        self.mailbox.reply(mail, body, b"", message_id)
        self.keys_sent.append(message_id)

    def _bounce(self, mail: OfficeMail) -> None:
        """As a mail server far away writes it, hours after ours had taken the mail."""
        report = EmailMessage()
        report["From"], report["To"] = "MAILER-DAEMON@mx.example", mail.reply_to
        report["Subject"] = "Undelivered Mail Returned to Sender"
        report["Message-ID"] = self.dead_letters.prepare_id()
        report["In-Reply-To"] = mail.message_id
        report["Auto-Submitted"] = "auto-replied"
        report.set_content(
            "Your message could not be delivered.\n\n<gone@away.example>: 550 5.1.1 user unknown\n\n"
            f"--- Below this line is a copy of the message.\n\nMessage-ID: {mail.message_id}\nSubject: {mail.subject}\n"
        )
        self.dead_letters.deliver(report)
        self.keys_sent.append(str(report["Message-ID"]))
        self.bounced += 1
