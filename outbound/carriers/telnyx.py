"""Telnyx Programmable Fax (API v2) as a carrier: packets are uploaded, callbacks are signed, all can also be asked.

A packet carries our key as its client state, which every callback echoes. Telnyx does not dial again; retries are the
caller's. Telnyx's own client library repeats a POST that got no answer, and so would fax twice: it is not used.
"""

import asyncio
import base64
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from outbound.callbacks import Callback, Told
from outbound.carriers.announced import Announced, Announcement
from outbound.carriers.cloud_http import CloudHttp
from outbound.carriers.cloud_received import FAX_LIMIT_BYTES, CloudFax, CloudReceived
from outbound.carriers.cloud_sending import CloudReference, hand_over, is_id, read_reference
from outbound.carriers.telnyx_signature import is_signed
from outbound.carriers.telnyx_words import TelnyxEvent, TelnyxFax, event_of, fax_of, faxes_of, status_of
from outbound.errors import CarrierRefused, CarrierSilent
from outbound.sender import Capabilities, Commit, DeliveryState, DeliveryStatus, Outcome, Packet, ReceivedFax

_log = logging.getLogger(__name__)
_PAGE = 100
_LISTED = timedelta(days=30)
_CALLBACK_FIRST = timedelta(minutes=2)
"""So long a received fax waits for the callback that alone says whether it was cut off."""


@dataclass(frozen=True, slots=True)
class TelnyxAccount:
    """A key, the fax application (connection) that sends, and the public key that signs callbacks (base64)."""

    api_key: str
    connection_id: str
    own_number: str
    public_key: str = ""
    url: str = "https://api.telnyx.com"
    media_hosts: tuple[str, ...] = ("s3.amazonaws.com",)
    callback_url: str = ""  # where Telnyx may call; empty: nowhere


