"""The new referral's pages: thin ways to `FillIn`. What is typed stands in the page again whatever is refused."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from starlette.datastructures import FormData

from config.reference import format_number
from gateway.domain.intake_sheet import IntakeSheet
from gateway.domain.person import Role
from gateway.errors import IllegalTransition, InvalidIntake, NotFound, StaleRow, WorkerFailed
from gateway.services.fill_in import Written
from gateway.services.preview_packet import Preview
from gateway.web.entry_desk import EntryDesk, by_field
from gateway.web.rendering import Rendering
from gateway.web.visitor import Visitor, needing
from outbound.errors import OutboundError

Staff = Annotated[Visitor, Depends(needing(Role.STAFF))]
_KEPT = {"Cache-Control": "private, max-age=3600"}


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Renders a sheet, whole or in pieces."""

    desk: EntryDesk
    rendering: Rendering
    something_is_due: Callable[[], None]

    async def shown(
        self,
        request: Request,
        sheet: IntakeSheet,
        *,
        trouble: str = "",
        sought: str = "",
        faults: dict[str, str] | None = None,
    ) -> Response:
        """The page; with why something was not done, and what was typed in its place."""
        page = await asyncio.to_thread(self.desk.page, sheet, drafts=True, sought=sought)
        status = 422 if faults else 409 if trouble else 200
        page = replace(page, faults=faults or {})
        return self.rendering.page(request, "new.html", status, page=page, trouble=trouble)

    async def side(self, request: Request, sheet: IntakeSheet) -> Response:
        """What follows the form, for a script; the headers tell which sheet it is."""
        side = await asyncio.to_thread(self.desk.side, sheet)
        return named(self.rendering.page(request, "new_side.html", side=side), sheet)

    async def written(self, request: Request, item: int, by: str) -> IntakeSheet:
        """Keep what the form says. Raises StaleRow."""
        said = as_written(await request.form())
        return await asyncio.to_thread(self.desk.fill_in.write, item, said, by)

    async def not_written(self, request: Request, item: int, trouble: StaleRow) -> Response:
        """What was typed, over the sheet as it is now: saving again is then a decision."""
        sheet = await asyncio.to_thread(self.desk.sheet, item)
        if is_by_script(request):
            side = await asyncio.to_thread(self.desk.side, sheet)
            return named(self.rendering.page(request, "new_stale.html", 409, trouble=str(trouble), side=side), sheet)
        form = await request.form()
        if not sheet.is_open or "whole" not in form:
            return await self.shown(request, sheet, trouble=str(trouble))
        typed = as_written(form)
        told = f"{trouble} What you typed stands here: saving it now replaces theirs."
        return await self.shown(request, replace(sheet, fields=dict(typed.fields)), trouble=told)

    async def previewed(self, request: Request, sheet: IntakeSheet) -> Response:
        """The packet of a sheet that passes the checks; else the sheet with what to mend."""
        if not sheet.is_open:
            return RedirectResponse(f"/new/{sheet.id}", status_code=303)
        try:
            drawn = await self.desk.preview(sheet)
        except InvalidIntake as error:
            return await self.shown(request, sheet, trouble=_first_look(error), faults=by_field(error))
        except (OutboundError, WorkerFailed, NotFound) as error:
            return await self.shown(request, sheet, trouble=str(error))
        side = await asyncio.to_thread(self.desk.side, sheet)
        values: dict[str, object] = {"sheet": sheet, "preview": drawn, "side": side, "line": _time_on_line(drawn)}
        return self.rendering.page(request, "new_preview.html", 200, **values)

    async def sent(self, request: Request, item: int, by: str) -> Response:
        """Open the referral and wake whoever sends packets; pressed twice it leads to the same referral."""
        form = await request.form()
        sheet = await asyncio.to_thread(self.desk.sheet, item)
        try:
            if sheet.referral_id is None and "whole" in form:
                sheet = await self.written(request, item, by)
            elif sheet.referral_id is None and str(form.get("version", "")) != str(sheet.version):
                raise StaleRow(f"{sheet.saved_by} changed this draft after you looked at the preview.")
            referral = await asyncio.to_thread(self.desk.fill_in.send, sheet.id, by)
        except StaleRow as trouble:
            return await self.not_written(request, item, trouble)
        except InvalidIntake as error:
            return await self.shown(request, sheet, trouble=_first_look(error), faults=by_field(error))
        self.something_is_due()
        return RedirectResponse(f"/referrals/{format_number(referral.number)}", status_code=303)


def sheet_routes(
    desk: EntryDesk, rendering: Rendering, something_is_due: Callable[[], None]
) -> tuple[EntryPage, APIRouter]:
    """`/new`, and each draft under its own number; with the page, for what hangs on it."""
    routes = APIRouter(prefix="/new", dependencies=[Depends(_closing)])
    page = EntryPage(desk, rendering, something_is_due)
    _add_looking(routes, page)
    _add_previews(routes, page)
    _add_writing(routes, page)
    _add_ends(routes, page)
    return page, routes


async def _closing(request: Request) -> AsyncGenerator[None, None]:
    """What was sent with a form lies in files of its own until the answer is given."""
    yield
    await request.close()


