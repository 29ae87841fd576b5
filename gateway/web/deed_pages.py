"""What a person does to a document: each is one form sent, one use case called, and the next page opened."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from config.vocabulary import AnswerId, DocumentKind
from gateway.domain.person import Role
from gateway.errors import NotFound
from gateway.services.correction import Correction
from gateway.web.document_desk import when
from gateway.web.queue_desk import QueueDesk
from gateway.web.queue_filters import Filters
from gateway.web.queue_pages import onward
from gateway.web.refusals import refusing
from gateway.web.rendering import Rendering
from gateway.web.review_desk import ReviewDesk
from gateway.web.visitor import Visitor, needing

Staff = Annotated[Visitor, Depends(needing(Role.STAFF))]
Text = Annotated[str, Form()]


@dataclass(slots=True)
class Verdict:
    """The form beside the page, as it is sent when a document is filed."""

    number: Text = ""
    also: Annotated[list[str] | None, Form()] = None
    kind: Text = ""
    date: Text = ""
    time: Text = ""
    has_boxes: Annotated[bool, Form()] = False
    box: Annotated[list[str] | None, Form()] = None

    @property
    def numbers(self) -> list[str]:
        """Every referral it answers, the chosen one first. Raises NotFound if there is none."""
        if not self.number:
            raise NotFound("no referral was chosen: choose one, or search for it")
        return list(dict.fromkeys([self.number, *(self.also or ())]))

    def correction(self) -> Correction:
        """What the person says of the document. Raises NotFound for what is no date."""
        appointment = when(self.date, self.time)
        ticked = frozenset(AnswerId(one) for one in self.box or () if one in list(AnswerId))
        return Correction(
            kind=DocumentKind(self.kind) if self.kind in list(DocumentKind) else None,
            appointment_at=appointment,
            has_no_appointment=appointment is None,
            ticked=ticked if self.has_boxes else None,
        )


@dataclass(slots=True)
class Rejection:
    """Why a document is none of ours."""

    reason: Text
    other: Text = ""
    blocks: Annotated[bool, Form()] = False


def settling_routes(desk: ReviewDesk, queue: QueueDesk, rendering: Rendering) -> APIRouter:
    """File, throw away, keep, take back."""
    routes = APIRouter(route_class=refusing(rendering))

    async def on_from(request: Request, visitor: Visitor, item: int, settled: int) -> Response:
        desk.settled()
        filters = Filters.of(request.query_params)
        return onward(await queue.next_item(filters, visitor.name, item), filters, done=settled)

    @routes.post("/queue/{item}/file")
    async def file(request: Request, item: int, visitor: Staff, verdict: Annotated[Verdict, Depends()]) -> Response:
        numbers, said = verdict.numbers, verdict.correction()
        settled = await asyncio.to_thread(desk.settle.assign, item, numbers, visitor.name, said)
        return await on_from(request, visitor, item, settled)

    @routes.post("/queue/{item}/discard")
    async def discard(
        request: Request, item: int, visitor: Staff, refusal: Annotated[Rejection, Depends()]
    ) -> Response:
        reason = refusal.other.strip() or refusal.reason
        settled = await asyncio.to_thread(
            lambda: desk.settle.discard(item, reason, visitor.name, blocks_sender=refusal.blocks)
        )
        return await on_from(request, visitor, item, settled)

    @routes.post("/queue/{item}/keep")
    async def keep(request: Request, item: int, visitor: Staff, reason: Text = "new referral to us") -> Response:
        settled = await asyncio.to_thread(desk.settle.keep, item, reason.strip() or "kept", visitor.name)
        return await on_from(request, visitor, item, settled)

    @routes.post("/queue/{item}/take-back")
    async def take_back(request: Request, item: int, visitor: Staff) -> Response:
        await asyncio.to_thread(desk.undo.take_back, item, visitor.name)
        desk.settled()
        return RedirectResponse(f"/queue/{item}?{Filters.of(request.query_params).query()}".rstrip("?"), 303)

    return routes
