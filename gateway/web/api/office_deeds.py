"""More of the directory: search, how an office answers, one entry changed, and two entries made one."""

import asyncio
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from gateway.domain.directory import Recipient, ResponseRecord
from gateway.domain.same_office import likely_same
from gateway.domain.token import Scope
from gateway.services.access.tokens import Bearer
from gateway.services.directory_questions import Shown, Sought
from gateway.services.recipient_form import parse_recipient_json
from gateway.web.api.bearer import may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.directory import OfficeId, Reader, RecipientOut, Writer, office_etag, office_out
from gateway.web.api.once import ONCE, doing_once
from gateway.web.api.paging import Page, cursor_of, offset_of, page_of
from gateway.web.api.problems import responses
from gateway.web.api.referral_models import RecipientIn
from gateway.web.api.shapes import Sent, Told
from gateway.web.api.versions import IfMatch, refuse_changed

Merger = Annotated[Bearer, may(Scope.DIRECTORY_MERGE)]
_MOST_PAIRS = 200


class Seek(Sent):
    """Which offices to look for."""

    words: Annotated[str, Field(max_length=100)] = Field(
        default="",
        description="Each in a name, a specialty, a city, a number or an NPI.",
        examples=["cardiology boston"],
    )
    shown: Shown = Field(default=Shown.ALL, description="Which entries.")
    limit: int = Field(default=50, ge=1, le=200, description="How many at most.")
    cursor: str | None = Field(
        default=None, max_length=200, pattern=r"^[A-Za-z0-9_-]+$", description="`next` of the page before."
    )


class OfficePage(Page[RecipientOut]):
    """Part of what was found."""

    total: int = Field(description="How many there are in all.")


class Record(Told):
    """How an office answered what was first sent to it lately; days are medians, null where there are none."""

    office: int = Field(description="Its id.")
    days: int = Field(description="Of the last so many days.")
    referrals: int = Field(description="First sent in that time.")
    requests: int = Field(description="Packets asked for, second requests too.")
    answered: int = Field(description="Of the referrals.")
    still_open: int = Field(description="Of the referrals.")
    share_answered: float | None = Field(description="Of the referrals.")
    days_to_answer: float | None = Field(description="To the first answer.")
    days_to_appointment: float | None = Field(description="To the visit's own day.")
    days_to_report: float | None = Field(description="To the report.")


class Alike(Told):
    """Two entries that are likely one office."""

    one: RecipientOut = Field(description="The older.")
    other: RecipientOut = Field(description="The newer.")
    reasons: list[str] = Field(description="What speaks for it.")


class Merging(Sent):
    """Which entry goes."""

    other: Annotated[int, Field(ge=1, le=2**31 - 1)] = Field(description="The entry that is merged into this one.")


class Merged(Told):
    """The entry that stays."""

    office: RecipientOut = Field(description="As it stands now.")
    moved: int = Field(description="How many referrals were led to it.")


def office_search_endpoints(desk: ApiDesk) -> APIRouter:
    """`/directory/search` and `/directory/duplicates`: before the paths that name one entry."""
    routes = APIRouter(prefix="/directory", tags=["directory"])

    @routes.post("/search", summary="Find offices", responses=responses(422))
    async def search(caller: Reader, sought: Seek) -> OfficePage:
        """By name; a merged entry's old name finds the one that stands for it."""
        del caller
        return await asyncio.to_thread(_sought, desk, sought)

    @routes.get("/duplicates", summary="Entries that are likely one office", responses=responses())
    async def duplicates(caller: Reader) -> list[Alike]:
        """Those with most reasons first, at most 200."""
        del caller
        return await asyncio.to_thread(_duplicates, desk)

    return routes


def office_deed_endpoints(desk: ApiDesk) -> APIRouter:
    """More of `/directory/{office}/…`."""
    routes = APIRouter(prefix="/directory/{office:int}", tags=["directory"], route_class=doing_once(desk.access))
    keep = desk.directory

    @routes.get("/record", summary="How it answers", responses=responses(404))
    async def record(
        office: OfficeId,
        caller: Reader,
        days: Annotated[int, Query(ge=1, le=3660, description="Of the last so many days.")] = 365,
    ) -> Record:
        """Counted from the events; an answer that was taken back does not count."""
        del caller
        return await asyncio.to_thread(_record, desk, office, days)

    @routes.put("", summary="Change an office, also its name", responses=responses(404, 409, 412, 422))
    async def change(
        response: Response, office: OfficeId, caller: Writer, wanted: RecipientIn, if_match: IfMatch = ""
    ) -> RecipientOut:
        """A changed fax number is unconfirmed again."""
        changed = await asyncio.to_thread(_changed, desk, office, wanted, caller.token.actor, if_match)
        response.headers["ETag"] = office_etag(changed)
        return office_out(changed)

    @routes.post("/merge", summary="Make two entries one", dependencies=[ONCE], responses=responses(404, 409, 422))
    async def merge(office: OfficeId, caller: Merger, wanted: Merging) -> Merged:
        """All referrals of the other lead here; it is kept, points here, and can be parted again."""
        moved = await asyncio.to_thread(keep.merge, office, wanted.other, caller.token.actor)
        return Merged(office=await asyncio.to_thread(_one, desk, office), moved=moved)

    @routes.post("/part", summary="Part a merged entry again", dependencies=[ONCE], responses=responses(404, 409, 422))
    async def part(office: OfficeId, caller: Merger) -> RecipientOut:
        """It stands for itself again, with what the merge moved."""
        return office_out(await asyncio.to_thread(keep.undo_merge, office, caller.token.actor))

    return routes


def _sought(desk: ApiDesk, sought: Seek) -> OfficePage:
    offset = offset_of("offices", sought.cursor)
    with desk.store.transaction() as tx:
        found = tx.recipients_sought(Sought(sought.words, sought.shown), offset, sought.limit + 1)
    rows = [office_out(one) for one in found.recipients]
    page = page_of(rows, sought.limit, cursor_of("offices", offset + sought.limit))
    return OfficePage(items=page.items, next=page.next, total=found.total)


def _duplicates(desk: ApiDesk) -> list[Alike]:
    with desk.store.transaction() as tx:
        every = tx.recipients()
    pairs = likely_same(every)[:_MOST_PAIRS]
    return [Alike(one=office_out(pair.one), other=office_out(pair.other), reasons=list(pair.reasons)) for pair in pairs]


def _record(desk: ApiDesk, office: int, days: int) -> Record:
    until = desk.clock.now()
    with desk.store.transaction() as tx:
        tx.recipient(office)
        told = tx.response_records([office], until - timedelta(days=days), until).get(office, ResponseRecord())
    return Record(
        office=office,
        days=days,
        referrals=told.referrals,
        requests=told.requests,
        answered=told.answered,
        still_open=told.still_open,
        share_answered=told.answered / told.referrals if told.referrals else None,
        days_to_answer=told.days_to_answer,
        days_to_appointment=told.days_to_appointment,
        days_to_report=told.days_to_report,
    )


def _changed(desk: ApiDesk, office: int, wanted: RecipientIn, actor: str, seen: str) -> Recipient:
    form = parse_recipient_json(wanted.model_dump_json(exclude_none=True).encode())
    with desk.store.transaction() as tx:
        entry = tx.recipient(office)
    refuse_changed(office_etag(entry), seen)
    return desk.directory.change(office, form, entry, actor)


def _one(desk: ApiDesk, office: int) -> RecipientOut:
    with desk.store.transaction() as tx:
        return office_out(tx.recipient(office))
