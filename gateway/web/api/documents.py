"""Endpoints that look at documents: what waits, what is settled, full-text search, one with its pages and bytes."""

import asyncio
import hashlib
from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException, Path, Query, Request, Response, UploadFile
from pydantic import Field

from config.vocabulary import Channel, DocumentKind
from gateway.domain.arrival import PartState
from gateway.domain.token import Scope
from gateway.errors import InvalidIntake, NotFound
from gateway.services.access.tokens import Bearer
from gateway.services.by_hand import envelope_by_hand
from gateway.services.list_questions import SettledBehind
from gateway.services.ports import Transaction
from gateway.services.queue_questions import Place, Wanted, Whose
from gateway.services.retry_reading import RetryReading
from gateway.web.api.bearer import bearer_of, may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.document_models import ArrangementOut, ArrivalOut, DocumentOut, DocumentRow, Sought
from gateway.web.api.document_views import arrangement_out, document_out, seen, settled_row, waiting_row
from gateway.web.api.once import ONCE, doing_once
from gateway.web.api.paging import Cursor, Limit, Page, cursor_of, page_of, place_of
from gateway.web.api.problems import responses
from gateway.web.api.shapes import Item, Sent

Reader = Annotated[Bearer, may(Scope.DOCUMENTS_READ)]
Settler = Annotated[Bearer, may(Scope.DOCUMENTS_SETTLE)]
WaitingKind = DocumentKind | Literal["unreadable"]
ArrivalId = Annotated[int, Path(ge=1, le=2**31 - 1, description="The file's id.")]
_STATES = {"filed": PartState.FILED, "kept": PartState.KEPT, "discarded": PartState.DISCARDED}
_MOST_BYTES = 50 * 2**20


class Waits(Sent):
    """How the list of what waits is narrowed."""

    whose: Whose = Field(default=Whose.ALL, description="Mine: assigned to this token.")
    kind: WaitingKind | None = Field(default=None, description="Only of this kind.")
    channel: Channel | None = Field(default=None, description="Only what came this way.")
    limit: Limit = 50
    cursor: Cursor = None

    def wanted(self, person: str) -> Wanted:
        """As the store is asked."""
        kind = self.kind if isinstance(self.kind, DocumentKind) else None
        return Wanted(person, self.whose, kind, is_unreadable=self.kind == "unreadable", channel=self.channel)


class Settled(Sent):
    """How the list of what is settled is narrowed."""

    state: list[Literal["filed", "kept", "discarded"]] | None = Field(default=None, description="Only in these.")
    limit: Limit = 50
    cursor: Cursor = None


def document_endpoints(desk: ApiDesk) -> APIRouter:
    """`/documents` and `/arrivals`, looked at; and the way in for a document by hand."""
    routes = APIRouter(tags=["documents"], route_class=doing_once(desk.access))
    _add_lists(routes, desk)
    _add_one(routes, desk)
    _add_arrivals(routes, desk)
    _add_retry(routes, desk)
    return routes


def _add_lists(routes: APIRouter, desk: ApiDesk) -> None:
    @routes.get("/documents", summary="List what waits for a person", responses=responses(422))
    async def waiting(caller: Reader, asked: Annotated[Waits, Query()]) -> Page[DocumentRow]:
        """Oldest arrival first."""
        wanted = asked.wanted(caller.token.actor)
        return await asyncio.to_thread(_waiting, desk, wanted, asked.limit, asked.cursor)

    @routes.get("/documents/settled", summary="List what is filed, kept or in the trash", responses=responses(422))
    async def settled(caller: Reader, asked: Annotated[Settled, Query()]) -> Page[DocumentRow]:
        """The newest settled first."""
        del caller
        states = list(asked.state or _STATES)
        return await asyncio.to_thread(_settled, desk, states, "", asked.limit, asked.cursor)

    @routes.post("/documents/search", summary="Find documents by their words", responses=responses(422))
    async def search(caller: Reader, sought: Sought) -> Page[DocumentRow]:
        """Full text of what was read. A POST, because names of patients do not belong in URLs."""
        settled = [state for state in sought.states if state != "waiting"]
        if settled and "waiting" in sought.states:
            raise InvalidIntake("states: waiting stands alone: ask once for it, and once for the others")
        if settled:
            return await asyncio.to_thread(_settled, desk, settled, sought.words, sought.limit, sought.cursor)
        wanted = Wanted(caller.token.actor, searched=sought.words)
        return await asyncio.to_thread(_waiting, desk, wanted, sought.limit, sought.cursor)


def _add_one(routes: APIRouter, desk: ApiDesk) -> None:
    @routes.get("/documents/{item}", summary="One document", responses=responses(404))
    async def one(response: Response, item: Item, caller: Reader) -> DocumentOut:
        """With candidates and their evidence, and all that was read; its ETag is what settling it asks for."""
        del caller
        found, etag = await asyncio.to_thread(_one, desk, item)
        response.headers["ETag"] = etag
        return found

    @routes.get("/documents/{item}/arrangement", summary="What became of its pages", responses=responses(404))
    async def arrangement(item: Item, caller: Reader) -> ArrangementOut:
        """Of the last `split`, `join` or `pages` it was given to."""
        del caller
        return await asyncio.to_thread(_arrangement, desk, item)


