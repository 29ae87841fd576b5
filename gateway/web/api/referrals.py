"""Endpoints of referrals: list, search, open with attachments, and one with everything about it."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response, UploadFile
from pydantic import Field

from config.reference import format_number
from gateway.domain.referral import OPEN, Referral, Status
from gateway.domain.token import Scope
from gateway.services.access.tokens import Bearer
from gateway.services.change_referral import find
from gateway.services.find_referrals import find_referrals
from gateway.services.intake_form import IntakeForm, parse_intake_json
from gateway.services.list_questions import ReferralsWanted
from gateway.web.api.bearer import may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.once import ONCE, doing_once
from gateway.web.api.paging import Cursor, Limit, Page, cursor_of, page_of, place_of
from gateway.web.api.problems import responses
from gateway.web.api.referral_models import Opened, ReferralIn, ReferralOut, ReferralRow, Uploaded
from gateway.web.api.referral_views import etag_of, rows_of, whole
from gateway.web.api.shapes import Number, Sent, Time, Words

ORIGIN = "http"
Reader = Annotated[Bearer, may(Scope.REFERRALS_READ)]
Writer = Annotated[Bearer, may(Scope.REFERRALS_WRITE)]


class Sought(Sent):
    """What to look for."""

    typed: Words = Field(
        description="A number, a name, a birth date, an MRN or a phone, in any order.", examples=["okafor 1961-04-23"]
    )


class Wanted(Sent):
    """How the list is narrowed."""

    status: list[Status] | None = Field(default=None, description="Only in these states.")
    is_open: bool | None = Field(default=None, description="Only what is neither draft nor over, or only the rest.")
    recipient: int | None = Field(default=None, ge=1, le=2**31 - 1, description="Only to this office of the directory.")
    due_before: Time | None = Field(default=None, description="Only what is chased before then.")
    changed_since: Time | None = Field(default=None, description="Only what changed its status since then.")
    is_escalated: bool | None = Field(default=None, description="Only what the clinician was to be told of.")
    external_id: str | None = Field(default=None, max_length=300, description="The sender's own id.")
    limit: Limit = 50
    cursor: Cursor = None

    def question(self) -> ReferralsWanted:
        """As the store is asked."""
        statuses = frozenset(self.status) if self.status else None
        if self.is_open is not None:
            these = OPEN if self.is_open else frozenset(Status) - OPEN
            statuses = these if statuses is None else statuses & these
        return ReferralsWanted(
            statuses, self.recipient, self.due_before, self.changed_since, self.is_escalated, self.external_id
        )


def referral_endpoints(desk: ApiDesk) -> APIRouter:
    """`/referrals` and `/attachments`."""
    routes = APIRouter(tags=["referrals"], route_class=doing_once(desk.access))

    @routes.get("/referrals", summary="List referrals", responses=responses(422))
    async def list_(caller: Reader, wanted: Annotated[Wanted, Query()]) -> Page[ReferralRow]:
        """The newest first."""
        del caller
        return await asyncio.to_thread(_listed, desk, wanted)

    @routes.post("/referrals/search", summary="Find referrals", responses=responses(422))
    async def search(caller: Reader, sought: Sought) -> list[ReferralRow]:
        """The likeliest first, at most twelve. A POST, because names of patients do not belong in URLs."""
        del caller
        return await asyncio.to_thread(_found, desk, sought.typed)

    @routes.get("/referrals/{number}", summary="One referral", responses=responses(404))
    async def one(response: Response, number: Number, caller: Reader) -> ReferralOut:
        """With its timeline, packets and their proof of delivery, documents and open tasks; its version as ETag."""
        del caller
        found, etag = await asyncio.to_thread(_whole, desk, number)
        response.headers["ETag"] = etag
        return found

    _add_opening(routes, desk)
    return routes


def _add_opening(routes: APIRouter, desk: ApiDesk) -> None:
    @routes.post(
        "/referrals",
        summary="Open a referral",
        status_code=201,
        dependencies=[ONCE],
        responses={200: {"model": Opened, "description": "It was open already."}} | responses(404, 409, 422),
    )
    async def open_(response: Response, caller: Writer, referral: ReferralIn) -> Opened:
        """Checked as `referloop referral add` checks it. Its packet goes out at once, unless it is a draft."""
        opened, is_new = await asyncio.to_thread(_open, desk, referral, caller)
        if is_new:
            desk.something_is_due()
        number = format_number(opened.number)
        response.status_code = 201 if is_new else 200
        response.headers["Location"] = f"/api/v1/referrals/{number}"
        response.headers["ETag"] = etag_of(opened)
        return Opened(number=number, external_id=opened.intake.external_id, status=opened.status, is_new=is_new)

    @routes.post(
        "/attachments",
        summary="Send a file ahead of its referral",
        status_code=201,
        dependencies=[ONCE],
        responses=responses(409, 413, 422),
    )
    async def attach(caller: Writer, file: UploadFile) -> Uploaded:
        """At most 50 MiB. Name the id in `attachments` when you open the referral, within a day."""
        data = await file.read()
        name = file.filename or "attachment"
        upload = await asyncio.to_thread(desk.uploads.add, caller.token.id, name, data)
        (kept,) = await asyncio.to_thread(desk.uploads.paths, caller.token.id, [upload])
        return Uploaded(id=upload, name=kept.partition("/")[2], size_bytes=len(data))


def _listed(desk: ApiDesk, wanted: Wanted) -> Page[ReferralRow]:
    place = place_of("referrals", wanted.cursor)
    with desk.store.transaction() as tx:
        found = tx.referrals_wanted(wanted.question(), place[0] if place else None, wanted.limit + 1)
        rows = rows_of(tx, found)
    last = found[min(len(found), wanted.limit) - 1].id if found else 0
    return page_of(rows, wanted.limit, cursor_of("referrals", last))


def _found(desk: ApiDesk, typed: str) -> list[ReferralRow]:
    with desk.store.transaction() as tx:
        return rows_of(tx, find_referrals(tx, typed, desk.clock))


def _whole(desk: ApiDesk, number: str) -> tuple[ReferralOut, str]:
    with desk.store.transaction() as tx:
        referral = find(tx, number)
        return whole(tx, referral), etag_of(referral)


def _open(desk: ApiDesk, wanted: ReferralIn, caller: Bearer) -> tuple[Referral, bool]:
    form: IntakeForm = parse_intake_json(wanted.model_dump_json(exclude_none=True, exclude={"attachments"}).encode())
    token = caller.token
    with desk.store.transaction() as tx:
        known = tx.referral_known_as(ORIGIN, form.external_id)
    if known:
        return known, False
    attachments = desk.uploads.paths(token.id, wanted.attachments)
    form = form.model_copy(update={"attachments": attachments})
    opened = desk.intake.open_form(form, desk.uploads.of(token.id), origin=ORIGIN, actor=token.actor)
    desk.uploads.drop(token.id, wanted.attachments)
    return opened
