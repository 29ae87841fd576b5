"""The board, the filters kept for it, and what changed: for programs that show where all stands."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from config.reference import format_number
from gateway.domain.referral import Status
from gateway.domain.token import Scope
from gateway.services.access.tokens import Bearer
from gateway.services.board_questions import Change, Sort, Stage
from gateway.services.keep_filter import KeepFilter
from gateway.services.queue_questions import Whose
from gateway.web.api.bearer import may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.once import ONCE, doing_once
from gateway.web.api.paging import Cursor, Limit, Page, cursor_of, offset_of, page_of
from gateway.web.api.problems import responses
from gateway.web.api.referral_models import ReferralRow
from gateway.web.api.referral_views import rows_of
from gateway.web.api.shapes import Sent, Told
from gateway.web.board_filters import Narrowing

Reader = Annotated[Bearer, may(Scope.REFERRALS_READ)]
FilterId = Annotated[int, Path(ge=1, le=2**31 - 1, description="The filter's id.")]
_MOST_CHANGES = 500


class Filter(Sent):
    """What the board is narrowed to; what is left out does not narrow."""

    whose: Whose = Field(default=Whose.ALL, description="Whose referrals; mine: this token's.")
    urgency: Annotated[str, Field(max_length=40)] = Field(
        default="", description="A tier of the policy; high: all but the least.", examples=["urgent"]
    )
    is_late: bool = Field(default=False, description="Only what is overdue or escalated.")
    stage: Stage | None = Field(default=None, description="Only what waits for this.")
    specialty: Annotated[str, Field(max_length=80)] = Field(default="", description="Only of this specialty.")
    recipient: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        default=None, description="Only at this office."
    )
    state: Status | None = Field(default=None, description="Only in this state; else all that are open.")
    sort: Sort = Field(default=Sort.ATTENTION, description="attention: escalated first, then by when to look at it.")

    def narrowing(self) -> Narrowing:
        """As the page narrows."""
        return Narrowing(
            whose=self.whose,
            urgency=self.urgency,
            is_late=self.is_late,
            stage=self.stage,
            specialty=self.specialty,
            recipient=self.recipient,
            state=self.state.value if self.state else "",
            sort=self.sort,
        )


class Wanted(Filter):
    """Which page of the board."""

    limit: Limit = 50
    cursor: Cursor = None


class BoardPage(Page[ReferralRow]):
    """Part of the board."""

    count: int = Field(description="How many there are in all.")


class Named(Filter):
    """A filter to keep."""

    name: Annotated[str, Field(min_length=1, max_length=40)] = Field(
        description="Its name; one of the same name is replaced.", examples=["Urgent at Bayview"]
    )


class Kept(Told):
    """A filter this token keeps."""

    id: int = Field(description="Its id.")
    name: str = Field(description="Its name.")
    query: str = Field(description="As the page's address has it.", examples=["urgency=high&stage=report"])


class ChangeOut(Told):
    """One event, by what it touched; nothing of any patient."""

    seq: int = Field(description="Its place in the chain.")
    kind: str = Field(description="What happened.", examples=["referral_moved"])
    referral: str = Field(description="The referral's printed number; empty if it is about none.")
    item: int | None = Field(description="Which document of the queue.")


class Changes(Told):
    """What happened since."""

    items: list[ChangeOut] = Field(description="The oldest first, at most 500.")
    last: int = Field(description="Ask for what comes after this one.")


def board_endpoints(desk: ApiDesk) -> APIRouter:
    """`/board`, `/filters` and `/changes`."""
    routes = APIRouter(tags=["board"], route_class=doing_once(desk.access))

    @routes.get("/board", summary="The board", responses=responses(422))
    async def board(caller: Reader, asked: Annotated[Wanted, Query()]) -> BoardPage:
        """Narrowed and in the order of the page. It moves while it is read: read it from the beginning again."""
        return await asyncio.to_thread(_board, desk, asked, caller.token.actor)

    @routes.get("/changes", summary="What happened since", responses=responses())
    async def changes(
        caller: Reader,
        after: Annotated[
            int | None, Query(ge=0, le=2**53, description="`last` of before; without it: from now on.")
        ] = None,
    ) -> Changes:
        """In the order of the event chain; to follow it, ask again with `last`."""
        del caller
        return await asyncio.to_thread(_changes, desk, after)

    _add_filters(routes, KeepFilter(desk.store))
    return routes


def _add_filters(routes: APIRouter, keeping: KeepFilter) -> None:
    @routes.get("/filters", summary="Filters this token keeps", responses=responses())
    async def filters(caller: Reader) -> list[Kept]:
        """In the order they were made; a person's own are theirs alone."""
        return await asyncio.to_thread(_kept, keeping, caller.token.actor)

    @routes.post(
        "/filters", summary="Keep a filter", status_code=201, dependencies=[ONCE], responses=responses(409, 422)
    )
    async def keep(caller: Reader, wanted: Named) -> list[Kept]:
        """At most twelve; all that are kept then."""
        actor = caller.token.actor
        await asyncio.to_thread(keeping.keep, actor, wanted.name, wanted.narrowing().query())
        return await asyncio.to_thread(_kept, keeping, actor)

    @routes.post(
        "/filters/{filter_id}/drop", summary="Drop a filter", dependencies=[ONCE], responses=responses(409, 422)
    )
    async def drop(caller: Reader, filter_id: FilterId) -> list[Kept]:
        """All that are kept then; dropped twice is dropped once."""
        actor = caller.token.actor
        await asyncio.to_thread(keeping.drop, actor, filter_id)
        return await asyncio.to_thread(_kept, keeping, actor)


def _board(desk: ApiDesk, asked: Wanted, person: str) -> BoardPage:
    offset, now = offset_of("board", asked.cursor), desk.clock.now()
    wanted = asked.narrowing().wanted(person, desk.tiers)
    with desk.reading() as tx:
        count = tx.board_count(wanted, now)
        rows = rows_of(tx, tx.board_page(wanted, asked.sort, now, offset=offset, limit=asked.limit + 1))
    page = page_of(rows, asked.limit, cursor_of("board", offset + asked.limit))
    return BoardPage(items=page.items, next=page.next, count=count)


def _changes(desk: ApiDesk, after: int | None) -> Changes:
    with desk.reading() as tx:
        found = tx.changes(after, _MOST_CHANGES) if after is not None else []
        last = tx.last_seq()
    told = [_change(one) for one in found]
    return Changes(items=told, last=found[-1].seq if found else last)


def _change(one: Change) -> ChangeOut:
    number = format_number(one.number) if one.number else ""
    return ChangeOut(seq=one.seq, kind=one.kind, referral=number, item=one.item)


def _kept(keeping: KeepFilter, person: str) -> list[Kept]:
    with keeping.store.transaction() as tx:
        return [Kept.model_validate(one) for one in tx.saved_filters(person)]