def _add_arrivals(routes: APIRouter, desk: ApiDesk) -> None:
    @routes.post(
        "/documents",
        summary="Bring a document in by hand",
        status_code=202,
        dependencies=[ONCE],
        responses=responses(409, 413, 422),
    )
    async def bring(
        request: Request,
        file: UploadFile,
        caller: Settler,
        sender: Annotated[str, Form(max_length=300, description="Fax number or mail address it came from.")] = "",
    ) -> ArrivalOut:
        """PDF, TIFF, image, DOCX or mail; it is read, matched and filed as if it had come over the line."""
        del caller
        data = await file.read()
        if not data or len(data) > _MOST_BYTES:
            raise HTTPException(422, f"file: is empty, or larger than {_MOST_BYTES // 2**20} MiB: send it in parts")
        return await _brought(desk, data, file.filename or "document", sender, bearer_of(request))

    @routes.get("/arrivals/{arrival}", summary="One received file", responses=responses(404))
    async def arrival_(arrival: ArrivalId, caller: Reader) -> ArrivalOut:
        """How far it is, and the documents found in it."""
        del caller
        return await asyncio.to_thread(_arrival, desk, arrival)


def _add_retry(routes: APIRouter, desk: ApiDesk) -> None:
    retrying = RetryReading(desk.store, desk.clock)

    @routes.post(
        "/arrivals/{arrival}/retry",
        summary="Have a file that is stuck tried again",
        dependencies=[ONCE],
        responses=responses(404, 409, 422),
    )
    async def retry(arrival: ArrivalId, caller: Settler) -> ArrivalOut:
        """At once, whatever held it back; refused once it is read."""
        await asyncio.to_thread(retrying.retry, arrival, caller.token.actor)
        desk.review.rearrange.ring()
        return await asyncio.to_thread(_arrival, desk, arrival)


def _waiting(desk: ApiDesk, wanted: Wanted, limit: int, cursor: str | None) -> Page[DocumentRow]:
    place, now = place_of("waiting", cursor, 2), desk.clock.now()
    after = Place(place[0], place[1]) if place else Place.start()
    with desk.store.transaction() as tx:
        found = tx.waiting(wanted, after, limit + 1)
    last = found[min(len(found), limit) - 1].place if found else Place.start()
    return page_of([waiting_row(one, now) for one in found], limit, cursor_of("waiting", last.arrival_id, last.place))


def _settled(desk: ApiDesk, states: list[str], searched: str, limit: int, cursor: str | None) -> Page[DocumentRow]:
    place = place_of("settled", cursor)
    asked = SettledBehind([_STATES[state] for state in states], searched, place[0] if place else None)
    with desk.store.transaction() as tx:
        found = tx.settled_behind(asked, limit + 1)
        rows = [settled_row(tx, part, arrival, desk.clock.now()) for part, arrival in found]
    return page_of(rows, limit, cursor_of("settled", rows[min(len(rows), limit) - 1].item if rows else 0))


def _one(desk: ApiDesk, item: int) -> tuple[DocumentOut, str]:
    with desk.store.transaction() as tx:
        found = seen(tx, item)
        return document_out(tx, found, desk.review), found.etag


def _arrangement(desk: ApiDesk, item: int) -> ArrangementOut:
    with desk.store.transaction() as tx:
        found = tx.arrangement_of(tx.part(item).id) if item > 0 else None
    if found is None:
        raise NotFound(f"document {item} was never split, joined or arranged anew: see GET /documents/{item}")
    return arrangement_out(found)


async def _brought(desk: ApiDesk, data: bytes, name: str, sender: str, bearer: Bearer) -> ArrivalOut:
    del bearer  # the audit log names it
    content = hashlib.sha256(data).hexdigest()
    envelope = await asyncio.to_thread(envelope_by_hand, name[:200], content, sender.strip())
    is_known = await desk.door.knows(envelope.source_id)
    arrival = await desk.door.receive(data, envelope)
    told = await asyncio.to_thread(_arrival, desk, arrival.id)
    return told.model_copy(update={"is_new": not is_known})


def _arrival(desk: ApiDesk, arrival_id: int) -> ArrivalOut:
    with desk.store.transaction() as tx:
        arrival = tx.arrival(arrival_id)
        items = _items(tx, arrival_id)
    return ArrivalOut(
        id=arrival.id,
        state=arrival.state,
        media_type=arrival.media_type,
        pages=arrival.pages,
        error=arrival.error,
        items=items,
    )


def _items(tx: Transaction, arrival_id: int) -> list[int]:
    return [part.id for part in tx.parts_of(arrival_id) if part.state is not PartState.REPLACED]
