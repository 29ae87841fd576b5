"""What carriers may reach from outside: their callbacks, and the packets that one of them is to fetch. Nothing else.

A listener of its own, behind a proxy that speaks TLS. Bodies are bounded, signatures are over the raw body and the
public address, and what was taken once is not taken again.
"""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Protocol

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from outbound.callbacks import Callback, CallbackReader, Told

_LONGEST_BYTES = 1_000_000
_REMEMBERED = 10_000
_CHUNK_BYTES = 1 << 16
_log = logging.getLogger(__name__)


class Shelf(Protocol):
    """Packets laid out to be fetched once."""

    def find(self, name: str) -> Path | None:
        """The file of an address's last part; None for any that is wrong, over or used."""
        ...

    def burn(self, path: Path) -> None:
        """It was fetched whole."""
        ...


class _Seen:
    """Signed callbacks that were taken, by their digest: the same bytes again are a replay."""

    def __init__(self) -> None:
        self._digests: OrderedDict[bytes, None] = OrderedDict()

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._digests

    def add(self, digest: bytes) -> None:
        """Remember it, and forget the oldest of very many."""
        self._digests[digest] = None
        if len(self._digests) > _REMEMBERED:
            self._digests.popitem(last=False)


def plain_app() -> FastAPI:
    """An application that says nothing of itself."""
    return FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


def make_callbacks_app(
    name: str, reader: CallbackReader, shelf: Shelf, public_url: str, take: Callable[[Told], Awaitable[None]]
) -> FastAPI:
    """The application for the carrier called `name`."""
    app = plain_app()
    seen = _Seen()

    @app.post(f"/callbacks/{name}")
    async def called(request: Request) -> Response:
        callback = await read_callback(request, public_url)
        if callback is None:
            return Response(status_code=413)
        told = await reader.hear(callback)
        if told is None:
            _log.warning("callback refused", extra={"action": "callback", "carrier": name})
            return Response(status_code=403)
        digest = _digest(callback)
        if told.status is None or digest not in seen:
            await take(told)
            seen.add(digest)
        return Response(told.answer, media_type="application/xml") if told.answer else Response()

    @app.api_route("/media/{file}", methods=["GET", "HEAD"])
    async def fetched(file: str, request: Request) -> Response:
        path = await asyncio.to_thread(shelf.find, file)
        if path is None:
            return Response(status_code=404)
        size = (await asyncio.to_thread(path.stat)).st_size
        headers = {"Cache-Control": "no-store", "Content-Length": str(size)}
        if request.method == "HEAD":
            return Response(media_type="application/pdf", headers=headers)
        return StreamingResponse(_once(shelf, path), media_type="application/pdf", headers=headers)

    return app


async def _once(shelf: Shelf, path: Path) -> AsyncIterator[bytes]:
    """The file, which is burnt when its last byte was handed over; whoever hangs up before may come again."""
    with await asyncio.to_thread(path.open, "rb") as file:
        while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
            yield chunk
    await asyncio.to_thread(shelf.burn, path)


async def read_callback(request: Request, public_url: str) -> Callback | None:
    """The request as the carrier made it; None if its body is longer than a callback can be."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_BYTES:
            return None
    query = f"?{request.url.query}" if request.url.query else ""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Callback(f"{public_url}{request.url.path}{query}", headers, bytes(body))


def _digest(callback: Callback) -> bytes:
    return hashlib.sha256(callback.url.encode() + b"\0" + callback.body).digest()
