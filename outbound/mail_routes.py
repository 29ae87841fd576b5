"""Several mailboxes that send: which of them writes to whom. Each keeps its own server, sender and replies."""

from collections.abc import Sequence
from dataclasses import dataclass

from outbound.mail import SmtpSender
from outbound.sender import Capabilities, Commit, DeliveryStatus, Outcome, Packet


@dataclass(frozen=True, slots=True)
class MailRoute:
    """Domains (`.direct.example` means all below it) and who writes to them."""

    domains: tuple[str, ...]
    sender: SmtpSender

    def leads_to(self, address: str) -> bool:
        """Whether an address is one of its domains'."""
        domain = address.rpartition("@")[2].lower()
        return any(domain.endswith(one) if one.startswith(".") else domain == one for one in self.domains)


class MailRoutes:
    """A `Sender` that hands each packet to the mailbox whose domains name its recipient, else to the first one."""

    def __init__(self, first: SmtpSender, routes: Sequence[MailRoute]) -> None:
        self._first = first
        self._routes = routes

    @property
    def name(self) -> str:
        """As in the settings."""
        return self._first.name

    @property
    def capabilities(self) -> Capabilities:
        """Those of every mail server."""
        return self._first.capabilities

    async def submit(self, packet: Packet, to: str, key: str, commit: Commit) -> Outcome:
        """As `SmtpSender`, from the mailbox that writes there; a packet sent again goes the same way."""
        return await self._for(to).submit(packet, to, key, commit)

    async def status(self, reference: str) -> DeliveryStatus:
        """Mail servers do not say."""
        return await self._first.status(reference)

    async def find(self, key: str) -> str | None:
        """Mail servers cannot say."""
        return await self._first.find(key)

    async def cancel(self, reference: str) -> bool:
        """A mail handed over cannot be called back."""
        return await self._first.cancel(reference)

    def _for(self, to: str) -> SmtpSender:
        return next((route.sender for route in self._routes if route.leads_to(to)), self._first)
