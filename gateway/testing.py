"""Shipped fakes for tests: a store in memory, a clock that stands still, a sender that keeps what it was given."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.storage.store import SqlStore
from outbound.sender import Accepted, Capabilities, Commit, DeliveryState, DeliveryStatus, Outcome, Packet, Unknown


def memory_store() -> SqlStore:
    """The real store, on SQLite in memory, its schema up to date. Close it when done."""
    return SqlStore.open("sqlite://")


@dataclass(slots=True)
class FixedClock:
    """Says the same time until it is told to advance; aware UTC."""

    at: datetime

    def now(self) -> datetime:
        """The time it stands at."""
        return self.at

    def advance(self, by: timedelta) -> datetime:
        """Move on, and say the new time."""
        self.at += by
        return self.at


@dataclass(frozen=True, slots=True)
class Sent:
    """One call of `submit`."""

    packet: Packet
    to: str
    key: str


@dataclass(slots=True)
class RecordingSender:
    """A carrier by script: its outcomes in order, then Accepted for ever; see `outbound.sender.Sender`.

    As a real one it awaits `commit` before a packet counts as sent, so a packet whose commit failed is not in
    `sent`; Refused and Deferred are told without it, as nothing has left. `fates` holds what `status` answers.
    """

    outcomes: Iterable[Outcome] = ()
    name: str = "recording"
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities(
            finds_by_key=True, reports_delivery=True, retries_itself=False, receives=False
        )
    )
    sent: list[Sent] = field(default_factory=list[Sent])
    fates: dict[str, DeliveryStatus] = field(default_factory=dict[str, DeliveryStatus])
    cancelled: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.outcomes = iter(self.outcomes)

    async def submit(self, packet: Packet, to: str, key: str, commit: Commit) -> Outcome:
        """The next scripted outcome; the reference is made of the key."""
        reference = f"ref-{key}"
        outcome = next(iter(self.outcomes), Accepted(reference))
        if isinstance(outcome, Accepted | Unknown):
            await commit(reference)
            self.sent.append(Sent(packet, to, key))
        return outcome

    async def status(self, reference: str) -> DeliveryStatus:
        """What `fates` says, else still on its way."""
        return self.fates.get(reference, DeliveryStatus(DeliveryState.SENDING))

    async def find(self, key: str) -> str | None:
        """The reference of what was sent under the key."""
        return next((f"ref-{sent.key}" for sent in self.sent if sent.key == key), None)

    async def cancel(self, reference: str) -> bool:
        """Too late once its fate is final."""
        state = self.fates.get(reference, DeliveryStatus(DeliveryState.SENDING)).state
        if state not in (DeliveryState.QUEUED, DeliveryState.SENDING):
            return False
        self.cancelled.append(reference)
        return True
