"""One referral's page and its buttons: each a thin way to one use case, refused in the use case's own words."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from config.vocabulary import Channel
from gateway.domain.person import Role
from gateway.domain.task import TaskKind
from gateway.errors import IllegalTransition, NotFound, NotSaid, StaleRow
from gateway.services.record_contact import Barrier
from gateway.services.said import said
from gateway.web.gate import safe_path
from gateway.web.one_referral import OneReferral
from gateway.web.rendering import Rendering
from gateway.web.visitor import Visitor, needing, visitor_of

Typed = Annotated[str, Form()]
Staff = Annotated[Visitor, Depends(needing(Role.STAFF))]


def referral_routes(referral: OneReferral, rendering: Rendering, something_is_due: Callable[[], None]) -> APIRouter:
    """`/referrals/NUMBER` and the decisions about it; `something_is_due` wakes whoever sends packets."""
    routes = APIRouter(prefix="/referrals/{number}")
    page = _Page(referral, rendering, something_is_due)

    @routes.get("")
    async def show(request: Request, number: str) -> Response:
        return await page.shown(request, number)

    _add_sending(routes, page)
    _add_waiting(routes, page)
    _add_tasks(routes, page)
    _add_ends(routes, page)
    return routes


@dataclass(frozen=True, slots=True)
class _Page:
    referral: OneReferral
    rendering: Rendering
    something_is_due: Callable[[], None]

    async def shown(self, request: Request, number: str, fault: str = "") -> Response:
        """The page; with why something was not done, and what was typed still in its place."""
        found = await self.referral.page(number)
        if found is None:
            return self.rendering.page(request, "missing.html", 404)
        form = await request.form() if fault else {}
        typed = defaultdict(str, {name: value for name, value in form.items() if isinstance(value, str)})
        staff = visitor_of(request).role.allows(Role.STAFF)
        values: dict[str, object] = {
            "page": found,
            "may_act": staff,
            "fault": fault,
            "typed": typed,
            "barriers": list(Barrier),
        }
        return self.rendering.page(request, "referral.html", 409 if fault else 200, **values)

    async def done(self, request: Request, number: str, decide: Callable[[], object], onward: str = "") -> Response:
        """Do it, wake what may follow, and show the page anew, or what they go `onward` to."""
        try:
            await asyncio.to_thread(decide)
        except (IllegalTransition, NotFound, NotSaid, StaleRow) as fault:
            return await self.shown(request, number, str(fault))
        self.something_is_due()
        return RedirectResponse(safe_path(onward or f"/referrals/{number}"), status_code=303)


def _add_sending(routes: APIRouter, page: _Page) -> None:
    change = page.referral.change

    @routes.post("/send")
    async def send(request: Request, number: str, staff: Staff, channel: Typed = "") -> Response:
        chosen = Channel(channel) if channel in {line.value for line in Channel} else None
        return await page.done(request, number, lambda: change.send(number, staff.name, chosen))


def _add_waiting(routes: APIRouter, page: _Page) -> None:
    pausing, contact, zone = page.referral.pause, page.referral.contact, page.referral.desk.zone

    @routes.post("/pause")
    async def pause(request: Request, number: str, staff: Staff, until: Typed = "", reason: Typed = "") -> Response:
        return await page.done(
            request, number, lambda: pausing.pause(number, _morning_of(until, zone), reason, staff.name)
        )

    @routes.post("/resume")
    async def resume(request: Request, number: str, staff: Staff) -> Response:
        return await page.done(request, number, lambda: pausing.resume(number, staff.name))

    @routes.post("/call")
    async def call(
        request: Request, number: str, staff: Staff, spoke_with: Typed = "", learned: Typed = ""
    ) -> Response:
        return await page.done(request, number, lambda: contact.call(number, spoke_with, learned, staff.name))

    @routes.post("/barrier")
    async def barrier(
        request: Request,
        number: str,
        staff: Staff,
        *,
        kind: Annotated[Barrier, Form()],
        note: Typed = "",
        asks_for_help: Annotated[bool, Form()] = False,
    ) -> Response:
        return await page.done(
            request, number, lambda: contact.barrier(number, kind, note, staff.name, asks_for_help=asks_for_help)
        )


def _add_tasks(routes: APIRouter, page: _Page) -> None:
    contact = page.referral.contact

    @routes.post("/tasks/{kind}/done")
    async def task_done(request: Request, number: str, kind: TaskKind, staff: Staff, onward: Typed = "") -> Response:
        return await page.done(request, number, lambda: contact.done(number, kind, staff.name), onward)


def _add_ends(routes: APIRouter, page: _Page) -> None:
    change = page.referral.change

    @routes.post("/cancel")
    async def cancel(request: Request, number: str, staff: Staff, reason: Typed = "") -> Response:
        return await page.done(request, number, lambda: change.cancel(number, said(reason, "why"), staff.name))

    @routes.post("/close")
    async def close(request: Request, number: str, staff: Staff) -> Response:
        return await page.done(request, number, lambda: change.close(number, staff.name))


def _morning_of(day: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time(), zone)
    except ValueError as error:
        raise NotSaid("choose the day until which it pauses") from error
