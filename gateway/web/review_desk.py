"""What the pages of the review queue work with: the store to ask, and the use cases that change it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.services.page_pictures import PagePictures
from gateway.services.ports import Clock, Store, Vault
from gateway.services.queue_marks import QueueMarks
from gateway.services.rearrange import Rearrange
from gateway.services.settle_review import SettleReview
from gateway.services.take_back import TakeBack


@dataclass(frozen=True, slots=True)
class ReviewDesk:
    """Everything a page of the queue may use."""

    store: Store
    vault: Vault
    clock: Clock
    zone: ZoneInfo
    discarded_for: timedelta
    settle: SettleReview
    marks: QueueMarks
    undo: TakeBack
    pictures: PagePictures
    rearrange: Rearrange
    settled: Callable[[], None]  # a referral may have moved: what is due is looked at

    def said(self, at: datetime | None) -> str:
        """A time in the clinic's own zone; the year only where it is another."""
        if at is None:
            return ""
        local, now = at.astimezone(self.zone), self.clock.now().astimezone(self.zone)
        return f"{local:%b %d, %H:%M}" if local.year == now.year else f"{local:%Y %b %d, %H:%M}"
