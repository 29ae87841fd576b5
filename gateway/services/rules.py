"""What the clinic decided beforehand: the values every use case follows. No behaviour."""

from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from config.policy import Policy
from config.vocabulary import Channel
from gateway.domain.calendar import Calendar
from gateway.domain.matching.decide import Thresholds


@dataclass(frozen=True, slots=True)
class Rules:
    """Policy, calendar and thresholds in force."""

    policy: Policy
    calendar: Calendar
    zone: ZoneInfo
    thresholds: Thresholds = field(default_factory=Thresholds)
    tests_unconfirmed_numbers: bool = False
    """Send a page without patient data before the first packet to a number nobody has confirmed."""
    carrier_patience: timedelta = timedelta(hours=4)
    """How long a carrier may keep silent about a packet it accepted before staff are asked."""
    set_aside_after: int = 3
    """So many packets in a row that a fax number did not take, and it is dialled no more."""
    channels: frozenset[Channel] = frozenset(Channel)
    """The channels the clinic has a line for."""
    discarded_for: timedelta = timedelta(days=30)
    """How long discarded documents keep their bytes; the one stated policy that ever deletes."""
