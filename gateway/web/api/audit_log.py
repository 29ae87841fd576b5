"""Endpoints of the audit log: who saw and did what, and as CSV."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from config.reference import format_number, parse_number
from gateway.domain.audit import AuditKind, ChainedEntry
from gateway.domain.token import Scope
from gateway.services.access.ports import AuditQuestion
from gateway.services.access.tokens import Bearer
from gateway.web.api.bearer import by_of, may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.paging import Cursor, Limit, Page, cursor_of, page_of, place_of
from gateway.web.api.problems import responses
from gateway.web.api.shapes import Sent, Time, Told, a_time

Reader = Annotated[Bearer, may(Scope.AUDIT_READ)]
_CSV = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


class EntryOut(Told):
    """One entry; `hash` is over this and the one before."""

    seq: int = Field(description="Its place.")
    at: datetime = Field(description="When.")
    kind: AuditKind = Field(description="What.")
    actor: str = Field(description="A person, or a token with `(token)` behind its name.")
    address: str = Field(description="From where.")
    path: str = Field(description="Which page or endpoint.")
    referral: str = Field(description="Which referral.")
    item: int | None = Field(description="Which document.")
    status: int | None = Field(description="What was answered.")
    detail: str = Field(description="Further words.")
    hash: str = Field(description="SHA-256 of the chain up to here.")


class Narrowing(Sent):
    """Which entries are asked for."""

    actor: str = Field(default="", max_length=80, description="Only of this person or token.")
    kind: AuditKind | None = Field(default=None, description="Only of this kind.")
    referral: str = Field(default="", max_length=40, description="Only about the referral with this number.")
    since: Time | None = Field(default=None, description="Not before then.")
    until: Time | None = Field(default=None, description="Before then.")

    def question(self, limit: int, before: int | None) -> AuditQuestion:
        """As the log is asked."""
        number = parse_number(self.referral)
        return AuditQuestion(
            actor=self.actor,
            kind=self.kind.value if self.kind else "",
            referral=format_number(number) if number else self.referral,
            since=self.since,
            until=self.until,
            before_seq=before,
            limit=limit,
        )


class Listing(Narrowing):
    """Which entries, and which page of them."""

    limit: Limit = 50
    cursor: Cursor = None


def audit_endpoints(desk: ApiDesk) -> APIRouter:
    """`/audit`."""
    routes = APIRouter(prefix="/audit", tags=["audit"])
    log = desk.access.audit

    @routes.get("", summary="Entries of the audit log", responses=responses(422))
    async def list_(caller: Reader, asked: Annotated[Listing, Query()]) -> Page[EntryOut]:
        """The newest first."""
        del caller
        place = place_of("audit", asked.cursor)
        question = asked.question(asked.limit + 1, place[0] if place else None)
        rows = [_told(one) for one in await asyncio.to_thread(log.ask, question)]
        last = rows[min(len(rows), asked.limit) - 1].seq if rows else 0
        return page_of(rows, asked.limit, cursor_of("audit", last))

    @routes.get("/export", summary="The audit log as CSV", response_class=Response, responses=_CSV | responses(422))
    async def export(request: Request, caller: Reader, asked: Annotated[Narrowing, Query()]) -> Response:
        """Oldest first; the export is an entry itself."""
        del caller
        text = await asyncio.to_thread(log.export, asked.question(1, None), by_of(request))
        return Response(text, media_type="text/csv; charset=utf-8")

    return routes


def _told(chained: ChainedEntry) -> EntryOut:
    entry = chained.entry
    return EntryOut(
        seq=chained.seq,
        at=a_time(entry.at),
        kind=entry.kind,
        actor=entry.actor,
        address=entry.address,
        path=entry.path,
        referral=entry.referral,
        item=entry.item,
        status=entry.status,
        detail=entry.detail,
        hash=chained.hash,
    )
