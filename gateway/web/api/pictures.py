"""Pages of documents as pictures, cut-outs of what was read on them, and the file as it came.

A page is asked for by a document that it is of: two patients' answers may have come in one file, and the audit log
names whose was looked at.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse

from gateway.domain.token import Scope
from gateway.errors import NotFound
from gateway.services.access.tokens import Bearer
from gateway.services.scanning import refuse_quarantined
from gateway.web.api.bearer import may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.problems import responses
from gateway.web.api.shapes import Item
from gateway.web.picture_pages import box_between

Reader = Annotated[Bearer, may(Scope.DOCUMENTS_READ)]
Index = Annotated[int, Path(ge=0, le=100_000, description="The page's place in the file, from 0.")]
Sides = Annotated[
    str,
    Path(
        pattern=r"^[0-9]{1,4}-[0-9]{1,4}-[0-9]{1,4}-[0-9]{1,4}$",
        description="Left, top, right and bottom in thousandths of the upright page.",
        examples=["112-310-402-352"],
    ),
]
_PICTURE = {200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}}
_BYTES = {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}


def picture_endpoints(desk: ApiDesk) -> APIRouter:
    """`/documents/{item}/pages/…` and `/documents/{item}/original`."""
    routes = APIRouter(prefix="/documents/{item}", tags=["documents"])
    pictures = desk.review.pictures

    @routes.get(
        "/pages/{index}/image",
        summary="A page as a picture",
        response_class=FileResponse,
        responses=_PICTURE | responses(404, 422),
    )
    async def image(item: Item, index: Index, caller: Reader) -> FileResponse:
        """PNG, upright."""
        del caller
        arrival = await asyncio.to_thread(_arrival_with, desk, item, index)
        return FileResponse(await pictures.page(arrival, index), media_type="image/png")

    @routes.get(
        "/pages/{index}/cut-outs/{sides}",
        summary="What was read, as it stands on the page",
        response_class=FileResponse,
        responses=_PICTURE | responses(404, 422),
    )
    async def cut_out(item: Item, index: Index, sides: Sides, caller: Reader) -> FileResponse:
        """PNG of handwriting, a box, or any other spot; where each stands says `spot` of the document."""
        del caller
        box = box_between(sides)
        arrival = await asyncio.to_thread(_arrival_with, desk, item, index)
        return FileResponse(await pictures.cut(arrival, index, box), media_type="image/png")

    @routes.get(
        "/original",
        summary="The file as it came",
        response_class=FileResponse,
        responses=_BYTES | responses(404),
    )
    async def original(item: Item, caller: Reader) -> FileResponse:
        """Its bytes, of all documents that came in it; `warnings` of the document says what in it could act."""
        del caller
        arrival, path = await asyncio.to_thread(_bytes_of, desk, item)
        return FileResponse(path, media_type="application/octet-stream", filename=f"document-{arrival}")

    return routes


def _arrival_with(desk: ApiDesk, item: int, index: int) -> int:
    """The file a document's page is in. Raises NotFound for a page of another document."""
    with desk.store.transaction() as tx:
        if item <= 0:
            return tx.arrival(-item).id
        part = tx.part(item)
    if index not in part.pages:
        raise NotFound(f"page {index} is not of document {item}: GET /documents/{item} names its pages")
    return part.arrival_id


def _bytes_of(desk: ApiDesk, item: int) -> tuple[int, str]:
    with desk.store.transaction() as tx:
        arrival = tx.arrival(tx.part(item).arrival_id if item > 0 else -item)
    refuse_quarantined(arrival)
    return arrival.id, str(desk.review.vault.path(arrival.sha256))
