"""What the endpoints work with: the very use cases behind the pages and the command line."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.services.access.access import Access
from gateway.services.intake import TakeIntake
from gateway.services.keep_directory import KeepDirectory
from gateway.services.ports import Clock, Store
from gateway.services.receive_document import ReceiveDocument
from gateway.services.reports.reports import Reports
from gateway.services.work_questions import ReadTransaction
from gateway.web.api.shelf import UploadShelf
from gateway.web.entry_desk import EntryDesk
from gateway.web.house import House
from gateway.web.live import Live
from gateway.web.one_referral import OneReferral
from gateway.web.review_desk import ReviewDesk
from gateway.web.work_desk import WorkDesk


@dataclass(frozen=True, slots=True)
class ApiDesk:
    """Everything an endpoint may use. `something_is_due` wakes whoever sends packets."""

    access: Access
    house: House
    referral: OneReferral
    review: ReviewDesk
    entry: EntryDesk
    work: WorkDesk
    reports: Reports
    intake: TakeIntake
    door: ReceiveDocument
    directory: KeepDirectory
    uploads: UploadShelf
    live: Live
    heard_seconds_ago: Callable[[], Mapping[str, float]]
    something_is_due: Callable[[], None]

    @property
    def store(self) -> Store:
        """The clinic's rows."""
        return self.review.store

    @property
    def clock(self) -> Clock:
        """The pages' clock."""
        return self.review.clock

    def reading(self) -> AbstractContextManager[ReadTransaction]:
        """One moment of the rows for lists: no writer waits."""
        return self.referral.desk.store.reading()

    @property
    def tiers(self) -> tuple[str, ...]:
        """The policy's urgencies, the strictest first."""
        return tuple(self.referral.change.rules.policy.tiers)

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's: times on paper are local."""
        return self.review.zone


def api_desk(
    referral: OneReferral,
    access: Access,
    house: House,
    review: ReviewDesk,
    entry: EntryDesk,
    *,
    reports: Reports,
    live: Live,
    heard_seconds_ago: Callable[[], Mapping[str, float]],
    something_is_due: Callable[[], None],
) -> ApiDesk:
    """From what the pages work with."""
    store, vault, clock = review.store, review.vault, review.clock
    return ApiDesk(
        access=access,
        house=house,
        referral=referral,
        review=review,
        entry=entry,
        work=WorkDesk(referral.desk, house.clinic),
        reports=reports,
        intake=TakeIntake(store, vault, clock, referral.change.rules),
        door=ReceiveDocument(store, vault, clock, review.rearrange.ring_reader),
        directory=entry.directory,
        uploads=UploadShelf(_uploads(referral.desk.data_dir), clock),
        live=live,
        heard_seconds_ago=heard_seconds_ago,
        something_is_due=something_is_due,
    )


def _uploads(data_dir: Path) -> Path:
    return data_dir / "uploads"
