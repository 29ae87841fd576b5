"""Endpoints that settle, mark and rearrange documents: the same use cases as the buttons beside the page.

Whoever settles says which version they saw (`If-Match`); of two at once the use case itself lets one through.
"""

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Response

from gateway.domain.arrangement import Arrangement
from gateway.domain.token import Scope
from gateway.services.access.tokens import Bearer
from gateway.services.correction import Correction
from gateway.services.queue_questions import Mark
from gateway.services.said import said
from gateway.web.api.bearer import may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.document_models import (
    ArrangementOut,
    Arranging,
    Discarding,
    DocumentOut,
    Filing,
    Handing,
    Held,
    Joining,
    Keeping,
    Labelling,
    Noting,
    Splitting,
)
from gateway.web.api.document_views import arrangement_out, document_out, seen
from gateway.web.api.once import ONCE, doing_once
from gateway.web.api.problems import responses
from gateway.web.api.shapes import Item, in_utc
from gateway.web.api.versions import IfMatch, Seen, refuse_changed

Settler = Annotated[Bearer, may(Scope.DOCUMENTS_SETTLE)]


def document_deed_endpoints(desk: ApiDesk) -> APIRouter:
    """`/documents/{item}/…`."""
    routes = APIRouter(
        prefix="/documents/{item}",
        tags=["documents"],
        route_class=doing_once(desk.access),
        dependencies=[ONCE],
        responses=responses(404, 409, 412, 422),
    )
    deeds = _Deeds(desk)
    _add_settling(routes, deeds)
    _add_holds(routes, deeds)
    _add_marks(routes, deeds)
    _add_arranging(routes, deeds)
    return routes


class _Deeds:
    """Does one thing to a document whose version is the one seen, and tells how it stands."""

    def __init__(self, desk: ApiDesk) -> None:
        self.desk = desk

    async def settled(self, response: Response, item: int, version: str, deed: Callable[[], int]) -> DocumentOut:
        """The settled document; what that makes due is looked at."""
        await asyncio.to_thread(self.refuse_changed, item, version)
        part_id = await asyncio.to_thread(deed)
        self.desk.review.settled()
        return await self.told(response, part_id)

    async def marked(self, response: Response, item: int, version: str, deed: Callable[[], object]) -> DocumentOut:
        """The document after a deed that settles nothing."""
        await asyncio.to_thread(self.refuse_changed, item, version)
        await asyncio.to_thread(deed)
        return await self.told(response, item)

    async def told(self, response: Response, item: int) -> DocumentOut:
        """As it stands, with its ETag."""
        found, etag = await asyncio.to_thread(self._one, item)
        response.headers["ETag"] = etag
        return found

    def refuse_changed(self, item: int, version: str) -> None:
        """Raises 412 if it is no longer as it was seen, NotFound."""
        with self.desk.store.transaction() as tx:
            refuse_changed(seen(tx, item).etag, version)

    def _one(self, item: int) -> tuple[DocumentOut, str]:
        with self.desk.store.transaction() as tx:
            found = seen(tx, item)
            return document_out(tx, found, self.desk.review), found.etag

    def correction(self, filing: Filing) -> Correction:
        """What was said against the reading; times as on paper, local to the clinic."""
        at = filing.appointment_at
        return Correction(
            kind=filing.kind,
            appointment_at=at.astimezone(self.desk.zone).replace(tzinfo=None) if at else None,
            has_no_appointment=filing.has_no_appointment and at is None,
            ticked=frozenset(filing.ticked) if filing.ticked is not None else None,
        )


def _add_settling(routes: APIRouter, deeds: _Deeds) -> None:
    review = deeds.desk.review

    @routes.post("/file", summary="File on one or more referrals")
    async def file(response: Response, item: Item, caller: Settler, filing: Filing, if_match: Seen) -> DocumentOut:
        """And move them as it says. What was misread is corrected here."""
        correction, actor = deeds.correction(filing), caller.token.actor
        return await deeds.settled(
            response, item, if_match, lambda: review.settle.assign(item, filing.referrals, actor, correction)
        )

    @routes.post("/discard", summary="Into the trash: unrelated")
    async def discard(response: Response, item: Item, caller: Settler, why: Discarding, if_match: Seen) -> DocumentOut:
        """Its bytes stay for the time the retention policy states."""
        reason, actor, blocks = said(why.reason, "why it is none of ours"), caller.token.actor, why.blocks_sender
        return await deeds.settled(
            response, item, if_match, lambda: review.settle.discard(item, reason, actor, blocks_sender=blocks)
        )

    @routes.post("/keep", summary="Keep, though it answers no referral")
    async def keep(response: Response, item: Item, caller: Settler, why: Keeping, if_match: Seen) -> DocumentOut:
        """A new referral to us, or another paper of the clinic's own."""
        reason, actor = said(why.reason, "what it is"), caller.token.actor
        return await deeds.settled(response, item, if_match, lambda: review.settle.keep(item, reason, actor))

    @routes.post("/take-back", summary="Take back what was settled")
    async def take_back(response: Response, item: Item, caller: Settler, if_match: Seen) -> DocumentOut:
        """It waits in the queue again, and its referrals stand where they stood."""

        def deed() -> int:
            review.undo.take_back(item, caller.token.actor)
            return item

        return await deeds.settled(response, item, if_match, deed)


