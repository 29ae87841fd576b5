"""The API as an application of its own, mounted under /api/v1: its gate, its problems, its groups of endpoints.

A new group is one file with a function from the desk to its routes, and one line in `_GROUPS`.
"""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, FastAPI

from gateway.web.api.audit_log import audit_endpoints
from gateway.web.api.bearer import ApiGate, Pace
from gateway.web.api.board import board_endpoints
from gateway.web.api.desk import ApiDesk
from gateway.web.api.directory import directory_endpoints
from gateway.web.api.document_deeds import document_deed_endpoints
from gateway.web.api.documents import document_endpoints
from gateway.web.api.drafts import draft_endpoints
from gateway.web.api.figures import figure_endpoints
from gateway.web.api.filters import filter_endpoints
from gateway.web.api.live import live_endpoints
from gateway.web.api.office_deeds import office_deed_endpoints, office_search_endpoints
from gateway.web.api.people import people_endpoints
from gateway.web.api.pictures import picture_endpoints
from gateway.web.api.problems import Problem, add_problems
from gateway.web.api.reference import reference_page
from gateway.web.api.referral_deeds import referral_deed_endpoints
from gateway.web.api.referrals import referral_endpoints
from gateway.web.api.reports import report_endpoints
from gateway.web.api.senders import sender_endpoints
from gateway.web.api.standing import standing_endpoints
from gateway.web.api.tasks import task_endpoints
from gateway.web.api.tokens import token_endpoints
from gateway.web.api.work import work_endpoints
from gateway.web.api.work_deeds import work_deed_endpoints

PREFIX = "/api/v1"
_ABOUT = """Everything the web pages do, for programs.

Every request carries a token: `Authorization: Bearer rl_…`. Times are UTC (RFC 3339), errors are problems (RFC 9457),
lists are read on with `cursor`. A POST with an `Idempotency-Key` is done once, however often it is sent."""
_GROUPS: tuple[Callable[[ApiDesk], APIRouter], ...] = (
    referral_endpoints,
    referral_deed_endpoints,
    work_endpoints,
    work_deed_endpoints,
    board_endpoints,
    live_endpoints,
    filter_endpoints,
    standing_endpoints,
    draft_endpoints,
    document_endpoints,
    picture_endpoints,
    document_deed_endpoints,
    sender_endpoints,
    task_endpoints,
    office_search_endpoints,
    directory_endpoints,
    office_deed_endpoints,
    report_endpoints,
    people_endpoints,
    token_endpoints,
    audit_endpoints,
    figure_endpoints,
)


class Api(FastAPI):
    """Describes itself with the problems that its endpoints answer."""

    def openapi(self) -> dict[str, Any]:
        """The description, with the shape of problems in it and without FastAPI's own of what is not valid."""
        if self.openapi_schema is None:
            told = super().openapi()
            schemas = told.setdefault("components", {}).setdefault("schemas", {})
            whole = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= whole.pop("$defs", {}) | {"Problem": whole}
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            for operations in told["paths"].values():
                for operation in operations.values():
                    _without_default_422(operation)
        return self.openapi_schema or {}


def _without_default_422(operation: dict[str, Any]) -> None:
    """What FastAPI says by itself of an invalid request: here that is a 400."""
    answer = operation["responses"].get("422", {})
    if "HTTPValidationError" in str(answer):
        del operation["responses"]["422"]


def make_api(desk: ApiDesk) -> FastAPI:
    """The application over what the pages work with."""
    api = Api(
        title="Referloop",
        version="1",
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
    )
    api.middleware("http")(ApiGate(desk.access, Pace(desk.house.api_per_minute)))
    for group in _GROUPS:
        api.include_router(group(desk))
    api.include_router(reference_page(api, desk.house))
    add_problems(api)
    return api
