"""One referral's page and its buttons: each a thin way to one use case, refused in the use case's own words."""

from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request, Response

from config.vocabulary import Channel
from gateway.domain.person import Role
from gateway.domain.task import TaskKind
from gateway.errors import NotSaid
from gateway.services.assign_referral import AssignReferral
from gateway.services.record_contact import Barrier
from gateway.services.said import said
from gateway.web.shown_referral import ShownReferral
from gateway.web.visitor import Visitor, needing

Typed = Annotated[str, Form()]
Staff = Annotated[Visitor, Depends(needing(Role.STAFF))]


def referral_routes(page: ShownReferral) -> APIRouter:
    """`/referrals/NUMBER` and the decisions about it."""
    routes = APIRouter(prefix="/referrals/{number}")

    @routes.get("")
    async def show(request: Request, number: str) -> Response:
        return await page.shown(request, number)

    _add_sending(routes, page)
    _add_waiting(routes, page)
    _add_owner(routes, page)
    _add_tasks(routes, page)
    _add_ends(routes, page)
    return routes


def _add_sending(routes: APIRouter, page: ShownReferral) -> None:
    change = page.referral.change

    @routes.post("/send")
    async def send(request: Request, number: str, staff: Staff, channel: Typed = "") -> Response:
        chosen = Channel(channel) if channel in {line.value for line in Channel} else None
        return await page.done(request, number, lambda: change.send(number, staff.name, chosen))


def _add_waiting(routes: APIRouter, page: ShownReferral) -> None:
    pausing, contact, zone = page.referral.pause, page.referral.contact, page.referral.desk.zone

    @routes.post("/pause")
    async def pause(request: Request, number: str, staff: Staff, until: Typed = "", reason: Typed = "") -> Response:
        return await page.done(
            request, number, lambda: pausing.pause(number, morning_of(until, zone), reason, staff.name)
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


def _add_owner(routes: APIRouter, page: ShownReferral) -> None:
    assign = AssignReferral(page.referral.change.store, page.referral.change.clock)

    @routes.post("/assign")
    async def give(request: Request, number: str, staff: Staff, person: Typed = "", onward: Typed = "") -> Response:
        return await page.done(request, number, lambda: assign.assign(number, person, staff.name), onward)


def _add_tasks(routes: APIRouter, page: ShownReferral) -> None:
    contact = page.referral.contact

    @routes.post("/tasks/{kind}/done")
    async def task_done(request: Request, number: str, kind: TaskKind, staff: Staff, onward: Typed = "") -> Response:
        return await page.done(request, number, lambda: contact.done(number, kind, staff.name), onward)


def _add_ends(routes: APIRouter, page: ShownReferral) -> None:
    change = page.referral.change

    @routes.post("/cancel")
    async def cancel(request: Request, number: str, staff: Staff, reason: Typed = "") -> Response:
        return await page.done(request, number, lambda: change.cancel(number, said(reason, "why"), staff.name))

    @routes.post("/close")
    async def close(request: Request, number: str, staff: Staff) -> Response:
        return await page.done(request, number, lambda: change.close(number, staff.name))


def morning_of(day: str, zone: ZoneInfo) -> datetime:
    """When a typed day begins in the clinic. Raises NotSaid for what is no day."""
    try:
        return datetime.combine(date.fromisoformat(day), time(), zone)
    except ValueError as error:
        raise NotSaid("choose the day until which it pauses") from error
