"""The work list, and its buttons: each a thin way to one use case, refused in the use case's own words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import QueryParams

from gateway.domain.person import Role
from gateway.domain.task import TaskKind
from gateway.errors import NotSaid
from gateway.services.change_referral import ChangeReferral, find
from gateway.services.log_call import CallOutcome, CallReport, LogCall
from gateway.services.queue_questions import Whose
from gateway.services.redirect_referral import RedirectReferral
from gateway.services.settle_transmission import SettleTransmission
from gateway.services.snooze_task import SnoozeTask
from gateway.services.verify_number import VerifyNumber
from gateway.web.board_filters import whole
from gateway.web.referral_routes import Staff, Typed, morning_of
from gateway.web.rendering import Rendering
from gateway.web.shown_referral import ShownReferral
from gateway.web.visitor import Visitor, needing
from gateway.web.work_desk import Asked, WorkDesk

Viewer = Annotated[Visitor, Depends(needing(Role.VIEWER))]


def work_routes(desk: WorkDesk, page: ShownReferral, rendering: Rendering) -> APIRouter:
    """`/work` and what its buttons do."""
    routes = APIRouter()

    @routes.get("/work")
    async def work(request: Request, visitor: Viewer) -> HTMLResponse:
        asked = _asked(request.query_params)
        shown = await desk.work(asked, visitor.name)
        return rendering.page(request, "work.html", work=shown, may_act=visitor.role.allows(Role.STAFF))

    routes.include_router(_deeds(page))
    return routes


def _asked(query: QueryParams) -> Asked:
    whose, kind = query.get("whose", ""), query.get("kind", "")
    return Asked(
        whose=Whose(whose) if whose in list(Whose) else Whose.ALL,
        group=kind if kind.isidentifier() else "",
        is_later=bool(query.get("later")),
        page=max(1, whole(query.get("page", "")) or 1),
    )


@dataclass(slots=True)
class Call:
    """The form about a call, as it is sent."""

    outcome: Annotated[CallOutcome, Form()]
    spoke_with: Typed = ""
    learned: Typed = ""
    date: Typed = ""
    time: Typed = ""

    def report(self, task: TaskKind) -> CallReport:
        """What was said. Raises NotSaid for what is no date."""
        return CallReport(self.outcome, self.spoke_with, self.learned, self._appointment(), task)

    def _appointment(self) -> datetime | None:
        if self.outcome is not CallOutcome.BOOKED or not self.date:
            return None
        try:
            return datetime.fromisoformat(f"{self.date}T{self.time or '00:00'}")
        except ValueError as error:
            raise NotSaid("write the appointment's date as YYYY-MM-DD and its time as HH:MM") from error


def _deeds(page: ShownReferral) -> APIRouter:
    routes = APIRouter(prefix="/referrals/{number}")
    change = page.referral.change
    _add_calls(routes, page, LogCall(change.store, change.clock, change.rules))
    _add_later(routes, page, SnoozeTask(change.store, change.clock, change.rules))
    _add_packets(routes, page, SettleTransmission(change.store, change.clock, change.rules))
    _add_offices(routes, page, change)
    return routes


def _add_calls(routes: APIRouter, page: ShownReferral, calls: LogCall) -> None:
    @routes.post("/tasks/{kind}/call")
    async def call(
        request: Request,
        number: str,
        kind: TaskKind,
        staff: Staff,
        *,
        told: Annotated[Call, Depends()],
        onward: Typed = "",
    ) -> Response:
        return await page.done(request, number, lambda: calls.log(number, told.report(kind), staff.name), onward)


def _add_later(routes: APIRouter, page: ShownReferral, snooze: SnoozeTask) -> None:
    pause, zone = page.referral.pause, page.referral.desk.zone

    @routes.post("/tasks/{kind}/later")
    async def later(
        request: Request,
        number: str,
        kind: TaskKind,
        staff: Staff,
        *,
        until: Typed = "",
        pauses: Annotated[bool, Form()] = False,
        reason: Typed = "",
        onward: Typed = "",
    ) -> Response:
        def put_off() -> None:
            if not until:
                snooze.until_next_morning(number, kind, staff.name)
                return
            day = morning_of(until, zone)
            if pauses:
                pause.pause(number, day, reason, staff.name)
            snooze.until(number, kind, day, staff.name)

        return await page.done(request, number, put_off, onward)


def _add_packets(routes: APIRouter, page: ShownReferral, settle: SettleTransmission) -> None:
    @routes.post("/arrived")
    async def arrived(request: Request, number: str, staff: Staff, onward: Typed = "") -> Response:
        return await page.done(request, number, lambda: settle.arrived(number, staff.name), onward)

    @routes.post("/send-again")
    async def send_again(request: Request, number: str, staff: Staff, onward: Typed = "") -> Response:
        return await page.done(request, number, lambda: settle.send_again(number, staff.name), onward)


def _add_offices(routes: APIRouter, page: ShownReferral, change: ChangeReferral) -> None:
    verify = VerifyNumber(change.store, change.clock)
    redirecting = RedirectReferral(change.store, change.clock, change.rules)

    def office_of(number: str) -> int:
        with change.store.transaction() as tx:
            return find(tx, number).intake.recipient_id

    @routes.post("/number")
    async def number_is(request: Request, number: str, staff: Staff, fax: Typed = "", onward: Typed = "") -> Response:
        def settle() -> None:
            if fax.strip():
                verify.correct(office_of(number), fax.strip(), staff.name)
            else:
                verify.confirm(office_of(number), staff.name)

        return await page.done(request, number, settle, onward)

    @routes.post("/redirect")
    async def redirect(request: Request, number: str, staff: Staff, office: Typed = "", onward: Typed = "") -> Response:
        return await page.done(request, number, lambda: redirecting.redirect(number, office, staff.name), onward)
