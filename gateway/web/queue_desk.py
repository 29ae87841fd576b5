"""The lists of the review queue as views, read in threads."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.reference import format_number
from config.vocabulary import Channel, DocumentKind
from gateway.domain.arrival import Arrival, PartState
from gateway.errors import NotFound
from gateway.services.board_questions import FilteredList, SavedFilter
from gateway.services.keep_filter import KeepFilter
from gateway.services.queue_questions import Named, Place, Settled, Tally, Waiting, Whose
from gateway.services.retry_reading import stuck_files
from gateway.web.queue_filters import UNREADABLE, Filters
from gateway.web.queue_views import (
    BlockedRow,
    Choice,
    Done,
    ItemRow,
    KeptFilter,
    QueueList,
    SettledList,
    SettledRow,
    StuckFile,
    Tab,
)
from gateway.web.review_desk import ReviewDesk
from gateway.web.words import spaced, span_in_words

_ROWS = 50
_STUCK = timedelta(days=2)
"""A document that waits longer is marked: somebody's answer lies there."""
_SETTLED = {"filed": PartState.FILED, "kept": PartState.KEPT, "trash": PartState.DISCARDED}


@dataclass(frozen=True, slots=True)
class QueueDesk:
    """Answers the list pages' questions."""

    desk: ReviewDesk

    @property
    def keeping(self) -> KeepFilter:
        """Filters of what waits that people keep."""
        return KeepFilter(self.desk.store, FilteredList.QUEUE)

    async def waiting(self, filters: Filters, person: str, searched: str = "") -> QueueList:
        """What waits, fifty at a time."""
        return await asyncio.to_thread(self._waiting, filters, person, searched)

    async def settled(self, what: str, person: str, searched: str = "", behind: int | None = None) -> SettledList:
        """What was filed, kept or thrown away, the newest first, fifty at a time."""
        return await asyncio.to_thread(self._settled, what, person, searched, behind)

    async def next_item(self, filters: Filters, person: str, behind: int | None) -> int | None:
        """The next item that nobody else has open; behind the last one comes the first. None if there is no other."""
        return await asyncio.to_thread(self._next, filters, person, behind)

    async def done(self, item_id: int) -> Done | None:
        """What was just settled, in words."""
        return await asyncio.to_thread(self._done, item_id)

    def _waiting(self, filters: Filters, person: str, searched: str) -> QueueList:
        now = self.desk.clock.now()
        with self.desk.store.transaction() as tx:
            found = tx.waiting(filters.wanted(person, searched), filters.after or Place.start(), _ROWS + 1)
            tally, seen = tx.tally(), tx.last_seq()
            being_read = tx.being_read()
            stuck = stuck_files(tx, now)
            kept = tx.saved_filters(person, FilteredList.QUEUE)
        rows = tuple(self._row(item, person, now) for item in found[:_ROWS])
        return QueueList(
            tabs=_tabs(filters, tally, person),
            kinds=_kinds(filters.kind),
            channels=_channels(filters.channel),
            whose=filters.whose.value,
            rows=rows,
            saved=_saved(kept, filters, is_searched=bool(searched.strip())),
            filters=filters.query(),
            more=filters.query(found[_ROWS - 1].place) if len(found) > _ROWS else "",
            searched=searched,
            being_read=being_read,
            stuck=tuple(self._stuck(arrival, now) for arrival in stuck),
            is_filtered=bool(searched.strip() or filters.kind or filters.channel or filters.whose is not Whose.ALL),
            seen=seen,
        )

    def _stuck(self, arrival: Arrival, now: datetime) -> StuckFile:
        return StuckFile(
            arrival=arrival.id,
            sender=arrival.envelope.sender or arrival.envelope.name,
            channel=arrival.envelope.channel.value,
            received=self.desk.said(arrival.received_at),
            waits=span_in_words(now - arrival.received_at),
            tries=arrival.attempts,
        )

    def _row(self, item: Waiting, person: str, now: datetime) -> ItemRow:
        arrival, holder = item.arrival, item.mark.holder(now)
        return ItemRow(
            id=item.id,
            kind=spaced(item.part.kind) if item.part else UNREADABLE,
            pages=len(item.part.pages) if item.part else arrival.pages,
            channel=arrival.envelope.channel.value,
            sender=arrival.envelope.sender or arrival.envelope.name,
            received=self.desk.said(arrival.received_at),
            waits=span_in_words(now - arrival.received_at),
            reason=item.reason,
            guess_number=format_number(item.guess.number) if item.guess else "",
            guess_patient=_patient(item.guess) if item.guess else "",
            contradicts=bool(item.against),
            assigned_to=item.mark.assigned_to,
            label=item.mark.label,
            notes=item.notes,
            held_by=holder if holder != person else "",
            is_stuck=now - arrival.received_at > _STUCK,
            is_being_read=item.part is not None and item.part.state is PartState.ARRANGING,
        )

    def _settled(self, what: str, person: str, searched: str, behind: int | None) -> SettledList:
        with self.desk.store.transaction() as tx:
            rows = tx.settled([_SETTLED[what]], searched, _ROWS + 1, behind)
            tally = tx.tally()
            blocked = tx.blocked_senders() if what == "trash" else []
        return SettledList(
            tabs=_tabs(Filters(), tally, person, what),
            rows=tuple(self._settled_row(row) for row in rows[:_ROWS]),
            searched=searched,
            kept_days=self.desk.discarded_for.days,
            older=rows[_ROWS - 1].part.id if len(rows) > _ROWS else 0,
            blocked=tuple(BlockedRow(one.sender, self.desk.said(one.at), one.actor, one.reason) for one in blocked),
        )

    def _settled_row(self, row: Settled) -> SettledRow:
        part = row.part
        return SettledRow(
            id=part.id,
            kind=spaced(part.kind),
            pages=len(part.pages) or row.arrival.pages,
            what=part.state.value,
            by=part.settled_by,
            at=self.desk.said(part.settled_at),
            reason=part.reason,
            filed_on=tuple((format_number(one.number), _patient(one)) for one in row.filed_on),
            is_purged=row.is_purged,
        )

    def _next(self, filters: Filters, person: str, behind: int | None) -> int | None:
        wanted, now = filters.wanted(person), self.desk.clock.now()
        with self.desk.store.transaction() as tx:
            start = tx.place_of(behind) if behind is not None else Place.start()
            found = tx.next_waiting(wanted, start, now) or tx.next_waiting(wanted, Place.start(), now)
        return found if found != behind else None

    def _done(self, item_id: int) -> Done | None:
        try:
            with self.desk.store.transaction() as tx:
                part = tx.part(item_id)
                named = tx.filed_numbers(item_id)
        except NotFound:
            return None
        match part.state:
            case PartState.FILED:
                numbers = ", ".join(f"{format_number(one.number)} {_patient(one)}" for one in named)
                return Done(part.id, f"Item {part.id} is filed on {numbers}.")
            case PartState.DISCARDED:
                return Done(part.id, f"Item {part.id} is in the trash: {part.reason}.")
            case PartState.KEPT:
                return Done(part.id, f"Item {part.id} is kept: {part.reason}.")
            case _:
                return None


