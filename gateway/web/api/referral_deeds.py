"""Endpoints that decide about one referral: the same use cases as the buttons of its page."""

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from config.vocabulary import Channel
from gateway.domain.task import TaskKind
from gateway.domain.token import Scope
from gateway.services.access.tokens import Bearer
from gateway.services.change_referral import find
from gateway.services.record_contact import Barrier
from gateway.services.said import said
from gateway.web.api.bearer import may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.once import ONCE, doing_once
from gateway.web.api.problems import responses
from gateway.web.api.referral_models import ReferralOut
from gateway.web.api.referral_views import etag_of, whole
from gateway.web.api.shapes import Number, Sent, Time, Words
from gateway.web.api.versions import IfMatch, refuse_changed

Writer = Annotated[Bearer, may(Scope.REFERRALS_WRITE)]


class Sending(Sent):
    """How to send."""

    channel: Channel | None = Field(
        default=None, description="fax or email; without it the way the office prefers. This is how the way is changed."
    )


class Pausing(Sent):
    """How long to wait, and why."""

    until: Time = Field(description="Not chased before then; within a year.", examples=["2027-01-15T05:00:00Z"])
    reason: Words = Field(description="Why, in a few words.", examples=["Patient is abroad"])


class Called(Sent):
    """A call with the office."""

    spoke_with: Words = Field(description="Who answered.", examples=["Dana at the front desk"])
    learned: Words = Field(description="What they said.", examples=["They will book her next week"])


class Kept(Sent):
    """What keeps the patient from going."""

    kind: Barrier = Field(description="In the words of care coordination.")
    note: Words = Field(description="What the matter is.", examples=["No bus on weekdays"])
    asks_for_help: bool = Field(default=False, description="Open a task to reach the patient.")


class Reason(Sent):
    """Why."""

    reason: Words = Field(description="Why, in a few words.", examples=["Patient went elsewhere"])


def referral_deed_endpoints(desk: ApiDesk) -> APIRouter:
    """`/referrals/{number}/…`; each answers the referral as it then stands."""
    routes = APIRouter(
        prefix="/referrals/{number}",
        tags=["referrals"],
        route_class=doing_once(desk.access),
        dependencies=[ONCE],
        responses=responses(404, 409, 412, 422),
    )
    deeds = ReferralDeeds(desk)
    _add_sending(routes, deeds)
    _add_waiting(routes, deeds)
    _add_ends(routes, deeds)
    return routes


class ReferralDeeds:
    """Does one thing to a referral whose version is the one seen, wakes what may follow, and tells how it stands."""

    def __init__(self, desk: ApiDesk) -> None:
        self.desk = desk

    async def done(self, response: Response, number: str, seen: str, deed: Callable[[str], object]) -> ReferralOut:
        """The referral after the deed, which is given the number."""
        found, etag = await asyncio.to_thread(self._done, number, seen, deed)
        self.desk.something_is_due()
        response.headers["ETag"] = etag
        return found

    async def told(self, response: Response, number: str) -> ReferralOut:
        """As it stands, with its ETag."""
        found, etag = await asyncio.to_thread(self._one, number)
        response.headers["ETag"] = etag
        return found

    def refuse_changed(self, number: str, seen: str) -> None:
        """Raises 412 if it is no longer as it was seen, NotFound."""
        with self.desk.store.transaction() as tx:
            refuse_changed(etag_of(find(tx, number)), seen)

    def _done(self, number: str, seen: str, deed: Callable[[str], object]) -> tuple[ReferralOut, str]:
        self.refuse_changed(number, seen)
        deed(number)
        return self._one(number)

    def _one(self, number: str) -> tuple[ReferralOut, str]:
        with self.desk.store.transaction() as tx:
            referral = find(tx, number)
            return whole(tx, referral), etag_of(referral)


def _add_sending(routes: APIRouter, deeds: ReferralDeeds) -> None:
    change = deeds.desk.referral.change

    @routes.post("/send", summary="Send, send again, or send another way")
    async def send(
        response: Response, number: Number, caller: Writer, sending: Sending, if_match: IfMatch = ""
    ) -> ReferralOut:
        """Releases a draft; else a packet goes out with the next tick."""
        actor = caller.token.actor
        return await deeds.done(response, number, if_match, lambda n: change.send(n, actor, sending.channel))


def _add_waiting(routes: APIRouter, deeds: ReferralDeeds) -> None:
    pausing, contact = deeds.desk.referral.pause, deeds.desk.referral.contact

    @routes.post("/pause", summary="Pause the chasing")
    async def pause(
        response: Response, number: Number, caller: Writer, wanted: Pausing, if_match: IfMatch = ""
    ) -> ReferralOut:
        """Nothing is chased before `until`."""
        actor = caller.token.actor
        return await deeds.done(
            response, number, if_match, lambda n: pausing.pause(n, wanted.until, wanted.reason, actor)
        )

    @routes.post("/resume", summary="Go on chasing")
    async def resume(response: Response, number: Number, caller: Writer, if_match: IfMatch = "") -> ReferralOut:
        """From where the clock stood."""
        return await deeds.done(response, number, if_match, lambda n: pausing.resume(n, caller.token.actor))

    @routes.post("/calls", summary="Log a call with the office")
    async def call(
        response: Response, number: Number, caller: Writer, told: Called, if_match: IfMatch = ""
    ) -> ReferralOut:
        """The task to call is done."""
        actor = caller.token.actor
        return await deeds.done(
            response, number, if_match, lambda n: contact.call(n, told.spoke_with, told.learned, actor)
        )

    @routes.post("/barriers", summary="Record what keeps the patient from going")
    async def barrier(
        response: Response, number: Number, caller: Writer, told: Kept, if_match: IfMatch = ""
    ) -> ReferralOut:
        """Opens a task if help is asked for."""
        actor = caller.token.actor
        return await deeds.done(
            response,
            number,
            if_match,
            lambda n: contact.barrier(n, told.kind, told.note, actor, asks_for_help=told.asks_for_help),
        )

    @routes.post("/tasks/{kind}/done", summary="A task is done")
    async def task_done(
        response: Response, number: Number, kind: TaskKind, caller: Writer, if_match: IfMatch = ""
    ) -> ReferralOut:
        """Done twice is done once."""
        return await deeds.done(response, number, if_match, lambda n: contact.done(n, kind, caller.token.actor))


def _add_ends(routes: APIRouter, deeds: ReferralDeeds) -> None:
    change = deeds.desk.referral.change

    @routes.post("/cancel", summary="Stop a referral for good")
    async def cancel(
        response: Response, number: Number, caller: Writer, why: Reason, if_match: IfMatch = ""
    ) -> ReferralOut:
        """Nothing more is sent or chased; what already left cannot be called back."""
        actor = caller.token.actor
        return await deeds.done(response, number, if_match, lambda n: change.cancel(n, said(why.reason, "why"), actor))

    @routes.post("/close", summary="Close a referral whose report was read")
    async def close(response: Response, number: Number, caller: Writer, if_match: IfMatch = "") -> ReferralOut:
        """Refused in any other state."""
        return await deeds.done(response, number, if_match, lambda n: change.close(n, caller.token.actor))
