"""Received faxes at a cloud carrier: listed, fetched once each, and deleted there when they are durably ours.

The list of a carrier goes back weeks. It is read whole at the start; later only what came since shortly before the
last look, so that a fax which took an hour to come is still found.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from outbound.carriers.cloud_sending import is_id
from outbound.carriers.taken import Taken
from outbound.errors import CarrierRefused, CarrierTrouble
from outbound.sender import ReceivedFax

FAX_LIMIT_BYTES = 60_000_000
_log = logging.getLogger(__name__)
_WHOLE = timedelta(days=30)
_OVERLAP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CloudFax:
    """A received fax as its carrier lists it, whole or cut off; `id` is the carrier's, unique for ever."""

    id: str
    at: datetime
    sender: str = ""
    called: str = ""
    station_id: str = ""
    is_partial: bool = False
    url: str = ""  # where its pages are, if the list says


class CloudInbox(Protocol):
    """What of a cloud carrier's inbox differs. Each method raises CarrierTrouble."""

    async def received_since(self, since: datetime) -> list[CloudFax]:
        """Every fax that has come in, whole or cut off, since then; none that is still coming."""
        ...

    async def download(self, fax: CloudFax, into: Path) -> None:
        """Its pages as PDF; the file appears whole."""
        ...

    async def delete(self, fax_id: str) -> None:
        """Drop the carrier's copy."""
        ...


class CloudReceived:
    """The inbox as one reader sees it."""

    def __init__(
        self, inbox: CloudInbox, folder: Path, now: Callable[[], datetime], *, deletes_after_receipt: bool
    ) -> None:
        """`folder` holds faxes on their way in, and the list of those that stay at the carrier though ours."""
        self._inbox = inbox
        self._folder = folder
        self._now = now
        self._deletes = deletes_after_receipt
        self._taken = Taken(folder / "taken.txt")
        self._to_delete = Taken(folder / "to-delete.txt")
        self._seen_until: datetime | None = None

    async def fetch_received(self) -> AsyncIterator[ReceivedFax]:
        """What waits, oldest first; what one fax lacks holds up none of the others.

        Raises:
            ExceptionGroup: some could not be fetched, after all others were.
        """
        await self._delete_what_is_ours()
        asked_at, is_whole = self._now(), self._seen_until is None
        since = asked_at - _WHOLE if self._seen_until is None else self._seen_until - _OVERLAP
        listed = [fax for fax in await self._inbox.received_since(since) if is_id(fax.id)]
        taken = await asyncio.to_thread(self._taken.names)
        failures: list[CarrierTrouble] = []
        for fax in sorted((fax for fax in listed if fax.id not in taken), key=lambda fax: (fax.at, fax.id)):
            try:
                received = await self._fetch(fax)
            except CarrierTrouble as trouble:
                failures.append(trouble)
                continue
            yield received
        if failures:
            raise ExceptionGroup("some received faxes could not be fetched", failures)
        if is_whole:
            await asyncio.to_thread(self._taken.keep_only, {fax.id for fax in listed})
        self._seen_until = asked_at

    async def _fetch(self, fax: CloudFax) -> ReceivedFax:
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{fax.id}.pdf"
        await self._inbox.download(fax, path)
        return ReceivedFax(
            source_id=fax.id,
            path=path,
            sender_number=fax.sender,
            station_id=fax.station_id,
            called_number=fax.called,
            received_at=fax.at,
            is_partial=fax.is_partial,
        )

    async def forget(self, source_id: str) -> None:
        """It is durable with us: remember that, delete it there if we shall, drop our copy."""
        if self._deletes:
            await asyncio.to_thread(self._to_delete.add, source_id)
        await asyncio.to_thread(self._taken.add, source_id)
        await asyncio.to_thread((self._folder / f"{source_id}.pdf").unlink, missing_ok=True)
        await self._delete_what_is_ours()

    async def _delete_what_is_ours(self) -> None:
        """Whatever cannot be deleted now is deleted at a later look; what the carrier will not delete stays there."""
        for fax_id in sorted(await asyncio.to_thread(self._to_delete.names)):
            try:
                await self._inbox.delete(fax_id)
            except CarrierRefused as refused:
                _log.warning("carrier keeps a fax that is ours", extra={"fax_id": fax_id, "status": refused.status})
            except CarrierTrouble:
                return
            await asyncio.to_thread(self._to_delete.remove, fax_id)
