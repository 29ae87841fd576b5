"""Sinch Fax (API v3) as a carrier: packets are uploaded, all is learned by asking, so it works behind a clinic's NAT.

A packet carries our key as its label. Sinch is told not to dial again: retries are the caller's. What Sinch calls us
back with bears no signature and is only a reason to ask: docs/cloud-fax.md.
"""

import base64
import hmac
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

from outbound.callbacks import Callback, Told
from outbound.carriers.cloud_http import CloudHttp
from outbound.carriers.cloud_received import FAX_LIMIT_BYTES, CloudFax, CloudReceived
from outbound.carriers.cloud_sending import CloudReference, hand_over, is_id, read_reference
from outbound.carriers.sinch_words import SinchFax, fax_of, faxes_of, status_of
from outbound.errors import CarrierRefused, CarrierSilent
from outbound.sender import Capabilities, Commit, DeliveryState, DeliveryStatus, Outcome, Packet, ReceivedFax

LABEL = "referloop"
_PAGE = 1000
_LISTED = timedelta(days=30)
_HEADER_CHARS = 50
_USER = "referloop"


@dataclass(frozen=True, slots=True)
class SinchAccount:
    """A project's access key, and what Sinch prints on the header line that it puts on every page by itself."""

    project_id: str
    key_id: str
    key_secret: str
    own_number: str
    header: str
    zone: str
    url: str = "https://fax.api.sinch.com"
    callback_url: str = ""  # where Sinch may call; empty: nowhere
    callback_password: str = ""


