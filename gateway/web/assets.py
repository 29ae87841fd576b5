"""Style and scripts, read once from `static/` and served by their names; there is nothing of any patient in them."""

from importlib.resources import files
from pathlib import PurePath

from fastapi import APIRouter, HTTPException, Response

_KINDS = {".css": "text/css", ".js": "text/javascript"}


def asset_routes() -> APIRouter:
    """`/static/NAME`."""
    routes = APIRouter()
    folder = files("gateway.web").joinpath("static")
    assets = {file.name: file.read_bytes() for file in folder.iterdir() if PurePath(file.name).suffix in _KINDS}

    @routes.get("/static/{name}")
    async def asset(name: str) -> Response:
        if name not in assets:
            raise HTTPException(404, "There is no such file.")
        return Response(assets[name], media_type=_KINDS[PurePath(name).suffix])

    return routes
