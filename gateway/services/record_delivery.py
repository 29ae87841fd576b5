"""What carriers say of packets they hold, and what a bounce says of a mail already accepted."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from config.vocabulary import Channel
from gateway.domain.event import Event, EventKind
from gateway.domain.transmission import Transmission, TransmissionState
from gateway.services.ending import delivered, failed, uncertain, write
from gateway.services.ports import Clock, Store, Transaction
from gateway.services.rules import Rules
from outbound.sender import DeliveryState, DeliveryStatus, Sender


@dataclass(slots=True)
class RecordDelivery:
    """Polls every accepted packet at carriers that report delivery."""

    store: Store
    clock: Clock
    rules: Rules
    senders: Mapping[Channel, Sender]

    async def poll(self) -> int:
        """Ask about each accepted packet once; returns how many reached their end.

        A fax of which nothing is reported ends too: as uncertain, when patience does.
        """
        ended = 0
        failures: list[Exception] = []
        for row in await asyncio.to_thread(self._accepted):
            try:
                ended += await self._ask(row)
            except Exception as error:  # noqa: BLE001 - told below; one packet must not hold up the others
                failures.append(error)
        if failures:
            raise ExceptionGroup("some packets could not be asked about", failures)
        return ended

    async def _ask(self, row: Transmission) -> bool:
        sender = self.senders[row.channel]
        status = await sender.status(row.carrier_reference)
        return await asyncio.to_thread(self._record, row, status, is_final=sender.capabilities.retries_itself)

    def _accepted(self) -> list[Transmission]:
        reporting = {
            channel
            for channel, sender in self.senders.items()
            if sender.capabilities.reports_delivery or channel is Channel.FAX
        }
        with self.store.transaction() as tx:
            rows = tx.transmissions_in([TransmissionState.ACCEPTED])
        return [row for row in rows if row.channel in reporting]

    def _record(self, row: Transmission, status: DeliveryStatus, *, is_final: bool) -> bool:
        """`is_final`: the carrier has tried again as often as is sensible; only one of us does."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            current = tx.transmission(row.id)
            if current.state is not TransmissionState.ACCEPTED:
                return False
            return end_as_told(tx, self.rules, current, status, now, is_final=is_final)


def end_as_told(
    tx: Transaction, rules: Rules, accepted: Transmission, status: DeliveryStatus, now: datetime, *, is_final: bool
) -> bool:
    """Record what the carrier says of an accepted packet; whether that is its end."""
    row = replace(
        accepted,
        pages_confirmed=status.pages_confirmed or 0,
        dials=status.attempts,
        is_simulated=status.is_simulated,
    )
    if not _end(tx, rules, row, status, now, is_final=is_final):
        return False
    if status.price is not None:
        told: dict[str, str | int | float | bool | list[str] | None] = {
            "amount": status.price.amount,
            "currency": status.price.currency,
        }
        event = Event(
            EventKind.TRANSMISSION_PRICED, now, referral_id=row.referral_id, transmission_id=row.id, detail=told
        )
        tx.append(event)
    return True


def is_whole(row: Transmission, status: DeliveryStatus) -> bool:
    """Whether a packet that was delivered is all there; a carrier that counts no pages means all of them."""
    return status.pages_confirmed is None or status.pages_confirmed == row.pages


def _end(
    tx: Transaction, rules: Rules, row: Transmission, status: DeliveryStatus, now: datetime, *, is_final: bool
) -> bool:
    match status.state:
        case DeliveryState.DELIVERED if is_whole(row, status):
            delivered(tx, rules, row, now, counts_pages=status.pages_confirmed is not None)
        case DeliveryState.DELIVERED:
            uncertain(
                tx, rules, row, f"the carrier says delivered, but {row.pages_confirmed} of {row.pages} pages", now
            )
        case DeliveryState.FAILED:
            cause = f"{status.cause.value}: {status.detail}" if status.detail else status.cause.value
            may_work_later = status.cause.may_work_later(was_dialled_again=is_final)
            failed(tx, rules, row, cause, now, may_work_later=may_work_later)
        case DeliveryState.CANCELLED:
            write(tx, row, replace(row, state=TransmissionState.CANCELLED, ended_at=now), now)
        case DeliveryState.UNKNOWN:
            uncertain(tx, rules, row, status.detail or "the carrier lost track of it", now)
        case DeliveryState.QUEUED | DeliveryState.SENDING:
            if row.submitted_at is None or now - row.submitted_at < rules.carrier_patience:
                return False
            uncertain(tx, rules, row, "the carrier accepted it and has been silent since", now)
    return True


def record_bounce(
    tx: Transaction, rules: Rules, row: Transmission, cause: str, now: datetime, *, is_permanent: bool
) -> None:
    """A mail that its server had accepted came back. A passing delay is only noted by the document itself.

    Even one that a receipt had called delivered: the office's gateway may have taken what its mailbox then refused.
    """
    if not is_permanent:
        return
    was_called_delivered = row.state is TransmissionState.DELIVERED and row.channel is Channel.EMAIL
    if was_called_delivered or row.state in (TransmissionState.ACCEPTED, TransmissionState.UNCERTAIN):
        failed(tx, rules, row, cause, now, may_work_later=False)
