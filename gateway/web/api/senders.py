"""Endpoints of blocked senders: what comes from there goes to the trash by itself."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from gateway.domain.token import Scope
from gateway.services.access.tokens import Bearer
from gateway.web.api.bearer import may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.once import ONCE, doing_once
from gateway.web.api.problems import responses
from gateway.web.api.shapes import Sent, Told, Words, a_time

Reader = Annotated[Bearer, may(Scope.DOCUMENTS_READ)]
Settler = Annotated[Bearer, may(Scope.DOCUMENTS_SETTLE)]


class BlockedOut(Told):
    """A sender that is not heard."""

    sender: str = Field(description="Number or address.", examples=["+18005550198"])
    at: datetime = Field(description="Since when.")
    actor: str = Field(description="Who decided it.")
    reason: str = Field(description="Why.")


class Sender(Sent):
    """One sender, named in the body: numbers and addresses do not belong in URLs."""

    sender: Words = Field(description="Number or address, as it is listed.", examples=["+18005550198"])


def sender_endpoints(desk: ApiDesk) -> APIRouter:
    """`/senders`; blocking one is part of `discard`."""
    routes = APIRouter(prefix="/senders", tags=["documents"], route_class=doing_once(desk.access))

    @routes.get("/blocked", summary="Senders that are not heard", responses=responses())
    async def blocked(caller: Reader) -> list[BlockedOut]:
        """The newest first."""
        del caller
        return await asyncio.to_thread(_blocked, desk)

    @routes.post("/unblock", summary="Hear a sender again", dependencies=[ONCE], responses=responses(409, 422))
    async def unblock(caller: Settler, told: Sender) -> list[BlockedOut]:
        """Those that are blocked then; unblocked twice is unblocked once."""
        await asyncio.to_thread(desk.review.marks.unblock, told.sender, caller.token.actor)
        return await asyncio.to_thread(_blocked, desk)

    return routes


def _blocked(desk: ApiDesk) -> list[BlockedOut]:
    with desk.store.transaction() as tx:
        return [
            BlockedOut(sender=one.sender, at=a_time(one.at), actor=one.actor, reason=one.reason)
            for one in tx.blocked_senders()
        ]
