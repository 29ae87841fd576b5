"""SignalWire as a carrier, through its Twilio-compatible fax API (Twilio itself ended fax on 17 December 2021).

SignalWire fetches what it is to send, so the clinic needs a public address. No packet bears a key there: it is
recognised by the address it was fetched from, where SignalWire lists that; else nobody can look it up.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from outbound.callbacks import Callback, Told
from outbound.carriers.announced import Announced, Announcement
from outbound.carriers.cloud_http import CloudHttp
from outbound.carriers.cloud_received import FAX_LIMIT_BYTES, CloudFax, CloudReceived
from outbound.carriers.cloud_sending import CloudReference, hand_over, is_id, read_reference
from outbound.carriers.media_shelf import MediaShelf
from outbound.carriers.signalwire_api import SignalWireApi
from outbound.carriers.signalwire_callbacks import Heard, hear
from outbound.carriers.signalwire_words import SignalWireFax, fax_of, faxes_of, status_of
from outbound.errors import CarrierRefused, CarrierSilent
from outbound.sender import (
    Accepted,
    Capabilities,
    Commit,
    DeliveryState,
    DeliveryStatus,
    Outcome,
    Packet,
    ReceivedFax,
    Unknown,
)

_LISTED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SignalWireAccount:
    """A project of one space, and the signing key under which the space calls back."""

    url: str
    project_id: str
    token: str
    own_number: str
    signing_key: str = ""
    media_hosts: tuple[str, ...] = ("files.signalwire.com",)
    callback_url: str = ""  # where SignalWire may call; empty: nowhere


class SignalWireSender:
    """Sender, inbox and callback reader of one SignalWire project."""

    prefix = "SW"

    def __init__(
        self,
        account: SignalWireAccount,
        folder: Path,
        shelf: MediaShelf,
        now: Callable[[], datetime],
        *,
        deletes_after_receipt: bool,
    ) -> None:
        self._account = account
        self._shelf = shelf
        self._now = now
        self._http = CloudHttp(account.url, auth=(account.project_id, account.token))
        self._api = SignalWireApi(self._http, account.project_id, account.token)
        self._announced = Announced(folder / "announced")
        self._received = CloudReceived(self, folder, now, deletes_after_receipt=deletes_after_receipt)

    @property
    def name(self) -> str:
        """As in the settings."""
        return "signalwire"

    @property
    def capabilities(self) -> Capabilities:
        """A key that is not found may be there all the same: no list is promised to show where a packet came from."""
        return Capabilities(
            finds_by_key=False, reports_delivery=True, retries_itself=False, receives=True, least_poll_s=15.0
        )

    async def submit(self, packet: Packet, to: str, key: str, commit: Commit) -> Outcome:
        """Lay the packet out and have it fetched. Once it was fetched, the order was taken, whoever was silent."""
        outcome = await hand_over(self, packet, to, key, commit)
        if isinstance(outcome, Unknown) and await asyncio.to_thread(self._shelf.was_fetched, key):
            return Accepted(str(CloudReference(self.prefix, key)))
        return outcome

    async def post(self, pdf: bytes, to: str, key: str) -> str:
        """One order; SignalWire's id. Raises CarrierTrouble."""
        address = await asyncio.to_thread(self._shelf.offer, pdf, key)
        fields = {"MediaUrl": address, "To": to, "From": self._account.own_number, "Quality": "fine"}
        if self._account.callback_url:
            fields |= {"StatusCallback": f"{self._account.callback_url}?key={key}", "StatusCallbackMethod": "POST"}
        fax = fax_of(await self._api.ask("POST", "/Faxes", fields))
        if not is_id(fax.sid):
            raise CarrierSilent("SignalWire's answer names no fax")
        return fax.sid

    async def id_of(self, key: str, to: str = "") -> str | None:
        """The id of the newest fax that was fetched from the key's address, if listed. Raises CarrierTrouble."""
        narrowed = {"From": self._account.own_number} | ({"To": to} if to else {})
        listed = await self._list(narrowed, self._now() - _LISTED)
        return next((f.sid for f in listed if self._shelf.is_address_of(key, f.media_url) and is_id(f.sid)), None)

    async def _list(self, narrowed: dict[str, str], since: datetime) -> list[SignalWireFax]:
        asked = narrowed | {"DateCreatedAfter": since.strftime("%Y-%m-%dT%H:%M:%SZ"), "PageSize": "100"}
        page = faxes_of(await self._api.ask("GET", "/Faxes", asked))
        found = list(page.faxes)
        while page.next_page_uri and page.next_page_uri.startswith("/api/"):
            page = faxes_of(await self._api.ask("GET", page.next_page_uri))
            found += page.faxes
        return found

    async def status(self, reference: str) -> DeliveryStatus:
        """What SignalWire says of a packet. Raises CarrierTrouble while it does not answer."""
        named = read_reference(self.prefix, reference)
        if named is None:
            return DeliveryStatus(DeliveryState.UNKNOWN, detail="this is no packet of SignalWire's")
        sid = named.id or await self.id_of(named.key)
        if not sid:
            return DeliveryStatus(DeliveryState.SENDING, detail="SignalWire has not named this packet yet")
        try:
            return status_of(fax_of(await self._api.ask("GET", f"/Faxes/{sid}")))
        except CarrierRefused as refused:
            if refused.status != 404:
                raise
            return DeliveryStatus(DeliveryState.UNKNOWN, detail="SignalWire does not know this packet any more")

    async def find(self, key: str) -> str | None:
        """The reference of the packet, if the list or its being fetched shows it; None is no sure no."""
        found = await self.id_of(key)
        if found is None and not await asyncio.to_thread(self._shelf.was_fetched, key):
            return None
        return str(CloudReference(self.prefix, key, found or ""))

    async def cancel(self, reference: str) -> bool:
        """Take a packet back that is still queued. Raises CarrierTrouble if SignalWire is down."""
        named = read_reference(self.prefix, reference)
        if named is None or not named.id:
            return False
        try:
            fax = fax_of(await self._api.ask("POST", f"/Faxes/{named.id}", {"Status": "canceled"}))
        except CarrierRefused:
            return False
        return fax.status == "canceled"

    def fetch_received(self) -> AsyncIterator[ReceivedFax]:
        """Faxes that wait, fetched into our folder. Raises CarrierTrouble, or a group of them at the end."""
        return self._received.fetch_received()

    async def forget(self, source_id: str) -> None:
        """It is ours; it is deleted at SignalWire, which else keeps it for ever, if the settings say so."""
        await self._received.forget(source_id)
        await asyncio.to_thread(self._announced.forget, source_id)

    async def received_since(self, since: datetime) -> list[CloudFax]:
        """SignalWire's list of what came in. One that failed but left pages was cut off."""
        listed = await self._list({"To": self._account.own_number}, since)
        told = await asyncio.to_thread(self._announced.all)
        return [
            CloudFax(
                id=fax.sid,
                at=fax.date_updated or fax.date_created or since,
                sender=fax.sender,
                called=fax.to,
                station_id=told.get(fax.sid, Announcement()).station_id,
                is_partial=fax.status == "failed",
                url=self._whole(fax.media_url),
            )
            for fax in listed
            if fax.direction == "inbound" and fax.media_url and fax.status in ("received", "failed")
        ]

    def _whole(self, url: str) -> str:
        return f"{self._http.base_url}{url}" if url.startswith("/") else url

    async def download(self, fax: CloudFax, into: Path) -> None:
        """The pages; the file host is asked without our token first. Raises CarrierTrouble."""
        try:
            await self._fetch(fax.url, into, {})
        except CarrierRefused as refused:
            if refused.status not in (401, 403):
                raise
            await self._fetch(fax.url, into, {"Authorization": f"Bearer {self._account.token}"})

    async def _fetch(self, url: str, into: Path, headers: dict[str, str]) -> None:
        hosts = self._account.media_hosts
        await self._http.fetch(url, into, hosts=hosts, limit_bytes=FAX_LIMIT_BYTES, headers=headers)

    async def delete(self, fax_id: str) -> None:
        """Delete the fax and its pages at SignalWire. Raises CarrierTrouble."""
        await self._api.ask("DELETE", f"/Faxes/{fax_id}")

    async def hear(self, callback: Callback) -> Told | None:
        """Read a signed callback; what it says of a received fax is kept until that is ours."""
        account = self._account
        heard = hear(callback, account.signing_key, account.own_number, account.callback_url)
        if heard is None or heard.received is None:
            return heard.told if heard else None
        return await self._announce(heard, heard.received)

    async def _announce(self, heard: Heard, fax: SignalWireFax) -> Told:
        said = Announcement(is_partial=fax.status == "failed", sender=fax.sender, station_id=heard.station_id)
        await asyncio.to_thread(self._announced.keep, fax.sid, said)
        return replace(heard.told, brings_fax=True)