class SinchSender:
    """Sender, inbox and callback reader of one Sinch project."""

    prefix = "SI"

    def __init__(
        self, account: SinchAccount, folder: Path, now: Callable[[], datetime], *, deletes_after_receipt: bool
    ) -> None:
        self._account = account
        self._now = now
        self._http = CloudHttp(account.url, auth=(account.key_id, account.key_secret))
        self._faxes = f"/v3/projects/{quote(account.project_id, safe='')}/faxes"
        self._received = CloudReceived(self, folder, now, deletes_after_receipt=deletes_after_receipt)

    @property
    def name(self) -> str:
        """As in the settings."""
        return "sinch"

    @property
    def capabilities(self) -> Capabilities:
        """A packet is found by its label; Sinch is told not to retry."""
        return Capabilities(
            finds_by_key=True,
            reports_delivery=True,
            retries_itself=False,
            receives=True,
            settles_s=120.0,
            least_poll_s=15.0,
        )

    async def submit(self, packet: Packet, to: str, key: str, commit: Commit) -> Outcome:
        """Upload the packet; under a key that Sinch lists already, nothing is sent again."""
        return await hand_over(self, packet, to, key, commit)

    async def post(self, pdf: bytes, to: str, key: str) -> str:
        """One upload; Sinch's id. Raises CarrierTrouble."""
        account = self._account
        fields = {
            "to": to,
            "from": account.own_number,
            f"labels[{LABEL}]": key,
            "headerText": account.header[:_HEADER_CHARS],
            "headerTimeZone": account.zone,
            "headerPageNumbers": "true",
            "resolution": "FINE",
            "imageConversionMethod": "MONOCHROME",
            "maxRetries": "0",
        }
        if account.callback_url:
            fields |= {"callbackUrl": self._callback_url(), "callbackUrlContentType": "application/json"}
        files = {"file": ("packet.pdf", pdf, "application/pdf")}
        answer = fax_of(await self._http.ask("POST", self._faxes, data=fields, files=files))
        if not is_id(answer.id):
            raise CarrierSilent("Sinch's answer names no fax")
        return answer.id

    def _callback_url(self) -> str:
        """With the name and password that Sinch then calls with, for want of a signature."""
        parts = urlsplit(self._account.callback_url)
        login = f"{_USER}:{quote(self._account.callback_password, safe='')}"
        return parts._replace(netloc=f"{login}@{parts.netloc}").geturl()

    async def id_of(self, key: str, to: str = "") -> str | None:
        """The id of the newest fax labelled with our key. Raises CarrierTrouble."""
        narrowed = {"direction": "OUTBOUND"} | ({"to": to} if to else {})
        listed = await self._list(narrowed, self._now() - _LISTED)
        return next((fax.id for fax in listed if fax.labels.get(LABEL) == key and is_id(fax.id)), None)

    async def _list(self, narrowed: dict[str, str], since: datetime) -> list[SinchFax]:
        """Every page of the list; Sinch's filters compare by the operator in the parameter's name."""
        found: list[SinchFax] = []
        asked = narrowed | {"createTime>": since.strftime("%Y-%m-%dT%H:%M:%SZ"), "pageSize": str(_PAGE)}
        page, pages = 1, 1
        while page <= pages:
            answer = faxes_of(await self._http.ask("GET", self._faxes, params=asked | {"page": str(page)}))
            found += answer.faxes
            page, pages = page + 1, answer.totalPages
        return found

    async def status(self, reference: str) -> DeliveryStatus:
        """What Sinch says of a packet. Raises CarrierTrouble while it does not answer."""
        known = await self._known(reference)
        if known is None:
            return DeliveryStatus(DeliveryState.UNKNOWN, detail="Sinch does not list this packet")
        try:
            return status_of(fax_of(await self._http.ask("GET", f"{self._faxes}/{known.id}")))
        except CarrierRefused as refused:
            if refused.status != 404:
                raise
            return DeliveryStatus(DeliveryState.UNKNOWN, detail="Sinch does not know this packet any more")

    async def _known(self, reference: str) -> CloudReference | None:
        named = read_reference(self.prefix, reference)
        if named is None or named.id:
            return named
        found = await self.id_of(named.key)
        return CloudReference(self.prefix, named.key, found) if found else None

    async def find(self, key: str) -> str | None:
        """The reference of the packet labelled with our key. Raises CarrierTrouble if Sinch is down."""
        found = await self.id_of(key)
        return str(CloudReference(self.prefix, key, found)) if found else None

    async def cancel(self, reference: str) -> bool:
        """Sinch's API takes nothing back."""
        return False

    def fetch_received(self) -> AsyncIterator[ReceivedFax]:
        """Faxes that wait, fetched into our folder. Raises CarrierTrouble, or a group of them at the end."""
        return self._received.fetch_received()

    async def forget(self, source_id: str) -> None:
        """It is ours; its pages are deleted at Sinch if the settings say so."""
        await self._received.forget(source_id)

    async def received_since(self, since: datetime) -> list[CloudFax]:
        """Sinch's list of what came in. One that failed but left pages was cut off."""
        listed = await self._list({"direction": "INBOUND"}, since)
        return [
            CloudFax(
                id=fax.id,
                at=fax.completedTime or fax.createTime or since,
                sender=fax.sender,
                called=fax.to,
                is_partial=fax.status == "FAILURE",
            )
            for fax in listed
            if fax.has_pages
        ]

    async def download(self, fax: CloudFax, into: Path) -> None:
        """The pages, from the API itself. Raises CarrierTrouble."""
        url = f"{self._http.base_url}{self._faxes}/{fax.id}/file"
        await self._http.fetch(url, into, hosts=(), limit_bytes=FAX_LIMIT_BYTES)

    async def delete(self, fax_id: str) -> None:
        """Delete the pages at Sinch; its log of the call stays. Raises CarrierTrouble."""
        await self._http.ask("DELETE", f"{self._faxes}/{fax_id}/file")

    async def hear(self, callback: Callback) -> Told | None:
        """Whoever knows the password may make us ask; what the body says is not read."""
        expected = base64.b64encode(f"{_USER}:{self._account.callback_password}".encode()).decode()
        given = callback.headers.get("authorization", "")
        is_known = hmac.compare_digest(given.encode(), f"Basic {expected}".encode())
        return Told(brings_fax=True) if is_known and self._account.callback_password else None
