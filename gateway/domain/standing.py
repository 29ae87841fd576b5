"""Where a referral stands, as it can be put back after a document was filed on the wrong one. Pure.

History is never undone: putting back is one more change, with its own event.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from config.policy import Clock
from gateway.domain.referral import Referral, Status


@dataclass(frozen=True, slots=True)
class Standing:
    """The part of a referral that an answer changes."""

    status: Status
    status_since: datetime
    clock: Clock | None
    clock_started_at: datetime | None
    rung: int
    due_at: datetime | None
    appointment_at: datetime | None
    escalated_at: datetime | None
    closed_at: datetime | None

    @classmethod
    def of(cls, referral: Referral) -> "Standing":
        """As the referral stands now."""
        return cls(**{field.name: getattr(referral, field.name) for field in fields(cls)})

    def put_on(self, referral: Referral) -> Referral:
        """The referral as it stood then."""
        kept: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(referral, **kept)

    def is_that_of(self, referral: Referral) -> bool:
        """Whether nothing has moved the referral since; the chase may have reminded meanwhile."""
        now = Standing.of(referral)
        return (now.status, now.status_since, now.appointment_at) == (
            self.status,
            self.status_since,
            self.appointment_at,
        )


@dataclass(frozen=True, slots=True)
class FilingEffect:
    """What filing one document on one referral changed: all that taking it back needs."""

    before: Standing
    after: Standing
    opened_tasks: tuple[int, ...] = ()
    closed_tasks: tuple[int, ...] = ()
    confirmed_recipient: int | None = None  # whose number this answer was the first to confirm
    withdrawn: tuple[int, ...] = ()  # packets that were only intended, and called back by it
