"""The web application: hardening around the gate around the audit log around the pages."""

import re
from collections.abc import Callable, Mapping

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Mount

from gateway.errors import NotFound, ReferloopError, StorageFailed
from gateway.services.access.access import Access
from gateway.services.keep_filter import KeepFilter
from gateway.services.reports.reports import Reports
from gateway.web.account import account_routes
from gateway.web.api.app import PREFIX, make_api
from gateway.web.api.desk import api_desk
from gateway.web.assets import asset_routes
from gateway.web.audit import audit_routes
from gateway.web.auditing import Auditing
from gateway.web.board import board_routes
from gateway.web.board_desk import BoardDesk
from gateway.web.directory_desk import DirectoryDesk
from gateway.web.directory_pages import directory_routes
from gateway.web.draft import draft_routes
from gateway.web.enclosing import enclosing_routes
from gateway.web.entry import entry_routes
from gateway.web.entry_desk import EntryDesk
from gateway.web.first_run import first_run_routes
from gateway.web.gate import Gate
from gateway.web.hardening import Hardening
from gateway.web.house import House
from gateway.web.live import Live
from gateway.web.live_pages import live_routes
from gateway.web.login import login_routes
from gateway.web.monitor import monitor_routes
from gateway.web.one_referral import OneReferral
from gateway.web.people import people_routes
from gateway.web.referral_routes import referral_routes
from gateway.web.rendering import Rendering
from gateway.web.report_pages import report_routes
from gateway.web.review_desk import ReviewDesk
from gateway.web.review_pages import review_routes
from gateway.web.shown_referral import ShownReferral
from gateway.web.single_sign_on import SignOn, sign_on_routes
from gateway.web.tokens import token_routes
from gateway.web.work_desk import WorkDesk
from gateway.web.work_pages import work_routes


def make_app(
    referral: OneReferral,
    access: Access,
    house: House,
    review: ReviewDesk,
    entry: EntryDesk,
    *,
    reports: Reports,
    heard_seconds_ago: Callable[[], Mapping[str, float]],
    step_failures: Callable[[], Mapping[str, int]],
    something_is_due: Callable[[], None],
    sign_on: SignOn | None = None,
) -> FastAPI:
    """The application. Of the middlewares the last one added is the outermost."""
    desk = referral.desk
    app = FastAPI(title="Referloop", docs_url=None, redoc_url=None, openapi_url=None)
    app.middleware("http")(Auditing(access))
    app.middleware("http")(Gate(access, house))
    app.middleware("http")(Hardening(house))
    rendering = Rendering(house)
    live = Live(desk.store, desk.under_way)
    app.state.live, app.state.let_go = live, live.end
    page = ShownReferral(referral, rendering, something_is_due)
    board = BoardDesk(desk, desk.clock, tuple(referral.change.rules.policy.tiers))
    for routes in (
        asset_routes(),
        board_routes(board, KeepFilter(desk.store), rendering),
        live_routes(live, access, house),
        review_routes(review, rendering),
        referral_routes(page),
        enclosing_routes(page, entry.enclose),
        work_routes(WorkDesk(desk, house.clinic), page, rendering),
        entry_routes(entry, rendering, something_is_due),
        directory_routes(DirectoryDesk(entry), rendering),
        login_routes(access, house, rendering),
        first_run_routes(access, house, rendering),
        account_routes(access, house, rendering),
        draft_routes(access, rendering),
        people_routes(access, rendering),
        token_routes(access, house, rendering),
        report_routes(reports, house, rendering),
        audit_routes(access, house, rendering),
        monitor_routes(desk, heard_seconds_ago, step_failures),
    ):
        app.include_router(routes)
    if sign_on is not None:
        app.include_router(sign_on_routes(sign_on, house, rendering))
    programs = api_desk(
        referral,
        access,
        house,
        review,
        entry,
        reports=reports,
        live=live,
        heard_seconds_ago=heard_seconds_ago,
        something_is_due=something_is_due,
    )
    api = Mount(PREFIX, app=make_api(programs))
    api.path_regex = re.compile(api.path_regex.pattern, re.DOTALL)  # a line break in a path is the API's to refuse
    app.router.routes.append(api)
    _add_refusals(app, rendering)
    return app


def _add_refusals(app: FastAPI, rendering: Rendering) -> None:
    """What went wrong as a page in the house's words; what was typed is never repeated."""

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        return rendering.page(request, "problem.html", error.status_code, problem=error.detail)

    @app.exception_handler(RequestValidationError)
    async def not_whole(request: Request, _: RequestValidationError) -> Response:
        return rendering.page(
            request, "problem.html", 422, problem="The form was not whole: go back and send it again."
        )

    @app.exception_handler(ReferloopError)
    async def failed(request: Request, error: ReferloopError) -> Response:
        if isinstance(error, StorageFailed):
            raise error  # the middlewares around would fail likewise
        return rendering.page(request, "problem.html", 404 if isinstance(error, NotFound) else 409, problem=str(error))
