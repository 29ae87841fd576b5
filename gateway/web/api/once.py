"""A kind of route that does a thing once, however often it is sent: `Idempotency-Key` and the answer kept under it.

A key is claimed before the deed and its answer is kept after it. What was refused did nothing, so its key is free
again; of a request that was cut off in between nobody knows, and whoever repeats it is told so.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from gateway.errors import ReferloopError
from gateway.services.access.access import Access
from gateway.services.access.token_questions import KeptAnswer
from gateway.web.api.bearer import bearer_of
from gateway.web.api.problems import problem

_LONGEST = 200
Answer = Callable[[Request], Awaitable[Response]]


def _described(
    idempotency_key: Annotated[
        str,
        Header(
            max_length=_LONGEST,
            min_length=1,
            pattern=r"^[!-~]+$",
            description="Your own name for this request. Sent again under it within 24 hours, it is not done again and "
            "gets the first answer.",
            examples=["5f0c2f1e-booking-17"],
        ),
    ] = "",
) -> None:
    del idempotency_key  # the route reads it


ONCE = Depends(_described)
"""Describes the header; for routes of a router whose `route_class` is `doing_once(…)`."""


def doing_once(access: Access) -> type[APIRoute]:
    """The kind of route."""

    class Once(APIRoute):
        """Answers as its handler does; a repeat gets the first answer."""

        def get_route_handler(self) -> Answer:  # type: ignore[override]
            """The handler behind the kept answers."""
            answer: Answer = super().get_route_handler()

            async def handle(request: Request) -> Response:
                key = request.headers.get("idempotency-key", "")
                if request.method != "POST" or not key or len(key) > _LONGEST:
                    return await answer(request)
                return await _once(access, request, key, answer)

            return handle

    return Once


async def _once(access: Access, request: Request, key: str, answer: Answer) -> Response:
    token_id = bearer_of(request).token.id
    asked = f"{request.method} {request.url.path}\n".encode() + await request.body()
    known = await asyncio.to_thread(access.answers.claim, token_id, key, asked)
    if known is not None:
        return _again(known, is_same=access.answers.is_same(known, asked))
    try:
        response = await answer(request)
    except (ReferloopError, HTTPException, RequestValidationError):  # refused: nothing was done
        await asyncio.to_thread(access.answers.release, token_id, key)
        raise
    headers = tuple((name, value) for name, value in response.headers.items() if name in ("etag", "location"))
    body = bytes(response.body).decode()
    await asyncio.to_thread(access.answers.keep, token_id, key, response.status_code, headers, body)
    return response


def _again(known: KeptAnswer, *, is_same: bool) -> Response:
    if not is_same:
        return problem(422, "another request was sent under this Idempotency-Key: choose a new key for a new request")
    if known.status is None:
        told = "the first request under this key is not answered yet, or was cut off: look whether it was done"
        return problem(409, told, headers={"Retry-After": "2"})
    headers = dict(known.headers) | {"Idempotent-Replayed": "true"}
    media_type = "application/json" if known.body else None
    return Response(known.body, known.status, headers, media_type)
