"""One document of the queue, and the search for another referral it may be meant for."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse

from gateway.domain.person import Role
from gateway.web.document_desk import DocumentDesk
from gateway.web.gate import is_by_itself
from gateway.web.queue_desk import QueueDesk
from gateway.web.queue_filters import Filters
from gateway.web.queue_pages import TOLD, onward
from gateway.web.refusals import refusing
from gateway.web.rendering import Rendering
from gateway.web.visitor import Visitor, needing

Viewer = Annotated[Visitor, Depends(needing(Role.VIEWER))]


def document_routes(documents: DocumentDesk, queue: QueueDesk, rendering: Rendering) -> APIRouter:
    """`/queue/ITEM` and what is looked up from there."""
    routes = APIRouter(route_class=refusing(rendering))

    @routes.get("/queue/{item}")
    async def document(
        request: Request, item: int, visitor: Viewer, done: int | None = None, told: str = ""
    ) -> Response:
        filters = Filters.of(request.query_params)
        if (onto := await documents.replaced_by(item)) is not None:
            return onward(onto, filters, told="arranged")
        may_settle = visitor.role.allows(Role.STAFF)
        shown = await documents.document(item, filters, visitor.name, holds=may_settle and not is_by_itself(request))
        return rendering.page(
            request,
            "document.html",
            document=shown,
            me=visitor.name,
            may_settle=may_settle
            and (not shown.is_quarantined or visitor.role.allows(Role.MANAGER))
            and shown.is_waiting
            and not shown.held_by,
            may_take_back=may_settle and bool(shown.settled) and not shown.is_purged,
            done=await queue.done(done) if done else None,
            told=TOLD.get(told, ""),
        )

    @routes.post("/queue/{item}/referrals")
    async def referrals(
        request: Request, item: int, visitor: Viewer, typed: Annotated[str, Form()] = ""
    ) -> HTMLResponse:
        del item, visitor
        found = await documents.search(typed)
        return rendering.page(request, "document_found.html", found=found, typed=typed.strip())

    return routes
