"""Fax-by-email services as a carrier: the packet is mailed to NUMBER@service, which dials.

Nothing can be asked there, so a packet stays accepted until the service's own mail says how it went; that mail comes
through the mailbox. The service decides by the sender's address who may fax, and dials again by itself.
"""

import asyncio
import re
from dataclasses import dataclass, replace
from pathlib import Path

from outbound.fax_pdf import fax_pdf
from outbound.mail import SmtpAccount, SmtpSender
from outbound.sender import Capabilities, Commit, Deferred, DeliveryState, DeliveryStatus, Outcome, Packet, Refused

_NUMBER = re.compile(r"\+([1-9][0-9]{6,14})", re.ASCII)
_BODY = "Please fax the attached PDF."


@dataclass(frozen=True, slots=True)
class FaxService:
    """How a service wants to be written to. Patterns hold {number} (+15085550199), {digits} or {own_number}."""

    address: str
    subject: str
    own_number: str


class FaxByEmail:
    """Sends faxes through one service and the clinic's mail server."""

    def __init__(self, service: FaxService, account: SmtpAccount) -> None:
        self._service = service
        self._smtp = SmtpSender(account)

    @property
    def name(self) -> str:
        """As in the settings."""
        return "email"

    @property
    def capabilities(self) -> Capabilities:
        """A mail server neither looks up nor reports; the service retries."""
        return Capabilities(finds_by_key=False, reports_delivery=False, retries_itself=True, receives=False)

    async def submit(self, packet: Packet, to: str, key: str, commit: Commit) -> Outcome:
        """Mail the packet's pages as PDF. The reference is the Message-ID."""
        number = _NUMBER.fullmatch(to)
        if number is None:
            return Refused(f"{to!r} is not a fax number in E.164")
        pdf = packet.path.with_suffix(".fax.pdf")
        try:
            pages = await asyncio.to_thread(_write_pdf, packet.path, pdf)
        except ValueError as error:
            return Refused(f"the packet is not a fax: {error}")
        except OSError as error:
            return Deferred(f"the packet could not be read: {error.strerror}")
        said = {"number": to, "digits": number[1], "own_number": self._service.own_number}
        mail = replace(
            packet,
            path=pdf,
            media_type="application/pdf",
            pages=pages,
            subject=self._service.subject.format_map(said | {"reference": packet.reference}),
            body=_BODY,
        )
        try:
            return await self._smtp.submit(mail, self._service.address.format_map(said), key, commit)
        finally:
            await asyncio.to_thread(pdf.unlink, missing_ok=True)

    async def status(self, reference: str) -> DeliveryStatus:
        """Never more than that the service has it: the rest comes as mail."""
        return DeliveryStatus(DeliveryState.SENDING, detail="the service tells by mail how it went")

    async def find(self, key: str) -> str | None:
        """Nothing can be found: `finds_by_key` is False, and None is no answer here."""
        return None

    async def cancel(self, reference: str) -> bool:
        """A mail handed over cannot be called back."""
        return False


def _write_pdf(tiff: Path, pdf: Path) -> int:
    data, pages = fax_pdf(tiff)
    pdf.write_bytes(data)
    return pages
