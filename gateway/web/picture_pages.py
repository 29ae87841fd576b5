"""Pages of documents as pictures, cut-outs of them, and the file as it came.

Pictures may be kept by the browser for an hour, by nobody between. The file itself is only ever handed over to be
saved, behind a page that names what in it could act: nothing of a stranger's is shown by the browser but pictures
drawn here.
"""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse

from gateway.domain.arrival import Arrival
from gateway.domain.person import Role
from gateway.errors import NotFound
from gateway.services.scanning import refuse_quarantined
from gateway.web.refusals import refusing
from gateway.web.rendering import Rendering
from gateway.web.review_desk import ReviewDesk
from gateway.web.visitor import Visitor, needing
from parsers.reading import Reading

Viewer = Annotated[Visitor, Depends(needing(Role.VIEWER))]
_KEPT = {"Cache-Control": "private, max-age=3600"}
_ENDINGS = {
    "application/pdf": "pdf",
    "image/tiff": "tif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "message/rfc822": "eml",
    "text/plain": "txt",
    "application/zip": "zip",
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
        path = await desk.pictures.cut(arrival, index, box_between(sides))
        return FileResponse(path, media_type="image/png", headers=_KEPT)

    @routes.get("/documents/{arrival}/original")
    async def original(request: Request, arrival: int, visitor: Viewer) -> Response:
        del visitor
        found = await asyncio.to_thread(_original, desk, arrival)
        if not found.warnings:
            return _saved(desk, found)
        shown = {"arrival": arrival, "warnings": found.warnings}
        return rendering.page(request, "original.html", 200, **shown)

    @routes.get("/documents/{arrival}/original/file")
    async def original_file(arrival: int, visitor: Viewer) -> Response:
        del visitor
        return _saved(desk, await asyncio.to_thread(_original, desk, arrival))

    return routes


@dataclass(frozen=True, slots=True)
class _Original:
    """The file as it came, and what is said before it is handed over."""

    arrival: Arrival
    warnings: tuple[str, ...]


def _original(desk: ReviewDesk, arrival_id: int) -> _Original:
    with desk.store.transaction() as tx:
        arrival, reading = tx.arrival(arrival_id), tx.reading_of(arrival_id)
    refuse_quarantined(arrival)
    return _Original(arrival, warnings_of(arrival, reading))


def warnings_of(arrival: Arrival, reading: Reading | None) -> tuple[str, ...]:
    """Why a person should think before opening the file as it came; empty if nothing is known against it."""
    if reading is not None:
        return reading.active
    return (f"nothing could be read in it: {arrival.error}",) if arrival.error else ()


def _saved(desk: ReviewDesk, found: _Original) -> FileResponse:
    """To be saved, never shown: the browser is told no type, and may not guess one."""
    ending = _ENDINGS.get(found.arrival.media_type, "bin")
    return FileResponse(
        desk.vault.path(found.arrival.sha256),
        media_type="application/octet-stream",
        filename=f"document-{found.arrival.id}.{ending}",
        headers={"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"},
    )


def box_between(sides: str) -> tuple[float, float, float, float]:
    """Left, top, right and bottom in thousandths, as x, y, width and height in fractions. Raises NotFound."""
    numbers = sides.split("-")
    if len(numbers) != 4 or not all(one.isascii() and one.isdigit() and int(one) <= 1000 for one in numbers):
        raise NotFound("that is no spot on a page")
    left, top, right, bottom = (int(one) / 1000 for one in numbers)
    if left >= right or top >= bottom:
        raise NotFound("that is no spot on a page")
    return left, top, right - left, bottom - top
