"""What went wrong, as RFC 9457 problems: a title, a status, and one sentence that says what to do."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from gateway.errors import (
    IllegalTransition,
    InvalidIntake,
    NotFound,
    NotSaid,
    PersonRefused,
    ReferloopError,
    StaleRow,
    StorageFailed,
    WorkerFailed,
)

MEDIA_TYPE = "application/problem+json"
_STATUSES: tuple[tuple[type[ReferloopError], int], ...] = (
    (NotFound, 404),
    (InvalidIntake, 422),
    (NotSaid, 422),
    (PersonRefused, 422),
    (WorkerFailed, 422),
    (StaleRow, 409),
    (IllegalTransition, 409),
)


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    where: str = Field(description="Where in the request, like body.patient.family.", examples=["body.until"])
    what: str = Field(description="What is wrong there.", examples=["Field required"])


class Problem(BaseModel):
    """Why a request was not answered as asked (RFC 9457)."""

    type: str = Field(default="about:blank", description="Always about:blank: status and title say what kind it is.")
    title: str = Field(description="The status in words.", examples=["Conflict"])
    status: int = Field(description="The HTTP status.", examples=[409])
    detail: str = Field(
        description="What happened, to what, and what to do.",
        examples=["queue item 7 is already filed by Maria Gomez: reload the queue"],
    )
    faults: list[Fault] = Field(default_factory=list[Fault], description="Of a request that is not as described.")


def problem(
    status: int, detail: str, *, faults: list[Fault] | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer."""
    told = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, faults=faults or [])
    return JSONResponse(told.model_dump(), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How endpoints describe their problems; those that any endpoint may answer are always among them."""
    always = (400, 401, 403, 429, 503)
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in sorted({*always, *statuses})
    }


def add_problems(api: FastAPI) -> None:
    """Every refusal of the application as a problem; what was sent is never repeated."""

    @api.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:  # pyright: ignore[reportUnusedFunction]
        told = {404: "there is nothing at this path", 405: "this path does not take that method"}
        detail = str(error.detail)
        if detail == HTTPStatus(error.status_code).phrase:
            detail = f"{told.get(error.status_code, detail)}: see openapi.json"
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = ", ".join(sorted(_methods(api, request)))
        return problem(error.status_code, detail, headers=headers)

    @api.exception_handler(RequestValidationError)
    async def not_as_described(_: Request, error: RequestValidationError) -> Response:  # pyright: ignore[reportUnusedFunction]
        faults = [
            Fault(where=".".join(str(step) for step in one["loc"]), what=str(one["msg"])) for one in error.errors()
        ]
        return problem(400, "the request is not as openapi.json describes it: mend what `faults` names", faults=faults)

    @api.exception_handler(ReferloopError)
    async def failed(_: Request, error: ReferloopError) -> Response:  # pyright: ignore[reportUnusedFunction]
        return of_error(error)


def _methods(api: FastAPI, request: Request) -> set[str]:
    """All that the path takes, whichever endpoint it is of; a fixed path goes before one with a parameter."""
    asked = request.url.path.removeprefix(request.scope.get("root_path", ""))
    described: dict[str, dict[str, object]] = api.openapi()["paths"]
    fitting = [path for path in described if compile_path(path)[0].match(asked)]
    chosen = asked if asked in fitting else next(iter(fitting), "")
    return {method.upper() for method in described.get(chosen, {})}


def of_error(error: ReferloopError) -> JSONResponse:
    """One of the house's errors as a problem."""
    if isinstance(error, StorageFailed):
        return problem(503, "the database does not answer, so nothing was done: send it again in a while")
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), 409)
    return problem(status, str(error))
