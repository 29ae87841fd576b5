"""How the queue stands: how much waits, what is being read, what is stuck; and who can be given something."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from config.vocabulary import Channel
from gateway.domain.token import Scope
from gateway.services.access.tokens import Bearer
from gateway.services.retry_reading import stuck_files
from gateway.web.api.bearer import may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.problems import responses
from gateway.web.api.shapes import Told, a_time

OfDocuments = Annotated[Bearer, may(Scope.DOCUMENTS_READ)]
OfReferrals = Annotated[Bearer, may(Scope.REFERRALS_READ)]


class StuckFile(Told):
    """A file that came and is not read yet."""

    arrival: int = Field(description="Its id: POST /arrivals/{arrival}/retry has it tried again.")
    sender: str = Field(description="Number or address, as the source claims it.")
    channel: Channel = Field(description="How it came.")
    received_at: datetime = Field(description="When it came.")
    tries: int = Field(description="How often it was tried.")


class Standing(Told):
    """How the queue stands now."""

    waiting: int = Field(description="Documents that wait for a person.")
    mine: int = Field(description="Of those, assigned to this token.")
    unassigned: int = Field(description="Of those, nobody's.")
    being_read: int = Field(description="Files and arrangements that are read now, or wait for it.")
    stuck: list[StuckFile] = Field(description="The oldest of those that have waited too long to be read.")


class Colleagues(Told):
    """Who can be given a referral or a document."""

    with_account: list[str] = Field(description="Whose account may act: referrals are given to these.")
    at_the_queue: list[str] = Field(description="Who has a document, or has opened one; tokens too.")


def standing_endpoints(desk: ApiDesk) -> APIRouter:
    """`/documents/standing` and `/colleagues`."""
    routes = APIRouter()

    @routes.get("/documents/standing", tags=["documents"], summary="How the queue stands", responses=responses())
    async def standing(caller: OfDocuments) -> Standing:
        """Counts as the page's tabs show them, and what is stuck."""
        return await asyncio.to_thread(_standing, desk, caller.token.actor)

    @routes.get("/colleagues", tags=["work"], summary="Who can be given something", responses=responses())
    async def colleagues(caller: OfReferrals) -> Colleagues:
        """By name."""
        del caller
        return await asyncio.to_thread(_colleagues, desk)

    return routes


def _standing(desk: ApiDesk, person: str) -> Standing:
    with desk.store.transaction() as tx:
        tally, being_read = tx.tally(), tx.being_read()
        stuck = stuck_files(tx, desk.clock.now())
    return Standing(
        waiting=tally.all,
        mine=tally.assigned.get(person, 0),
        unassigned=tally.all - sum(tally.assigned.values()),
        being_read=being_read,
        stuck=[
            StuckFile(
                arrival=one.id,
                sender=one.envelope.sender,
                channel=one.envelope.channel,
                received_at=a_time(one.received_at),
                tries=one.attempts,
            )
            for one in stuck
        ],
    )


def _colleagues(desk: ApiDesk) -> Colleagues:
    with desk.store.transaction() as tx:
        return Colleagues(with_account=tx.people_who_act(), at_the_queue=tx.people_at_the_desk())
