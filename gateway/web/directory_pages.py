"""The directory's pages: everybody looks, staff add, change and confirm, managers merge and part."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from gateway.domain.directory import Recipient
from gateway.domain.person import Role
from gateway.errors import IllegalTransition, InvalidIntake, NotFound, StaleRow
from gateway.services.directory_questions import Shown
from gateway.services.form_fields import refusal
from gateway.services.recipient_form import RecipientForm
from gateway.web.directory_desk import PERIODS, WAITS, DirectoryDesk, as_raw, as_typed
from gateway.web.rendering import Rendering
from gateway.web.visitor import Visitor, needing, visitor_of

Viewer = Annotated[Visitor, Depends(needing(Role.VIEWER))]
Staff = Annotated[Visitor, Depends(needing(Role.STAFF))]
Manager = Annotated[Visitor, Depends(needing(Role.MANAGER))]
_FIRST_PERIOD = "365"
_NAMES = tuple(name for name in RecipientForm.model_fields if name != "agreed")


@dataclass(frozen=True, slots=True)
class _Page:
    desk: DirectoryDesk
    rendering: Rendering

    async def office(self, request: Request, item: int, trouble: str = "") -> Response:
        """One entry; with why something was not done."""
        shown = await asyncio.to_thread(self.desk.office, item, _days(request))
        role = visitor_of(request).role
        values: dict[str, object] = {
            "page": shown,
            "trouble": trouble,
            "periods": PERIODS,
            "may_change": role.allows(Role.STAFF),
            "may_merge": role.allows(Role.MANAGER),
        }
        return self.rendering.page(request, "directory_office.html", 409 if trouble else 200, **values)

    def form(
        self, request: Request, item: int, typed: Mapping[str, str], seen: str, error: InvalidIntake | StaleRow | None
    ) -> Response:
        """The form of an entry, 0 a new one; with what is wrong, and what was typed in its place."""
        faults = error.faults if isinstance(error, InvalidIntake) else {}
        values: dict[str, object] = {
            "item": item,
            "typed": typed,
            "seen": seen,
            "faults": faults,
            "trouble": str(error) if error and not faults else "",
            "waits": WAITS,
        }
        status = 200 if error is None else 409 if isinstance(error, StaleRow) else 422
        return self.rendering.page(request, "directory_form.html", status, **values)


def directory_routes(desk: DirectoryDesk, rendering: Rendering) -> APIRouter:
    """Everything under `/directory`."""
    routes = APIRouter(prefix="/directory")
    page = _Page(desk, rendering)
    _add_lists(routes, page)
    _add_forms(routes, page)
    _add_looking(routes, page)
    _add_merging(routes, page)
    return routes


def _add_lists(routes: APIRouter, page: _Page) -> None:
    @routes.get("")
    async def listed(request: Request, visitor: Viewer) -> Response:
        asked = request.query_params
        shown = asked.get("shown", "")
        at = asked.get("page", "")
        found = await asyncio.to_thread(
            page.desk.listed,
            asked.get("q", "")[:100],
            Shown(shown) if shown in list(Shown) else Shown.ALL,
            int(at) if at.isdecimal() and 0 < int(at) < 100_000 else 1,
            _days(request),
        )
        template = "directory_rows.html" if "hx-request" in request.headers else "directory.html"
        may_change = visitor.role.allows(Role.STAFF)
        return page.rendering.page(request, template, list=found, periods=PERIODS, may_change=may_change)

    @routes.get("/duplicates")
    async def duplicates(request: Request, visitor: Viewer) -> Response:
        found = await asyncio.to_thread(page.desk.twins)
        may_merge = visitor.role.allows(Role.MANAGER)
        return page.rendering.page(request, "directory_twins.html", twins=found, may_merge=may_merge)


def _add_forms(routes: APIRouter, page: _Page) -> None:
    keep = page.desk.desk.directory

    @routes.get("/new")
    async def blank(request: Request, visitor: Staff) -> Response:
        del visitor
        return page.form(request, 0, {"opens": "08:00", "closes": "17:00"}, "", None)

    @routes.post("/new")
    async def add(request: Request, visitor: Staff) -> Response:
        typed = await _typed(request)
        try:
            form = _checked(as_raw(typed, None, _NAMES))
            saved = await asyncio.to_thread(keep.add, form, visitor.name)
        except InvalidIntake as error:
            return page.form(request, 0, typed, "", error)
        return RedirectResponse(f"/directory/{saved.id}", status_code=303)

    @routes.get("/{office}/edit")
    async def edit(request: Request, office: int, visitor: Staff) -> Response:
        del visitor
        entry = await asyncio.to_thread(page.desk.entry, office)
        return page.form(request, office, as_typed(entry), seen_as(entry), None)

    @routes.post("/{office}/edit")
    async def change(request: Request, office: int, visitor: Staff) -> Response:
        typed = await _typed(request)
        entry = await asyncio.to_thread(page.desk.entry, office)
        try:
            if typed.get("seen", "") != seen_as(entry):
                raise StaleRow(f"Someone else changed {entry.name} meanwhile. What you typed stands here: save again")
            form = _checked(as_raw(typed, entry, _NAMES))
            await asyncio.to_thread(keep.change, office, form, entry, visitor.name)
        except (InvalidIntake, StaleRow) as error:
            return page.form(request, office, typed, seen_as(entry), error)
        return RedirectResponse(f"/directory/{office}", status_code=303)


def _add_looking(routes: APIRouter, page: _Page) -> None:
    keep = page.desk.desk.directory

    @routes.get("/{office}")
    async def one(request: Request, office: int, visitor: Viewer) -> Response:
        del visitor
        return await page.office(request, office)

    @routes.post("/{office}/confirm")
    async def confirm(request: Request, office: int, visitor: Staff) -> Response:
        typed = await _typed(request)
        entry = await asyncio.to_thread(page.desk.entry, office)
        if typed.get("fax", "") != entry.fax:
            return await page.office(request, office, "Its number changed meanwhile: look at it before you confirm it")
        try:
            await asyncio.to_thread(keep.confirm, entry, visitor.name)
        except (NotFound, StaleRow) as trouble:
            return await page.office(request, office, str(trouble))
        return RedirectResponse(f"/directory/{office}", status_code=303)


def _add_merging(routes: APIRouter, page: _Page) -> None:
    keep = page.desk.desk.directory

    @routes.get("/{office}/merge/{other}")
    async def compare(request: Request, office: int, other: int, visitor: Manager) -> Response:
        del visitor
        pair = await asyncio.to_thread(page.desk.pair, office, other)
        if pair.kept.heir or pair.retired.heir or office == other:
            return RedirectResponse(f"/directory/{office}", status_code=303)
        return page.rendering.page(request, "directory_merge.html", pair=pair)

    @routes.post("/{office}/merge/{other}")
    async def merge(request: Request, office: int, other: int, visitor: Manager) -> Response:
        try:
            await asyncio.to_thread(keep.merge, office, other, visitor.name)
        except IllegalTransition as trouble:
            return await page.office(request, office, str(trouble))
        return RedirectResponse(f"/directory/{office}", status_code=303)

    @routes.post("/{office}/part")
    async def part(request: Request, office: int, visitor: Manager) -> Response:
        try:
            await asyncio.to_thread(keep.undo_merge, office, visitor.name)
        except NotFound as trouble:
            return await page.office(request, office, str(trouble))
        return RedirectResponse(f"/directory/{office}", status_code=303)


async def _typed(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _checked(raw: Mapping[str, object]) -> RecipientForm:
    """The one check of an entry. Raises InvalidIntake."""
    try:
        return RecipientForm.model_validate(raw)
    except ValidationError as error:
        raise refusal(error) from error


def _days(request: Request) -> str:
    asked = request.query_params.get("days", "")
    return asked if asked in PERIODS else _FIRST_PERIOD


def seen_as(entry: Recipient) -> str:
    """What a form says it was filled from, so that a change in between shows."""
    return hashlib.sha256(repr(entry).encode()).hexdigest()[:20]