def _patient(named: Named) -> str:
    return f"{named.family}, {named.given}"


def _tabs(filters: Filters, tally: Tally, person: str, settled: str = "") -> tuple[Tab, ...]:
    assigned = sum(tally.assigned.values())
    counts = {Whose.ALL: tally.all, Whose.MINE: tally.assigned.get(person, 0), Whose.UNASSIGNED: tally.all - assigned}
    names = {Whose.ALL: "All", Whose.MINE: "Mine", Whose.UNASSIGNED: "Unassigned"}
    waiting = [
        Tab(
            names[whose],
            f"/queue?{filters.query(whose=whose.value)}".rstrip("?"),
            counts[whose],
            not settled and filters.whose is whose,
        )
        for whose in Whose
    ]
    places = (("Filed", "filed"), ("Kept", "kept"), ("Trash", "trash"))
    return (*waiting, *(Tab(name, f"/queue/{path}", None, settled == path) for name, path in places))


def _saved(kept: Sequence[SavedFilter], here: Filters, *, is_searched: bool) -> tuple[KeptFilter, ...]:
    return tuple(
        KeptFilter(one.id, one.name, f"/queue?{one.query}", not is_searched and one.query == here.query())
        for one in kept
    )


def _kinds(chosen: str) -> tuple[Choice, ...]:
    every = [Choice("", "Any kind", not chosen)]
    every += [Choice(kind.value, spaced(kind), chosen == kind.value) for kind in DocumentKind]
    return (*every, Choice(UNREADABLE, "unreadable", chosen == UNREADABLE))


def _channels(chosen: str) -> tuple[Choice, ...]:
    every = [Choice("", "Any way in", not chosen)]
    return (*every, *(Choice(channel.value, channel.value, chosen == channel.value) for channel in Channel))
