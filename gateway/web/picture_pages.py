"""Pages of documents as pictures, cut-outs of them, and the file as it came.

Pictures may be kept by the browser for an hour, by nobody between. The file itself is only ever handed over to be
saved: nothing of a stranger's is shown by the browser but pictures drawn here.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse

from gateway.domain.person import Role
from gateway.errors import NotFound
from gateway.web.refusals import refusing
from gateway.web.rendering import Rendering
from gateway.web.review_desk import ReviewDesk
from gateway.web.visitor import Visitor, needing

Viewer = Annotated[Visitor, Depends(needing(Role.VIEWER))]
_KEPT = {"Cache-Control": "private, max-age=3600"}
_ENDINGS = {
    "application/pdf": "pdf",
    "image/tiff": "tif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "message/rfc822": "eml",
    "text/plain": "txt",
}


def picture_routes(desk: ReviewDesk, rendering: Rendering) -> APIRouter:
    """`/documents/ARRIVAL/…`."""
    routes = APIRouter(route_class=refusing(rendering))

    @routes.get("/documents/{arrival}/pages/{index}.png")
    async def page(arrival: int, index: int, visitor: Viewer) -> FileResponse:
        del visitor
        return FileResponse(await desk.pictures.page(arrival, index), media_type="image/png", headers=_KEPT)

    @routes.get("/documents/{arrival}/pages/{index}/{sides}.png")
    async def spot(arrival: int, index: int, sides: str, visitor: Viewer) -> FileResponse:
        del visitor
        path = await desk.pictures.cut(arrival, index, _box(sides))
        return FileResponse(path, media_type="image/png", headers=_KEPT)

    @routes.get("/documents/{arrival}/original")
    async def original(arrival: int, visitor: Viewer) -> FileResponse:
        del visitor
        found = await asyncio.to_thread(_arrival, desk, arrival)
        ending = _ENDINGS.get(found[1], "bin")
        return FileResponse(
            desk.vault.path(found[0]),
            media_type="application/octet-stream",
            filename=f"document-{arrival}.{ending}",
            headers={"Content-Security-Policy": "sandbox"},
        )

    return routes


def _arrival(desk: ReviewDesk, arrival_id: int) -> tuple[str, str]:
    with desk.store.transaction() as tx:
        arrival = tx.arrival(arrival_id)
    return arrival.sha256, arrival.media_type


def _box(sides: str) -> tuple[float, float, float, float]:
    """Left, top, right and bottom in thousandths, as x, y, width and height in fractions."""
    numbers = sides.split("-")
    if len(numbers) != 4 or not all(one.isascii() and one.isdigit() and int(one) <= 1000 for one in numbers):
        raise NotFound("that is no spot on a page")
    left, top, right, bottom = (int(one) / 1000 for one in numbers)
    if left >= right or top >= bottom:
        raise NotFound("that is no spot on a page")
    return left, top, right - left, bottom - top
