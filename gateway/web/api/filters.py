"""Filters of the board and of the review queue that a token keeps for itself; a person's own are theirs alone."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from config.vocabulary import Channel
from gateway.domain.token import Scope
from gateway.services.access.tokens import Bearer
from gateway.services.board_questions import FilteredList
from gateway.services.keep_filter import KeepFilter
from gateway.services.queue_questions import Whose
from gateway.web.api.bearer import may
from gateway.web.api.board import Filter
from gateway.web.api.desk import ApiDesk
from gateway.web.api.documents import WaitingKind
from gateway.web.api.once import ONCE, doing_once
from gateway.web.api.problems import responses
from gateway.web.api.shapes import Sent, Told
from gateway.web.queue_filters import Filters

OfReferrals = Annotated[Bearer, may(Scope.REFERRALS_READ)]
OfDocuments = Annotated[Bearer, may(Scope.DOCUMENTS_READ)]
FilterId = Annotated[int, Path(ge=1, le=2**31 - 1, description="The filter's id.")]
Name = Annotated[str, Field(min_length=1, max_length=40)]
_NAME = "Its name; one of the same name is replaced."


class Named(Filter):
    """A filter of the board to keep."""

    name: Name = Field(description=_NAME, examples=["Urgent at Bayview"])


class NamedOfQueue(Sent):
    """A filter of the review queue to keep; at least one thing narrows."""

    name: Name = Field(description=_NAME, examples=["Faxes that are mine"])
    whose: Whose = Field(default=Whose.ALL, description="Mine: assigned to this token.")
    kind: WaitingKind | None = Field(default=None, description="Only of this kind.")
    channel: Channel | None = Field(default=None, description="Only what came this way.")

    def filters(self) -> Filters:
        """As the page narrows."""
        return Filters(whose=self.whose, kind=self.kind or "", channel=self.channel or "")


class Kept(Told):
    """A filter this token keeps."""

    id: int = Field(description="Its id.")
    name: str = Field(description="Its name.")
    query: str = Field(description="As the page's address has it.", examples=["urgency=high&stage=report"])


def filter_endpoints(desk: ApiDesk) -> APIRouter:
    """`/filters`, and `/documents/filters`."""
    routes = APIRouter(route_class=doing_once(desk.access))
    _add_of_board(routes, KeepFilter(desk.store))
    _add_of_queue(routes, KeepFilter(desk.store, FilteredList.QUEUE))
    return routes


def _add_of_board(routes: APIRouter, keeping: KeepFilter) -> None:
    @routes.get("/filters", tags=["board"], summary="Filters of the board this token keeps", responses=responses())
    async def filters(caller: OfReferrals) -> list[Kept]:
        """In the order they were made."""
        return await _kept(keeping, caller)

    @routes.post(
        "/filters",
        tags=["board"],
        summary="Keep a filter of the board",
        status_code=201,
        dependencies=[ONCE],
        responses=responses(409, 422),
    )
    async def keep(caller: OfReferrals, wanted: Named) -> list[Kept]:
        """At most twelve; all that are kept then."""
        await asyncio.to_thread(keeping.keep, caller.token.actor, wanted.name, wanted.narrowing().query())
        return await _kept(keeping, caller)

    @routes.post(
        "/filters/{filter_id}/drop",
        tags=["board"],
        summary="Drop a filter of the board",
        dependencies=[ONCE],
        responses=responses(409, 422),
    )
    async def drop(caller: OfReferrals, filter_id: FilterId) -> list[Kept]:
        """All that are kept then; dropped twice is dropped once."""
        await asyncio.to_thread(keeping.drop, caller.token.actor, filter_id)
        return await _kept(keeping, caller)


def _add_of_queue(routes: APIRouter, keeping: KeepFilter) -> None:
    @routes.get(
        "/documents/filters", tags=["documents"], summary="Filters of the queue this token keeps", responses=responses()
    )
    async def filters(caller: OfDocuments) -> list[Kept]:
        """In the order they were made."""
        return await _kept(keeping, caller)

    @routes.post(
        "/documents/filters",
        tags=["documents"],
        summary="Keep a filter of the queue",
        status_code=201,
        dependencies=[ONCE],
        responses=responses(409, 422),
    )
    async def keep(caller: OfDocuments, wanted: NamedOfQueue) -> list[Kept]:
        """At most twelve; all that are kept then."""
        await asyncio.to_thread(keeping.keep, caller.token.actor, wanted.name, wanted.filters().query())
        return await _kept(keeping, caller)

    @routes.post(
        "/documents/filters/{filter_id}/drop",
        tags=["documents"],
        summary="Drop a filter of the queue",
        dependencies=[ONCE],
        responses=responses(409, 422),
    )
    async def drop(caller: OfDocuments, filter_id: FilterId) -> list[Kept]:
        """All that are kept then; dropped twice is dropped once."""
        await asyncio.to_thread(keeping.drop, caller.token.actor, filter_id)
        return await _kept(keeping, caller)


async def _kept(keeping: KeepFilter, caller: Bearer) -> list[Kept]:
    return [Kept.model_validate(one) for one in await asyncio.to_thread(keeping.kept, caller.token.actor)]
