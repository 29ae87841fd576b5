"""`--fax-to`: one real fax to the clinic's own number, and the wait until it has come back and can be read.

While the daemon runs it takes the fax in, and the check looks for it among the arrivals; else the check fetches it
itself and leaves every other fax where it lies.
"""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from config.settings import Settings
from config.vocabulary import Channel
from gateway.desk import Desk, open_desk
from gateway.doctor.finding import Finding, Tell, doubt, fault, well
from gateway.doctor.pages import is_running
from gateway.doctor.proof import clinic_sender, new_mark
from gateway.domain.arrival import Arrival, Envelope
from gateway.errors import ReferloopError, WorkerFailed
from gateway.lines import FaxCarrier
from gateway.workers import WorkerPool
from outbound.errors import OutboundError
from outbound.proof_page import bears_mark, mark_of, proof_page
from outbound.sender import Accepted, DeliveryState, DeliveryStatus

_ENDED = {DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.CANCELLED}
_DOWN = (OSError, EOFError, OutboundError)
_PATIENCE = 0.9
"""Share of the time given: what is left is for telling what did not end."""
_REASON = "the test fax of referloop doctor"


@dataclass(frozen=True, slots=True)
class FaxTripCheck:
    """`to` in E.164. Sent once; what the carrier retries by itself it may."""

    settings: Settings
    carrier: FaxCarrier
    to: str
    limit_s: float = 900.0
    every_s: float = 2.0
    name: str = "test fax"
    _seen: set[str] = field(default_factory=set[str])

    async def run(self, tell: Tell) -> list[Finding]:
        """Out and back."""
        digits, began_at = new_mark(), datetime.now(UTC)
        give_up_at = time.monotonic() + self.limit_s * _PATIENCE
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "test.tiff"
            packet = await asyncio.to_thread(proof_page, clinic_sender(self.settings), digits, began_at, page)
            outcome = await self.carrier.submit(packet, self.to, f"doctor-{digits}", _keep_nothing)
        if not isinstance(outcome, Accepted):
            return [fault(f"{self.carrier.name} did not take the test fax: {outcome.cause}", "see the checks above")]
        tell(f"{mark_of(digits)} is on its way to {self.to}")
        status = await self._ended(outcome.reference, give_up_at, tell)
        if status is None:
            await self._take_back(outcome.reference)
            what = f"the test fax was neither delivered nor given up within {self.limit_s * _PATIENCE:.0f} s"
            return [fault(what, f"look at {self.carrier.name}'s queue, or give it longer with --fax-minutes")]
        if status.state is not DeliveryState.DELIVERED:
            what = f"the test fax was not delivered: {status.cause.value.replace('_', ' ')}"
            mend = f"{self.carrier.name} says {status.detail!r}; call {self.to} and listen who answers"
            return [fault(f"{what} after {status.attempts} calls", mend)]
        out_s = (datetime.now(UTC) - began_at).total_seconds()
        sent = well(f"the test fax was delivered to {self.to} after {out_s:.0f} s")
        return [sent, await self._back(digits, began_at, give_up_at, tell)]

    async def _ended(self, reference: str, give_up_at: float, tell: Tell) -> DeliveryStatus | None:
        """How it ended; None when it did not until then, on the monotonic clock."""
        while time.monotonic() < give_up_at:
            try:
                status = await self.carrier.status(reference)
            except _DOWN:
                tell(f"{self.carrier.name} does not answer just now")
            else:
                if status.state in _ENDED:
                    return status
                tell(_words(status))
            await asyncio.sleep(self.every_s)
        return None

    async def _take_back(self, reference: str) -> None:
        """So that it does not go out when nobody waits for it any more."""
        with contextlib.suppress(*_DOWN):
            await self.carrier.cancel(reference)

    async def _back(self, digits: str, began_at: datetime, give_up_at: float, tell: Tell) -> Finding:
        tell("delivered; waiting until it comes back")
        look = self._among_arrivals if is_running(self.settings.storage.data_dir) else self._at_carrier
        patience_s = max(0.0, give_up_at - time.monotonic())
        try:
            async with asyncio.timeout(patience_s):
                return await self._until(lambda: look(digits, began_at))
        except TimeoutError:
            mend = f"is {self.to} this line's own number? compare with what the carrier lists as received"
            return doubt(f"the test fax was sent and has not come back within {patience_s:.0f} s", mend)

    async def _until(self, look: Callable[[], Awaitable[Finding | None]]) -> Finding:
        while (found := await look()) is None:  # noqa: ASYNC110 - what is waited for lies outside this process
            await asyncio.sleep(self.every_s)
        return found

    async def _among_arrivals(self, digits: str, began_at: datetime) -> Finding | None:
        return await asyncio.to_thread(self._taken_in, digits, began_at)

    def _taken_in(self, digits: str, began_at: datetime) -> Finding | None:
        """The daemon's own reading of it; its item is taken off the queue again."""
        with open_desk(self.settings) as desk:
            with desk.store.transaction() as tx:
                fresh = [
                    one for one in tx.arrivals() if one.received_at >= began_at and one.envelope.channel is Channel.FAX
                ]
            ours = next((one for one in fresh if self._bears(desk, one, digits)), None)
            if ours is None or not _settled(desk, ours):
                return None
        took_s = (datetime.now(UTC) - began_at).total_seconds()
        return well(f"it came back, the daemon read it, and it was taken off the queue again ({took_s:.0f} s in all)")

    def _bears(self, desk: Desk, arrival: Arrival, digits: str) -> bool:
        with desk.store.transaction() as tx:
            reading = tx.reading_of(arrival.id)
        return reading is not None and bears_mark([one.text for one in reading.documents], digits)

    async def _at_carrier(self, digits: str, began_at: datetime) -> Finding | None:
        keys = (self.settings.code_key.get_secret_value().encode(),)
        try:
            async with WorkerPool.from_settings(self.settings, keys, processes=1) as pool:
                async for fax in self.carrier.fetch_received():
                    if fax.source_id in self._seen:
                        continue
                    self._seen.add(fax.source_id)
                    if not await _reads(pool, fax.path, digits):
                        continue
                    await self.carrier.forget(fax.source_id)
                    took_s = (datetime.now(UTC) - began_at).total_seconds()
                    return well(f"it came back and can be read ({took_s:.0f} s in all)")
        except (*_DOWN, ExceptionGroup):  # a cloud carrier tells of several faxes that did not come at once
            return None
        return None


async def _reads(pool: WorkerPool, fax: Path, digits: str) -> bool:
    try:
        reading = await pool.read(fax, Envelope("doctor", Channel.FAX, name=fax.name), datetime.now(UTC))
    except WorkerFailed:
        return False
    return bears_mark([one.text for one in reading.documents], digits)


def _settled(desk: Desk, arrival: Arrival) -> bool:
    """Whether its part has been matched; one that waits for a person is taken off."""
    with desk.store.transaction() as tx:
        items = [item.id for item in tx.queue() if item.arrival.id == arrival.id]
        is_matched = bool(tx.parts_of(arrival.id)) and all(
            part.state.value != "unmatched" for part in tx.parts_of(arrival.id)
        )
    for item in items:
        try:
            desk.settle.discard(item, _REASON, "doctor")
        except ReferloopError:
            return True  # somebody was quicker
    return is_matched


def _words(status: DeliveryStatus) -> str:
    calls = f", call {status.attempts}" if status.attempts else ""
    why = f" ({status.detail})" if status.detail else ""
    return f"{status.state.value}{calls}, {status.pages_confirmed or 0} of 1 pages{why}"


async def _keep_nothing(reference: str) -> None:
    """A test fax is in no ledger."""
    del reference
