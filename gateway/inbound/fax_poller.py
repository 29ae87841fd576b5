"""Faxes that wait at the carrier: through the door first, then forgotten there."""

import asyncio
import contextlib
import logging
import time
from typing import Protocol

from config.vocabulary import Channel
from gateway.domain.arrival import Envelope
from gateway.services.ports import Door
from outbound.sender import FaxInbox, ReceivedFax

_LONGEST_WAIT_S = 300.0
_SHORTEST_WAIT_S = 2.0  # however often a carrier, or whoever knows its password, calls
_log = logging.getLogger(__name__)


class NamedInbox(FaxInbox, Protocol):
    """A receiving carrier; its name keeps two carriers' ids apart."""

    @property
    def name(self) -> str:
        """The carrier's name in settings."""
        ...


class FaxPoller:
    """Asks a carrier for received faxes. `last_heard_at` is the Unix time of its last answer, for health."""

    def __init__(self, inbox: NamedInbox, door: Door, poll_s: float) -> None:
        self.inbox = inbox
        self.door = door
        self.poll_s = poll_s
        self.last_heard_at = 0.0
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """A callback says that a fax waits: ask soon. Many at once count as one; losing one loses nothing."""
        self._nudged.set()

    async def run(self) -> None:
        """Poll until cancelled; failures double the wait, up to five minutes."""
        wait_s = self.poll_s
        while True:
            try:
                await self.poll()
                wait_s = self.poll_s
            except Exception as error:  # noqa: BLE001 - the watcher's one broad catch: the fax stays at the carrier
                wait_s = max(self.poll_s, min(2 * wait_s, _LONGEST_WAIT_S))
                _log.error("fax poll failed", extra={"action": "poll_fax", "error": type(error).__name__})
            await asyncio.sleep(min(_SHORTEST_WAIT_S, wait_s))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._nudged.wait(), max(0.0, wait_s - _SHORTEST_WAIT_S))
            self._nudged.clear()

    async def poll(self) -> int:
        """Take what waits now; how many faxes."""
        taken = 0
        async for fax in self.inbox.fetch_received():
            envelope = self._envelope(fax)
            if not await self.door.knows(envelope.source_id):
                await self.door.receive(fax.path, envelope)
            await self.inbox.forget(fax.source_id)
            taken += 1
        self.last_heard_at = time.time()
        return taken

    def _envelope(self, fax: ReceivedFax) -> Envelope:
        return Envelope(
            source_id=f"fax:{self.inbox.name}:{fax.source_id}",
            channel=Channel.FAX,
            sender=fax.sender_number,
            station_id=fax.station_id,
            called=fax.called_number,
            name=fax.path.name,
            received_at=fax.received_at,
            is_partial=fax.is_partial,
        )
