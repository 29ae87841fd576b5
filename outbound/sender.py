"""The one contract between the daemon and every carrier.

A carrier is handed one packet, once; retrying is the caller's decision, because only the caller
knows what was committed. Outcomes that a carrier can expect are values; surprises are exceptions.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Packet:
    """What goes over the wire: a file already rendered for the channel, and its page count."""

    path: Path
    media_type: str  # image/tiff for fax, application/pdf for email
    pages: int
    reference: str  # the referral number as printed
    subject: str = ""  # email only; no patient data
    body: str = ""  # email only; no patient data
    token: str = ""  # reply token: a signed page-code text without a page, for Reply-To and a header
    password: str = ""  # email only; non-empty: the PDF is already encrypted with it (told by other means)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier holds the packet; `reference` finds it there again."""

    reference: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not taken, nothing sent; may work later. `cause` is for staff."""

    cause: str
    retry_after_s: float = 0.0  # the carrier asked for so much patience at least
    counts: bool = True  # False: its turn had not come, or nobody could be sent to; not a failed try


@dataclass(frozen=True, slots=True)
class Refused:
    """Not taken and will not be: a person must change something."""

    cause: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been taken or even printed; nobody here can know."""

    cause: str


Outcome = Accepted | Deferred | Refused | Unknown


class DeliveryState(StrEnum):
    """Where a packet is at the carrier. The last four are final."""

    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Cause(StrEnum):
    """Why a delivery failed, in the classes that decide what happens next."""

    NONE = "none"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    LINE = "line"  # line trouble; `pages_confirmed` says how far it came
    NOT_A_FAX = "not_a_fax"  # a voice answered
    WRONG_NUMBER = "wrong_number"
    REJECTED = "rejected"
    SERVER = "server"  # the carrier's own trouble before it dialled: nothing was sent
    OTHER = "other"

    def may_work_later(self, *, was_dialled_again: bool) -> bool:
        """Busy, no answer and line trouble pass, unless the carrier itself dialled again as often as is sensible.

        Its own trouble before any call passes; a voice, a wrong number and a refusal do not.
        """
        return self is Cause.SERVER or (self in (Cause.BUSY, Cause.NO_ANSWER, Cause.LINE) and not was_dialled_again)


@dataclass(frozen=True, slots=True)
class Price:
    """What the carrier charges for one packet, in its own words: a decimal amount and an ISO 4217 currency."""

    amount: str
    currency: str


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """What the carrier says of one submitted packet.

    `pages_confirmed` is None where the carrier reports an end without a count of pages.
    """

    state: DeliveryState
    pages_confirmed: int | None = 0
    attempts: int = 0
    cause: Cause = Cause.NONE
    detail: str = ""  # the carrier's own words; no patient data
    is_simulated: bool = False
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a carrier can do; the daemon asks instead of guessing."""

    finds_by_key: bool  # after a crash, find(key) is a sure yes or no
    reports_delivery: bool  # status() reaches DELIVERED or FAILED by itself
    retries_itself: bool
    receives: bool
    settles_s: float = 0.0  # find's no is sure only so long after the packet was handed over
    least_poll_s: float = 0.0  # received faxes are not asked for more often: the carrier limits requests


@dataclass(frozen=True, slots=True)
class ReceivedFax:
    """A fax that waits at the carrier. `source_id` is unique for ever within the carrier."""

    source_id: str
    path: Path
    sender_number: str = ""  # caller id, E.164 where known
    station_id: str = ""  # TSI: the sending machine's own word
    called_number: str = ""
    received_at: datetime | None = None
    is_partial: bool = False


Commit = Callable[[str], Awaitable[None]]
"""Called with the packet's reference just before the point of no return; the sender waits for it.

A carrier that gives a reference only in its answer commits one made of the key; both find the packet.
"""


class Sender(Protocol):
    """Hand one packet to one network, once."""

    @property
    def name(self) -> str:
        """The carrier's name in settings and events."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What this carrier can do."""
        ...

    async def submit(self, packet: Packet, to: str, key: str, commit: Commit) -> Outcome:
        """Send `packet` to a number (E.164) or address under our idempotency `key`.

        Before the moment after which the packet may reach the recipient, awaits `commit(reference)`;
        if that raises, nothing has been sent.
        """
        ...

    async def status(self, reference: str) -> DeliveryStatus:
        """Where a submitted packet is now."""
        ...

    async def find(self, key: str) -> str | None:
        """The reference of what was submitted under `key`; None if nothing is found.

        Whether None is a sure no, the capabilities say.
        """
        ...

    async def cancel(self, reference: str) -> bool:
        """Stop a packet that is not yet sent; False if it is too late."""
        ...


class FaxInbox(Protocol):
    """A carrier that also receives."""

    def fetch_received(self) -> AsyncIterator[ReceivedFax]:
        """Faxes that wait, oldest first; each stays until `forget`."""
        ...

    async def forget(self, source_id: str) -> None:
        """Our store holds it durably: the carrier may drop its copy."""
        ...
