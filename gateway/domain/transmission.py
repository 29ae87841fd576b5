"""One sending of one packet: committed before the carrier hears of it, kept for ever after."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from config.vocabulary import Channel


class TransmissionState(StrEnum):
    """`SENDING` is never sent again by itself: it is looked up at the carrier, or becomes `UNCERTAIN`."""

    INTENDED = "intended"
    SENDING = "sending"  # committed just before the point of no return
    ACCEPTED = "accepted"  # the carrier holds it
    DELIVERED = "delivered"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"


class Purpose(StrEnum):
    """Why it is sent."""

    REQUEST = "request"
    SECOND_REQUEST = "second_request"
    NUMBER_TEST = "number_test"  # a page without patient data, to see who answers


T = TransmissionState
ENDED = frozenset({T.DELIVERED, T.FAILED, T.CANCELLED, T.UNCERTAIN})


@dataclass(frozen=True, slots=True)
class Transmission:
    """A row of the sending ledger. `ordinal` counts within the referral and is printed in the code."""

    id: int
    referral_id: int
    ordinal: int
    purpose: Purpose
    channel: Channel
    destination: str
    key: str  # idempotency key and, for email, the stable Message-ID's left part
    state: TransmissionState
    requested_by: str
    created_at: datetime
    next_attempt_at: datetime | None = None
    attempts: int = 0  # times handed to the carrier
    dials: int = 0  # attempts the carrier itself made
    packet_sha256: str = ""
    pages: int = 0
    pages_confirmed: int = 0
    carrier: str = ""
    carrier_reference: str = ""
    cause: str = ""
    is_simulated: bool = False
    submitted_at: datetime | None = None
    ended_at: datetime | None = None
    lease_until: datetime | None = None
