"""A desk with one referral ready to be faxed: it sends, asks, looks up and hears callbacks as the daemon does."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from config.vocabulary import Channel
from gateway.domain.event import EventKind
from gateway.domain.referral import Referral
from gateway.domain.task import Task
from gateway.domain.transmission import Transmission
from gateway.services.intend import intend_ready
from gateway.services.ports import PacketRequest
from gateway.services.reconcile import Reconcile
from gateway.services.record_delivery import RecordDelivery
from gateway.services.send_packet import SendPacket
from gateway.services.take_callback import TakeCallback
from gateway.storage.store import SqlStore
from gateway.storage.vault import FileVault
from gateway.testing import FixedClock
from outbound.callbacks import Told
from outbound.sender import Packet, Sender
from tests.builders import NOON, an_intake
from tests.contract.rigs import tiff_packet
from tests.contract.stores import with_recipient
from tests.rigs.reading_desk import NUMBER, RULES


class _Builder:
    """Draws two pages without reading the request."""

    async def build(self, request: PacketRequest, into: Path) -> Packet:
        return tiff_packet(into, 2)


@dataclass(slots=True)
class SendingDesk:
    """One referral to an office with a fax number and an address, and a carrier to send it by."""

    store: SqlStore
    folder: Path
    sender: Sender
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))
    rung: list[str] = field(default_factory=list[str])
    referral_id: int = 0

    def __post_init__(self) -> None:
        recipient = with_recipient(self.store)
        with self.store.transaction() as tx:
            self.referral_id = tx.add_referral(an_intake(recipient_id=recipient), NUMBER, NOON, "Lena").id

    async def send(self) -> int:
        """Intend what is ready, and send what is due."""
        intend_ready(self.store, self.clock, RULES)
        senders = {Channel.FAX: self.sender}
        vault = FileVault(self.folder / "vault")
        return await SendPacket(self.store, vault, self.clock, RULES, _Builder(), senders).send_due(Channel.FAX)

    async def poll(self) -> int:
        """Ask the carrier about every accepted packet."""
        return await RecordDelivery(self.store, self.clock, RULES, {Channel.FAX: self.sender}).poll()

    async def reconcile(self, *, at_start: bool = False) -> int:
        """Look up what is left in `sending`."""
        work = Reconcile(self.store, self.clock, RULES, {Channel.FAX: self.sender})
        return await (work.at_start() if at_start else work.sweep())

    async def hear(self, told: Told | None) -> None:
        """Take a callback that its carrier found good."""
        assert told is not None
        asked, fetched = lambda: self.rung.append("ask"), lambda: self.rung.append("fetch")
        await TakeCallback(self.store, self.clock, RULES, asked, fetched).take(told)

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**span))

    @property
    def rows(self) -> list[Transmission]:
        """Every sending of the referral."""
        with self.store.transaction() as tx:
            return tx.transmissions_of(self.referral_id)

    @property
    def referral(self) -> Referral:
        """As it stands."""
        with self.store.transaction() as tx:
            return tx.referral(self.referral_id)

    @property
    def tasks(self) -> list[Task]:
        """What a person is asked for."""
        with self.store.transaction() as tx:
            return tx.tasks()

    def events(self, kind: EventKind) -> list[dict[str, object]]:
        """The details of every event of a kind."""
        with self.store.transaction() as tx:
            found = tx.events(limit=10_000)
        return [dict(one.event.detail or {}) for one in found if one.event.kind is kind]
