"""The board, and what changed: for programs that show where all stands."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from config.reference import format_number
from gateway.domain.referral import Status
from gateway.domain.token import Scope
from gateway.services.access.tokens import Bearer
from gateway.services.board_questions import Change, Sort, Stage
from gateway.services.queue_questions import Whose
from gateway.web.api.bearer import may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.paging import Cursor, Limit, Page, cursor_of, offset_of, page_of
from gateway.web.api.problems import responses
from gateway.web.api.referral_models import ReferralRow
from gateway.web.api.referral_views import rows_of
from gateway.web.api.shapes import Sent, Told
from gateway.web.board_filters import Narrowing

Reader = Annotated[Bearer, may(Scope.REFERRALS_READ)]
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
    """`/board` and `/changes`."""
    routes = APIRouter(tags=["board"])

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

    return routes


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
