"""Handing intended packets to their carriers: committed first, called after, never twice.

A row goes intended -> (packet built and kept) -> sending, committed just before the point of no
return -> accepted. What a crash leaves in `sending` is looked up at the carrier by `reconcile`.
"""

import asyncio
import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from config.vocabulary import Channel
from gateway.domain.followup import respond_by
from gateway.domain.transmission import Transmission, TransmissionState
from gateway.errors import StaleRow, WorkerFailed
from gateway.services.ending import accepted, deferred, failed, uncertain, write
from gateway.services.intend import postpone
from gateway.services.ports import Clock, PacketBuilder, PacketRequest, Store, Transaction, Vault
from gateway.services.rules import Rules
from outbound.errors import OutboundError
from outbound.sender import Accepted, Deferred, Outcome, Packet, Refused, Sender, Unknown

_LEASE = timedelta(minutes=20)  # longer than the ten minutes SMTP may take to answer the final dot
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class SendPacket:
    """Sends what is due, one packet at a time to one destination."""

    store: Store
    vault: Vault
    clock: Clock
    rules: Rules
    builder: PacketBuilder
    senders: Mapping[Channel, Sender]
    _busy: set[str] = field(default_factory=set[str])  # destinations, by any hand

    async def send_due(self, *channels: Channel) -> int:
        """Send what is due on these channels, or on all, one after the other; returns how many were dealt with.

        Several hands may call it at once: none takes a row, or a destination, that another has. So a server that
        takes ten minutes to answer holds up one hand, and no channel but its own.
        """
        return sum([await self._alone_there(row) for row in await asyncio.to_thread(self._due, channels)])

    def _due(self, channels: Sequence[Channel]) -> Sequence[Transmission]:
        with self.store.transaction() as tx:
            return tx.transmissions_due(self.clock.now(), channels or self.senders)

    async def _alone_there(self, row: Transmission) -> bool:
        if row.destination in self._busy:
            return False
        self._busy.add(row.destination)
        try:
            return await self._send(row)
        except StaleRow:
            _log.info("someone else took the transmission", extra={"transmission_id": row.id})
            return False
        finally:
            self._busy.discard(row.destination)

    async def _send(self, row: Transmission) -> bool:
        leased = await asyncio.to_thread(self._lease, row)
        if leased is None:
            return False
        with tempfile.TemporaryDirectory(prefix="referloop-packet-") as folder:
            try:
                packet = await self.builder.build(await asyncio.to_thread(self._request, leased), Path(folder))
            except OutboundError as error:
                await self._settle(leased.id, Refused(str(error)))
                return True
            except WorkerFailed as error:
                await self._settle(leased.id, Deferred(f"the packet could not be drawn: {error}"))
                return True
            await asyncio.to_thread(self._keep, leased, packet)
            sender = self.senders[row.channel]

            async def commit(reference: str) -> None:
                await asyncio.to_thread(self._mark_sending, row.id, sender.name, reference)

            outcome = await sender.submit(packet, row.destination, row.key, commit)
        if isinstance(outcome, Unknown) and sender.capabilities.finds_by_key:
            await asyncio.to_thread(self._look_up_later, row.id, sender.capabilities.settles_s)
            return True
        await self._settle(row.id, outcome)
        return True

    def _look_up_later(self, transmission_id: int, settles_s: float) -> None:
        """It stays in `sending`: once the carrier's list can be trusted, reconcile looks there by the key."""
        with self.store.transaction() as tx:
            row = tx.transmission(transmission_id)
            if row.state is TransmissionState.SENDING:
                until = self.clock.now() + timedelta(seconds=settles_s)
                tx.save_transmission(replace(row, lease_until=until), TransmissionState.SENDING, None)

    def _lease(self, row: Transmission) -> Transmission | None:
        now = self.clock.now()
        with self.store.transaction() as tx:
            return tx.lease_transmission(row.id, now, now + _LEASE)

    def _request(self, row: Transmission) -> PacketRequest:
        now = self.clock.now()
        with self.store.transaction() as tx:
            referral = tx.referral(row.referral_id)
            recipient = tx.recipient(referral.intake.recipient_id)
        return PacketRequest(
            referral=referral,
            recipient=recipient,
            transmission=row,
            respond_by=respond_by(referral, recipient, self.rules.policy, self.rules.calendar, now),
            built_at=now,
            attachments=tuple((self.vault.path(a.sha256), a.title, a.media_type) for a in referral.intake.attachments),
        )

    def _keep(self, row: Transmission, packet: Packet) -> None:
        sha256 = self.vault.put_file(packet.path)
        with self.store.transaction() as tx:
            now = tx.transmission(row.id)
            tx.save_transmission(
                replace(now, packet_sha256=sha256, pages=packet.pages), TransmissionState.INTENDED, None
            )

    def _mark_sending(self, transmission_id: int, carrier: str, reference: str) -> None:
        with self.store.transaction() as tx:
            row = tx.transmission(transmission_id)
            if row.state is not TransmissionState.INTENDED:
                raise StaleRow(f"transmission {row.id} is {row.state}, not intended: it is not sent")
            sending = replace(
                row,
                state=TransmissionState.SENDING,
                carrier=carrier,
                carrier_reference=reference,
                submitted_at=self.clock.now(),
                attempts=row.attempts + 1,
            )
            write(tx, row, sending, self.clock.now())

    async def _settle(self, transmission_id: int, outcome: Outcome) -> None:
        await asyncio.to_thread(self._record, transmission_id, outcome)
        _log.info(
            "packet handed over",
            extra={"action": "send", "transmission_id": transmission_id, "outcome": type(outcome).__name__},
        )

    def _record(self, transmission_id: int, outcome: Outcome) -> None:
        now = self.clock.now()
        with self.store.transaction() as tx:
            row = tx.transmission(transmission_id)
            if row.state not in (TransmissionState.INTENDED, TransmissionState.SENDING):
                return
            _apply(tx, self.rules, row, outcome, now)


def _apply(tx: Transaction, rules: Rules, row: Transmission, outcome: Outcome, now: datetime) -> None:
    match outcome:
        case Accepted(reference):
            accepted(tx, rules, row, reference, now)
        case Deferred(cause, retry_after_s, counts=False):
            postpone(tx, row, now + timedelta(seconds=retry_after_s), cause, now)
        case Deferred(cause, retry_after_s):
            counted = row if row.state is TransmissionState.SENDING else replace(row, attempts=row.attempts + 1)
            deferred(tx, rules, counted, cause, now, patience=timedelta(seconds=retry_after_s))
        case Refused(cause):
            failed(tx, rules, row, cause, now, may_work_later=False)
        case Unknown(cause):
            uncertain(tx, rules, row, cause, now)