def _add_holds(routes: APIRouter, deeds: _Deeds) -> None:
    marks = deeds.desk.review.marks

    @routes.post("/hold", summary="Claim it for a moment")
    async def hold(item: Item, caller: Settler) -> Held:
        """While it is held nobody else settles it; for 90 seconds, unless it is held again."""
        await asyncio.to_thread(deeds.refuse_changed, item, "")
        return _held(await asyncio.to_thread(marks.hold, item, caller.token.actor))

    @routes.post("/release", summary="Let it go", status_code=204)
    async def release(item: Item, caller: Settler) -> None:
        """End this token's own hold."""
        await asyncio.to_thread(marks.release, item, caller.token.actor)


def _held(mark: Mark) -> Held:
    return Held(held_by=mark.held_by, held_until=in_utc(mark.held_until))


def _add_marks(routes: APIRouter, deeds: _Deeds) -> None:
    marks = deeds.desk.review.marks

    @routes.post("/assign", summary="Make it somebody's")
    async def assign(
        response: Response, item: Item, caller: Settler, to: Handing, if_match: IfMatch = ""
    ) -> DocumentOut:
        """Or nobody's."""
        person, actor = to.person.strip(), caller.token.actor
        return await deeds.marked(response, item, if_match, lambda: marks.hand_to(item, person, actor))

    @routes.post("/label", summary="Put a short label on it")
    async def label(
        response: Response, item: Item, caller: Settler, wanted: Labelling, if_match: IfMatch = ""
    ) -> DocumentOut:
        """One at a time."""
        actor = caller.token.actor
        return await deeds.marked(response, item, if_match, lambda: marks.label(item, wanted.label, actor))

    @routes.post("/notes", summary="Write on it")
    async def note(
        response: Response, item: Item, caller: Settler, wanted: Noting, if_match: IfMatch = ""
    ) -> DocumentOut:
        """For whoever looks next."""
        text, actor = said(wanted.text, "what the next one should know"), caller.token.actor
        return await deeds.marked(response, item, if_match, lambda: marks.note(item, text, actor))


def _add_arranging(routes: APIRouter, deeds: _Deeds) -> None:
    rearrange = deeds.desk.review.rearrange

    async def asked(item: int, version: str, ask: Callable[[], Arrangement]) -> ArrangementOut:
        await asyncio.to_thread(deeds.refuse_changed, item, version)
        told = arrangement_out(await asyncio.to_thread(ask))
        rearrange.ring()
        return told

    @routes.post("/split", summary="Make two of it", status_code=202)
    async def split(item: Item, caller: Settler, cut: Splitting, if_match: Seen) -> ArrangementOut:
        """The bytes stay as they came; what is read anew comes back to the queue by itself."""
        return await asked(item, if_match, lambda: rearrange.split(item, cut.after, caller.token.actor))

    @routes.post("/join", summary="Join it with another of the same file", status_code=202)
    async def join(item: Item, caller: Settler, wanted: Joining, if_match: Seen) -> ArrangementOut:
        """In the order of the file; it comes back to the queue by itself."""
        return await asked(item, if_match, lambda: rearrange.join(item, wanted.other, caller.token.actor))

    @routes.post("/pages", summary="Turn, order, copy or leave out pages", status_code=202)
    async def pages(item: Item, caller: Settler, wanted: Arranging, if_match: Seen) -> ArrangementOut:
        """The document is read anew as its pages then stand; a page named twice is there twice."""
        arranged = [(page.index, page.degrees) for page in wanted.pages]
        return await asked(item, if_match, lambda: rearrange.order(item, arranged, caller.token.actor))

    @routes.post("/read-again", summary="Have the whole file read once more", status_code=202)
    async def read_again(item: Item, caller: Settler, if_match: Seen) -> None:
        """It comes back to the queue by itself; its arrival tells how far it is."""
        await asyncio.to_thread(deeds.refuse_changed, item, if_match)
        await asyncio.to_thread(rearrange.read_again, item, caller.token.actor)
        rearrange.ring()