class TelnyxSender:
    """Sender, inbox and callback reader of one Telnyx fax application."""

    prefix = "TX"

    def __init__(
        self, account: TelnyxAccount, folder: Path, now: Callable[[], datetime], *, deletes_after_receipt: bool
    ) -> None:
        self._account = account
        self._now = now
        self._http = CloudHttp(f"{account.url.rstrip('/')}/v2", headers={"Authorization": f"Bearer {account.api_key}"})
        self._announced = Announced(folder / "announced")
        self._received = CloudReceived(self, folder, now, deletes_after_receipt=deletes_after_receipt)

    @property
    def name(self) -> str:
        """As in the settings."""
        return "telnyx"

    @property
    def capabilities(self) -> Capabilities:
        """A packet is found by its client state; nobody but the caller retries."""
        return Capabilities(
            finds_by_key=True,
            reports_delivery=True,
            retries_itself=False,
            receives=True,
            settles_s=120.0,
            least_poll_s=15.0,
        )

    async def submit(self, packet: Packet, to: str, key: str, commit: Commit) -> Outcome:
        """Upload the packet; under a key that Telnyx lists already, nothing is sent again."""
        return await hand_over(self, packet, to, key, commit)

    async def post(self, pdf: bytes, to: str, key: str) -> str:
        """One upload; Telnyx's id. Raises CarrierTrouble."""
        account = self._account
        fields = {
            "connection_id": account.connection_id,
            "to": to,
            "from": account.own_number,
            "quality": "high",
            "monochrome": "true",
            "client_state": base64.b64encode(key.encode()).decode(),
        }
        if account.callback_url:
            fields["webhook_url"] = account.callback_url
        files = {"contents": ("packet.pdf", pdf, "application/pdf")}
        fax = fax_of(await self._http.ask("POST", "/faxes", data=fields, files=files))
        if not is_id(fax.id):
            raise CarrierSilent("Telnyx's answer names no fax")
        return fax.id

    async def id_of(self, key: str, to: str = "") -> str | None:
        """The id of the newest fax with our key as its client state. Raises CarrierTrouble."""
        narrowed = {"filter[direction][eq]": "outbound"} | ({"filter[to][eq]": to} if to else {})
        listed = await self._list(narrowed, self._now() - _LISTED)
        return next((fax.id for fax in listed if fax.key == key and is_id(fax.id)), None)

    async def _list(self, narrowed: dict[str, str], since: datetime) -> list[TelnyxFax]:
        found: list[TelnyxFax] = []
        asked = narrowed | {"filter[created_at][gte]": since.isoformat(), "page[size]": str(_PAGE)}
        page, pages = 1, 1
        while page <= pages:
            answer = faxes_of(await self._http.ask("GET", "/faxes", params=asked | {"page[number]": str(page)}))
            found += answer.data
            page, pages = page + 1, answer.meta.total_pages
        return found

    async def status(self, reference: str) -> DeliveryStatus:
        """What Telnyx says of a packet. Raises CarrierTrouble while it does not answer."""
        named = read_reference(self.prefix, reference)
        fax_id = named and (named.id or await self.id_of(named.key))
        if not fax_id:
            return DeliveryStatus(DeliveryState.UNKNOWN, detail="Telnyx does not list this packet")
        try:
            return status_of(await self._fax(fax_id))
        except CarrierRefused as refused:
            if refused.status != 404:
                raise
            return DeliveryStatus(DeliveryState.UNKNOWN, detail="Telnyx does not know this packet any more")

    async def _fax(self, fax_id: str) -> TelnyxFax:
        return fax_of(await self._http.ask("GET", f"/faxes/{fax_id}"))

    async def find(self, key: str) -> str | None:
        """The reference of the packet that carries our key. Raises CarrierTrouble if Telnyx is down."""
        found = await self.id_of(key)
        return str(CloudReference(self.prefix, key, found)) if found else None

    async def cancel(self, reference: str) -> bool:
        """Take a packet back that is not yet being sent. Raises CarrierTrouble if Telnyx is down."""
        named = read_reference(self.prefix, reference)
        if named is None or not named.id:
            return False
        try:
            await self._http.ask("POST", f"/faxes/{named.id}/actions/cancel")
        except CarrierRefused:
            return False
        return True

    def fetch_received(self) -> AsyncIterator[ReceivedFax]:
        """Faxes that wait, fetched into our folder. Raises CarrierTrouble, or a group of them at the end."""
        return self._received.fetch_received()

    async def forget(self, source_id: str) -> None:
        """It is ours; it is deleted at Telnyx if the settings say so."""
        await self._received.forget(source_id)
        await asyncio.to_thread(self._announced.forget, source_id)

    async def received_since(self, since: datetime) -> list[CloudFax]:
        """Telnyx's list of what came in, with what its callbacks said of it."""
        listed = await self._list({"filter[direction][eq]": "inbound"}, since)
        told = await asyncio.to_thread(self._announced.all)
        found = [_received(fax, told.get(fax.id), since) for fax in listed if fax.status == "received"]
        return [fax for fax in found if fax.id in told or not self._awaits_callback(fax)]

    def _awaits_callback(self, fax: CloudFax) -> bool:
        return bool(self._account.callback_url) and self._now() - fax.at < _CALLBACK_FIRST

    async def download(self, fax: CloudFax, into: Path) -> None:
        """The pages; their address lives ten minutes and is renewed if it is over. Raises CarrierTrouble."""
        try:
            if fax.url:
                return await self._fetch(fax.url, into)
        except CarrierRefused as refused:
            _log.info("address of a received fax is renewed", extra={"fax_id": fax.id, "status": refused.status})
        await self._http.ask("POST", f"/faxes/{fax.id}/actions/refresh")
        return await self._fetch((await self._fax(fax.id)).media, into)

    async def _fetch(self, url: str, into: Path) -> None:
        await self._http.fetch(url, into, hosts=self._account.media_hosts, limit_bytes=FAX_LIMIT_BYTES)

    async def delete(self, fax_id: str) -> None:
        """Delete the fax at Telnyx. Raises CarrierTrouble."""
        await self._http.ask("DELETE", f"/faxes/{fax_id}")

    async def hear(self, callback: Callback) -> Told | None:
        """Read a signed callback; what it says of a received fax is kept until that is ours."""
        if not is_signed(callback, self._account.public_key, self._now()):
            return None
        event = event_of(callback.body)
        if event is None:
            return Told()
        if event.payload.direction == "inbound":
            return await self._announce(event)
        key = event.payload.key
        if not (key and is_id(event.payload.fax_id)):
            return Told()
        return Told(key, str(CloudReference(self.prefix, key, event.payload.fax_id)), status_of(event.as_fax()))

    async def _announce(self, event: TelnyxEvent) -> Told:
        payload = event.payload
        if event.event_type != "fax.received" or not is_id(payload.fax_id):
            return Told()
        said = Announcement(is_partial=payload.partial_content, sender=payload.caller_id)
        await asyncio.to_thread(self._announced.keep, payload.fax_id, said)
        return Told(brings_fax=True)


def _received(fax: TelnyxFax, told: Announcement | None, since: datetime) -> CloudFax:
    listed = CloudFax(
        id=fax.id,
        at=fax.updated_at or fax.created_at or since,
        sender=fax.sender,
        called=fax.to,
        is_partial=fax.partial_content,
        url=fax.media,
    )
    if told is None:
        return listed
    return replace(listed, is_partial=told.is_partial or fax.partial_content, sender=told.sender or fax.sender)