def _add_looking(routes: APIRouter, page: EntryPage) -> None:
    desk = page.desk

    @routes.get("")
    async def blank(request: Request, visitor: Staff) -> Response:
        del visitor
        return await page.shown(request, desk.sheet(0))

    @routes.post("/offices")
    async def offices(request: Request, visitor: Staff) -> Response:
        del visitor
        sought = str((await request.form()).get("office_sought", ""))
        found = await asyncio.to_thread(desk.offices, sought) if sought.strip() else None
        return page.rendering.page(request, "new_offices.html", found=found, sought=sought, chosen="")

    @routes.get("/{draft}")
    async def one(request: Request, draft: int, visitor: Staff) -> Response:
        del visitor
        sheet = await asyncio.to_thread(desk.sheet, draft)
        if sheet.referral_id is not None:
            return RedirectResponse(f"/referrals/{await asyncio.to_thread(desk.number_of, sheet)}", status_code=303)
        if sheet.discarded_at is not None:
            return page.rendering.page(request, "new_gone.html", item=draft)
        return await page.shown(request, sheet)


def _add_previews(routes: APIRouter, page: EntryPage) -> None:
    desk = page.desk

    @routes.get("/{draft}/preview")
    async def preview(request: Request, draft: int, visitor: Staff) -> Response:
        del visitor
        return await page.previewed(request, await asyncio.to_thread(desk.sheet, draft))

    @routes.get("/{draft}/ways")
    async def ways(request: Request, draft: int, visitor: Staff) -> Response:
        del visitor
        side = await asyncio.to_thread(desk.side, await asyncio.to_thread(desk.sheet, draft))
        return page.rendering.page(request, "new_ways.html", side=side)

    @routes.get("/{draft}/pages/{name}.png")
    async def picture(draft: int, name: str, visitor: Staff) -> Response:
        del visitor
        sheet = await asyncio.to_thread(desk.sheet, draft)
        found = desk.previews.page(sheet, name) if name.replace("-", "").isalnum() else None
        if found is None:
            raise NotFound("this page was drawn too long ago: open the preview again")
        return FileResponse(found, media_type="image/png", headers=_KEPT)


def _add_writing(routes: APIRouter, page: EntryPage) -> None:
    @routes.post("/{draft}/save")
    async def save(request: Request, draft: int, visitor: Staff) -> Response:
        try:
            sheet = await page.written(request, draft, visitor.name)
        except StaleRow as trouble:
            return await page.not_written(request, draft, trouble)
        if is_by_script(request):
            return await page.side(request, sheet)
        return RedirectResponse(f"/new/{sheet.id}", status_code=303)

    @routes.post("/{draft}/find")
    async def find(request: Request, draft: int, visitor: Staff) -> Response:
        try:
            sheet = await page.written(request, draft, visitor.name)
        except StaleRow as trouble:
            return await page.not_written(request, draft, trouble)
        return await page.shown(request, sheet, sought=str((await request.form()).get("office_sought", "")))


def _add_ends(routes: APIRouter, page: EntryPage) -> None:
    desk = page.desk

    @routes.post("/{draft}/preview")
    async def preview(request: Request, draft: int, visitor: Staff) -> Response:
        try:
            sheet = await page.written(request, draft, visitor.name)
        except StaleRow as trouble:
            return await page.not_written(request, draft, trouble)
        return RedirectResponse(f"/new/{sheet.id}/preview", status_code=303)

    @routes.post("/{draft}/send")
    async def send(request: Request, draft: int, visitor: Staff) -> Response:
        return await page.sent(request, draft, visitor.name)

    @routes.post("/{draft}/discard")
    async def discard(request: Request, draft: int, visitor: Staff) -> Response:
        try:
            await asyncio.to_thread(desk.fill_in.throw_away, draft, visitor.name)
        except (StaleRow, IllegalTransition) as trouble:
            return await page.shown(request, await asyncio.to_thread(desk.sheet, draft), trouble=str(trouble))
        return RedirectResponse(f"/new/{draft}", status_code=303)

    @routes.post("/{draft}/restore")
    async def restore(draft: int, visitor: Staff) -> Response:
        await asyncio.to_thread(desk.fill_in.take_back, draft, visitor.name)
        return RedirectResponse(f"/new/{draft}", status_code=303)


def _time_on_line(preview: Preview) -> str:
    """How long a fax keeps the line, in words."""
    minutes = round(preview.seconds / 60)
    if not preview.seconds:
        return ""
    return "less than a minute on the line" if minutes < 1 else f"about {minutes} min on the line"


def _first_look(error: InvalidIntake) -> str:
    count = len(by_field(error)) or 1
    return f"{count} {'field needs' if count == 1 else 'fields need'} another look before this can go"


def as_written(form: FormData) -> Written:
    """The form as the use case takes it; which files there are is said only by a form that shows them."""
    texts = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    fields = {name: value for name, value in texts if name.partition(".")[0] != "label"}
    order = [int(value) for name, value in texts if name == "file" and value.isdecimal()]
    labels = {
        int(name.removeprefix("label.")): value
        for name, value in texts
        if name.startswith("label.") and name.removeprefix("label.").isdecimal()
    }
    version = fields.get("version", "")
    has_files = "files_shown" in fields
    return Written(int(version) if version.isdecimal() else 0, fields, order if has_files else None, labels)


def is_by_script(request: Request) -> bool:
    """Whether a script of ours asks, for a piece of the page."""
    return "hx-request" in request.headers


def named(response: Response, sheet: IntakeSheet) -> Response:
    """The answer with the sheet's id and version, which a script keeps."""
    response.headers["X-Sheet"] = str(sheet.id)
    response.headers["X-Sheet-Version"] = str(sheet.version)
    return response
