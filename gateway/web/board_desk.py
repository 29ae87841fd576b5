"""The board as a view: one page of referrals, the filters with their counts, and the figures above."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.referral import FINAL, Referral, Status
from gateway.services.board_questions import FilteredList, SavedFilter, Sort, Stage
from gateway.services.ports import Clock
from gateway.services.queue_questions import Whose
from gateway.services.work_questions import ReadTransaction
from gateway.web.board_filters import ANY, HIGH, Narrowing, path_of
from gateway.web.desk import WebDesk
from gateway.web.queue_views import Choice
from gateway.web.views import Board, BoardRow, FilterLink
from gateway.web.words import spaced

_ROWS = 50
_OFFERED = {
    "All open": Narrowing(),
    "Mine": Narrowing(whose=Whose.MINE),
    "Urgent": Narrowing(urgency=HIGH),
    "Overdue": Narrowing(is_late=True),
    "Waiting for confirmation": Narrowing(stage=Stage.CONFIRMATION),
    "Waiting for appointment": Narrowing(stage=Stage.APPOINTMENT),
    "Waiting for report": Narrowing(stage=Stage.REPORT),
}
_SORTS = {
    Sort.ATTENTION: "What to look at first",
    Sort.PATIENT: "Patient",
    Sort.OLDEST: "Oldest first",
    Sort.NEWEST: "Newest first",
}


@dataclass(frozen=True, slots=True)
class BoardDesk:
    """Answers the board's questions. `urgencies` are the policy's tiers, the strictest first."""

    desk: WebDesk
    clock: Clock
    urgencies: tuple[str, ...]

    async def board(self, narrowing: Narrowing, person: str, searched: str = "") -> Board:
        """The page so narrowed."""
        return await asyncio.to_thread(self._board, narrowing, person, searched)

    def _board(self, narrowing: Narrowing, person: str, searched: str) -> Board:
        now, notices = self.clock.now(), self.desk.troubles()
        with self.desk.store.reading() as tx:
            seen = tx.last_seq()
            wanted = narrowing.wanted(person, self.urgencies, searched)
            links, saved = self._links(tx, narrowing, person, now, is_searched=bool(searched.strip()))
            told = next((link.count for link in (*links, *saved) if link.is_here), None)
            count = tx.board_count(wanted, now) if told is None else told
            page = min(narrowing.page, max(1, -(-count // _ROWS)))
            first = (page - 1) * _ROWS
            referrals = tx.board_page(wanted, narrowing.sort, now, offset=first, limit=_ROWS)
            served = tx.served()
            shown_at = [referral.intake.recipient_id for referral in referrals]
            offices = {
                id_: office.name for id_, office in tx.recipients_among([*served.recipient_ids, *shown_at]).items()
            }
            return Board(
                rows=tuple(self._row(row, offices, person, now) for row in referrals),
                links=links,
                saved=saved,
                count=count,
                first=first + 1,
                page=page,
                pages=max(1, -(-count // _ROWS)),
                query=narrowing.query(),
                whose=narrowing.whose.value,
                stage=narrowing.stage.value if narrowing.stage else "",
                is_late=narrowing.is_late,
                is_narrowed=bool(_without_sort(narrowing)),
                searched=searched,
                states=_states(narrowing.state),
                urgencies=self._urgencies(narrowing.urgency),
                specialties=_named(narrowing.specialty, "Any specialty", {one: one for one in served.specialties}),
                recipients=_named(
                    str(narrowing.recipient or ""),
                    "Any office",
                    {
                        str(id_): name
                        for id_, name in sorted(offices.items(), key=lambda item: item[1].casefold())
                        if id_ in served.recipient_ids
                    },
                ),
                sorts=tuple(Choice(sort.value, name, sort is narrowing.sort) for sort, name in _SORTS.items()),
                open=links[0].count or 0,
                late=links[3].count or 0,
                in_review=tx.tally().all,
                to_do=tx.open_task_count(now),
                closed=tx.in_state(Status.CLOSED),
                reading=self.desk.under_way(),
                notices=notices,
                at=f"{self.desk.said(now, now)} {now.astimezone(self.desk.zone):%Z}",
                seen=seen,
            )

    def _links(
        self, tx: ReadTransaction, narrowing: Narrowing, person: str, now: datetime, *, is_searched: bool
    ) -> tuple[tuple[FilterLink, ...], tuple[FilterLink, ...]]:
        """Those everybody has and the person's own; all that are open are counted in one question."""
        kept = [(one, Narrowing.of_text(one.query)) for one in tx.saved_filters(person, FilteredList.BOARD)]
        counted = [*_OFFERED.values(), *(own for _, own in kept)]
        counts = tx.board_tally([one.wanted(person, self.urgencies) for one in counted], now)
        here = "" if is_searched else _without_sort(narrowing)

        def link(name: str, own: Narrowing, count: int, saved: SavedFilter | None = None) -> FilterLink:
            return FilterLink(
                name=name,
                path=path_of(own.query()),
                count=None if own.state else count,
                is_here=not is_searched and _without_sort(own) == here,
                id=saved.id if saved else 0,
            )

        offered = [link(name, own, counts[n]) for n, (name, own) in enumerate(_OFFERED.items())]
        own = [link(one.name, what, counts[len(offered) + n], one) for n, (one, what) in enumerate(kept)]
        return tuple(offered), tuple(own)

    def _row(self, referral: Referral, offices: dict[int, str], person: str, now: datetime) -> BoardRow:
        row = self.desk.row(referral, offices.get(referral.intake.recipient_id, ""), now)
        return BoardRow(row, referral.owner, is_mine=referral.owner == person, is_open=referral.status not in FINAL)

    def _urgencies(self, chosen: str) -> tuple[Choice, ...]:
        names = {HIGH: "urgent and above", **{name: name for name in self.urgencies}}
        return _named(chosen, "Any urgency", names)


def _without_sort(narrowing: Narrowing) -> str:
    return narrowing.query(sort="")


def _named(chosen: str, every: str, names: dict[str, str]) -> tuple[Choice, ...]:
    return (
        Choice("", every, not chosen),
        *(Choice(value, name, value == chosen) for value, name in names.items()),
    )


def _states(chosen: str) -> tuple[Choice, ...]:
    aside = {Status.DRAFT: "draft, not released", Status.CLOSED: "closed", Status.CANCELLED: "cancelled"}
    names = {status.value: spaced(status) for status in Status if status not in aside}
    names |= {status.value: name for status, name in aside.items()} | {ANY: "any, closed ones too"}
    return _named(chosen, "Any open state", names)
