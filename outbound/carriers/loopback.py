"""The loopback fax carrier: a folder exchange between processes, with faults on request.

What is faxed to a number lands in that number's tray; whoever owns the number takes it from there. No
telephone line is involved and every receipt says SIMULATED. How calls go wrong is written in
`loopback_script`, where things lie in `loopback_exchange`.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from outbound.carriers.loopback_calls import Call, call_of, carry, place, reference_of
from outbound.carriers.loopback_exchange import Exchange, is_number
from outbound.carriers.loopback_script import Fate, LineScript, fate_of_call, read_script
from outbound.errors import CarrierMisconfigured
from outbound.fax_file import count_pages
from outbound.sender import (
    Accepted,
    Capabilities,
    Cause,
    Commit,
    Deferred,
    DeliveryState,
    DeliveryStatus,
    Outcome,
    Packet,
    ReceivedFax,
    Refused,
    Unknown,
)

_WORDS = {
    Cause.NONE: "all pages confirmed",
    Cause.BUSY: "line busy",
    Cause.NO_ANSWER: "no answer",
    Cause.LINE: "the line was cut",
    Cause.NOT_A_FAX: "a voice answered",
    Cause.WRONG_NUMBER: "no such number",
    Cause.REJECTED: "the far machine refused",
}


class LoopbackFax:
    """Sender and inbox of one number on the exchange."""

    def __init__(self, exchange: Path, own_number: str, now: Callable[[], datetime]) -> None:
        """`own_number` in E.164; empty for one that neither calls nor is called."""
        self._exchange = Exchange(exchange)
        self._own = own_number
        self._now = now

    @property
    def name(self) -> str:
        """As in the settings."""
        return "loopback"

    @property
    def capabilities(self) -> Capabilities:
        """A call is looked up by its key for sure; retrying is the caller's."""
        return Capabilities(finds_by_key=True, reports_delivery=True, retries_itself=False, receives=True)

    async def submit(self, packet: Packet, to: str, key: str, commit: Commit) -> Outcome:
        """Place a call; under a key that was placed before, nothing is sent again."""
        if not is_number(to):
            return Refused(f"{to!r} is not a fax number in E.164")
        try:
            data, pages, script = await asyncio.to_thread(self._prepare, packet.path, to)
        except ValueError as error:
            return Refused(f"the packet is not a fax: {error}")
        except OSError as error:
            return Deferred(f"the packet could not be read: {error.strerror}")
        except CarrierMisconfigured as error:
            return Deferred(str(error))
        at = self._now().isoformat()
        call = Call(self._own, to, key, self._own, at, pages, packet_reference=packet.reference)
        await commit(call.reference)
        return await asyncio.to_thread(self._place, call, data, script)

    def _prepare(self, path: Path, to: str) -> tuple[bytes, int, LineScript]:
        data = path.read_bytes()
        return data, count_pages(data), read_script(self._exchange.script, to)

    def _place(self, call: Call, data: bytes, script: LineScript) -> Outcome:
        try:
            placed = place(self._exchange, call, data, lambda ordinal: fate_of_call(script, ordinal, call.pages))
        except OSError as error:
            if self._exchange.record(call.reference) is None:
                return Deferred(f"the exchange could not be written: {error.strerror}")
            return Unknown(f"the exchange could not make the call durable: {error.strerror}")
        self._carried(placed)
        return Accepted(call.reference)

    def _carried(self, call: Call) -> bool:
        """Land the pages; False if the tray cannot be written now: `status` tries again."""
        try:
            carry(self._exchange, call)
        except OSError:
            return False
        return True

    async def status(self, reference: str) -> DeliveryStatus:
        """How the call went; lands its pages if a crash or a full disk kept them from landing."""
        return await asyncio.to_thread(self._status, reference)

    def _status(self, reference: str) -> DeliveryStatus:
        record = self._exchange.record(reference)
        if record is None:
            return DeliveryStatus(
                DeliveryState.UNKNOWN, detail="SIMULATED: the exchange knows no such call", is_simulated=True
            )
        call = call_of(record)
        if call.is_cancelled:
            return _told(call, DeliveryState.CANCELLED, "cancelled")
        if call.is_silent:
            return _told(call, DeliveryState.SENDING, "no word from the line")
        if not self._carried(call):
            return _told(call, DeliveryState.SENDING, "the tray cannot be written")
        if self._now() < datetime.fromisoformat(call.placed_at) + timedelta(seconds=call.late_seconds):
            return _told(call, DeliveryState.SENDING, "no word from the line yet")
        cause = Cause(call.cause)
        state = DeliveryState.DELIVERED if cause is Cause.NONE else DeliveryState.FAILED
        return replace(_told(call, state, _WORDS[cause]), pages_confirmed=call.pages_landing, cause=cause)

    async def find(self, key: str) -> str | None:
        """The reference of what was placed under `key`; a sure no otherwise."""
        reference = reference_of(key)
        return reference if await asyncio.to_thread(self._exchange.record, reference) else None

    async def cancel(self, reference: str) -> bool:
        """Stop a call of which nothing has landed or been told: only a silent one can be."""
        return await asyncio.to_thread(self._cancel, reference)

    def _cancel(self, reference: str) -> bool:
        with self._exchange.locked():
            record = self._exchange.record(reference)
            if record is None or not call_of(record).is_silent:
                return False
            call = replace(call_of(record), is_cancelled=True)
            self._exchange.write_record(call.number, reference, asdict(call))
            return True

    async def fetch_received(self) -> AsyncIterator[ReceivedFax]:
        """Whole faxes in our tray, oldest first; twice each if the script of our number repeats events.

        Raises:
            CarrierMisconfigured: the exchange's script cannot be read.
        """
        if not self._own:
            return
        script = await asyncio.to_thread(read_script, self._exchange.script, self._own)
        for path, sidecar in await asyncio.to_thread(self._exchange.waiting, self._own):
            for _ in range(2 if script.repeat_events else 1):
                yield ReceivedFax(
                    source_id=path.stem,
                    path=path,
                    sender_number=str(sidecar["from"]),
                    station_id=str(sidecar["station_id"]),
                    called_number=str(sidecar["to"]),
                    received_at=datetime.fromisoformat(str(sidecar["received_at"])),
                    is_partial=bool(sidecar["partial"]),
                )

    async def forget(self, source_id: str) -> None:
        """Move a fax from the tray to `taken/`; its bytes stay in the exchange."""
        await asyncio.to_thread(self._exchange.take, self._own, source_id)


def send_fax(exchange: Path, from_number: str, to_number: str, tiff_bytes: bytes, station_id: str = "") -> str:
    """Fax bytes from another process over a good line; returns the source id under which they land.

    Raises:
        ValueError: the bytes are not a TIFF, or a number is not E.164.
    """
    pages, at = count_pages(tiff_bytes), datetime.now(UTC).isoformat()
    call = Call(from_number, to_number, uuid.uuid4().hex, station_id or from_number, at, pages)
    folder = Exchange(exchange)
    carry(folder, place(folder, call, tiff_bytes, lambda _: Fate(Cause.NONE, pages)))
    return call.reference


def _told(call: Call, state: DeliveryState, words: str) -> DeliveryStatus:
    detail = f"SIMULATED: {words} (call {call.ordinal} to this number)"
    return DeliveryStatus(state, attempts=1, detail=detail, is_simulated=True)
