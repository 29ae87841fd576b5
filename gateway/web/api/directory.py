"""Endpoints of the directory: the offices the clinic refers to."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from config.policy import Clock, Unit
from config.vocabulary import Channel
from gateway.domain.directory import Recipient
from gateway.domain.token import Scope
from gateway.services.access.tokens import Bearer
from gateway.services.recipient_form import parse_recipient_json
from gateway.web.api.bearer import may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.once import ONCE, doing_once
from gateway.web.api.paging import Cursor, Limit, Page, cursor_of, page_of, place_of
from gateway.web.api.problems import responses
from gateway.web.api.referral_models import RecipientIn
from gateway.web.api.shapes import Sent, Told, in_utc
from gateway.web.api.versions import etag_over

Reader = Annotated[Bearer, may(Scope.DIRECTORY_READ)]
Writer = Annotated[Bearer, may(Scope.DIRECTORY_WRITE)]
OfficeId = Annotated[int, Path(ge=1, le=2**31 - 1, description="The office's id.", examples=[3])]


class SpanOut(Told):
    """A length of time."""

    amount: float = Field(description="How much.")
    unit: Unit = Field(description="Of what.")


class RecipientOut(Told):
    """An office as the directory has it; its password for PDFs is never told."""

    id: int = Field(description="Its id.")
    name: str = Field(description="Its name.", examples=["Bayview Cardiology"])
    organization: str = Field(description="What it belongs to.")
    specialty: str = Field(description="What it does.")
    npi: str = Field(description="National provider identifier.")
    fax: str = Field(description="E.164.")
    fax_confirmed_at: datetime | None = Field(description="When the number was found to be its own.")
    fax_set_aside_at: datetime | None = Field(description="It kept failing: not dialled until it is confirmed.")
    email: str = Field(description="Its address for referrals.")
    phone: str = Field(description="E.164.")
    preferred: Channel = Field(description="How packets go.")
    fallback: Channel | None = Field(description="The way to try when that stays silent.")
    zone: str = Field(description="IANA time zone; empty: the clinic's.")
    opens: str = Field(description="HH:MM.")
    closes: str = Field(description="HH:MM.")
    agreed: dict[Clock, SpanOut] | None = Field(description="Agreed response times.")
    email_security: str = Field(description="tls or password.")
    merged_into: int | None = Field(description="The entry that stands for it now.")


class Listing(Sent):
    """Which page."""

    limit: Limit = 50
    cursor: Cursor = None


def directory_endpoints(desk: ApiDesk) -> APIRouter:
    """`/directory`."""
    routes = APIRouter(prefix="/directory", tags=["directory"], route_class=doing_once(desk.access))

    @routes.get("", summary="List offices", responses=responses(422))
    async def list_(caller: Reader, asked: Annotated[Listing, Query()]) -> Page[RecipientOut]:
        """In the order in which they were added."""
        del caller
        return await asyncio.to_thread(_listed, desk, asked)

    @routes.get("/{office:int}", summary="One office", responses=responses(404))
    async def one(response: Response, office: OfficeId, caller: Reader) -> RecipientOut:
        """By its id; its ETag is what changing it asks for."""
        del caller
        found = await asyncio.to_thread(_one, desk, office)
        response.headers["ETag"] = office_etag(found)
        return office_out(found)

    @routes.put("", summary="Add an office, or change the one of the same name", responses=responses(409, 422))
    async def save(response: Response, caller: Writer, office: RecipientIn) -> RecipientOut:
        """Checked as `referloop directory add` checks it. A changed fax number is unconfirmed again."""
        form = await asyncio.to_thread(parse_recipient_json, office.model_dump_json(exclude_none=True).encode())
        saved = await asyncio.to_thread(desk.intake.save_recipient, form, caller.token.actor)
        response.headers["Location"] = f"/api/v1/directory/{saved.id}"
        return office_out(saved)

    @routes.post(
        "/{office}/confirm",
        summary="Its fax number is its own",
        dependencies=[ONCE],
        responses=responses(404, 409, 422),
    )
    async def confirm(office: OfficeId, caller: Writer) -> RecipientOut:
        """Somebody made sure; a number that was set aside is dialled again."""
        confirmed = await asyncio.to_thread(_confirmed, desk, office, caller.token.actor)
        desk.something_is_due()
        return office_out(confirmed)

    return routes


def _listed(desk: ApiDesk, asked: Listing) -> Page[RecipientOut]:
    place = place_of("directory", asked.cursor)
    with desk.store.transaction() as tx:
        offices = sorted(tx.recipients(), key=lambda one: one.id)
    found = [office_out(one) for one in offices if place is None or one.id > place[0]][: asked.limit + 1]
    return page_of(
        found, asked.limit, cursor_of("directory", found[min(len(found), asked.limit) - 1].id if found else 0)
    )


def _one(desk: ApiDesk, office: int) -> Recipient:
    with desk.store.transaction() as tx:
        return tx.recipient(office)


def office_out(office: Recipient) -> RecipientOut:
    """An entry as it is told."""
    told = RecipientOut.model_validate(office)
    at = {"fax_confirmed_at": in_utc(office.fax_confirmed_at), "fax_set_aside_at": in_utc(office.fax_set_aside_at)}
    return told.model_copy(update=at | {"merged_into": office.merged_into or None})


def office_etag(office: Recipient) -> str:
    """Another one once anything of the entry is changed."""
    return etag_over(office)


def _confirmed(desk: ApiDesk, office: int, actor: str) -> Recipient:
    with desk.store.transaction() as tx:
        seen = tx.recipient(office)
    return desk.directory.confirm(seen, actor)
