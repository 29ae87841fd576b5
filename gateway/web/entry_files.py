"""Attachments of a new referral: taken in one request each, told by their bytes, refused in words for staff."""

import asyncio
import tempfile
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from gateway.domain.intake_sheet import IntakeSheet
from gateway.errors import InvalidIntake, StaleRow, WorkerFailed
from gateway.services.fill_in import Written
from gateway.services.intake import LARGEST_BYTES
from gateway.web.entry_pages import EntryPage, Staff, as_written, is_by_script, named

_FORM_BYTES = 1 << 20  # what a form holds beside a file
_MOST_AT_ONCE = 10  # files of one request, each of at most the largest size
_CHUNK_BYTES = 1 << 20
_DEEDS = {"up": -1, "down": 1}


def entry_file_routes(page: EntryPage) -> APIRouter:
    """`/new/ITEM/files`."""
    routes = APIRouter(prefix="/{draft}/files")

    @routes.get("")
    async def shown(request: Request, draft: int, visitor: Staff) -> Response:
        del visitor
        return await _files(page, request, await asyncio.to_thread(page.desk.sheet, draft))

    @routes.post("")
    async def take(request: Request, draft: int, visitor: Staff) -> Response:
        return await _all_taken(page, request, draft, visitor.name)

    @routes.post("/{file}/{deed}")
    async def arrange(request: Request, draft: int, file: int, deed: str, visitor: Staff) -> Response:
        form = as_written(await request.form())
        order = _changed(list(form.files or ()), file, deed)
        changed = Written(form.version, form.fields, order, form.labels)
        try:
            await asyncio.to_thread(page.desk.fill_in.write, draft, changed, visitor.name)
        except StaleRow as trouble:
            return await page.not_written(request, draft, trouble)
        return RedirectResponse(f"/new/{draft}#files", status_code=303)

    return routes


async def _all_taken(page: EntryPage, request: Request, item: int, by: str) -> Response:
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > LARGEST_BYTES * _MOST_AT_ONCE + _FORM_BYTES:
        return await _refused(page, request, item, "that is more than can be taken at once: add fewer files")
    form = await request.form(max_files=_MOST_AT_ONCE)
    try:
        sheet = await _before_files(page, form, item, by)
    except StaleRow as trouble:
        return await page.not_written(request, item, trouble)
    for upload in form.getlist("upload"):
        if isinstance(upload, UploadFile) and (upload.filename or upload.size):
            try:
                sheet = await _taken(page, sheet.id, upload, by)
            except (InvalidIntake, StaleRow, WorkerFailed) as error:
                return await _refused(page, request, sheet.id, str(error))
    if is_by_script(request):
        return await _files(page, request, sheet)
    return RedirectResponse(f"/new/{sheet.id}#files", status_code=303)


async def _before_files(page: EntryPage, form: FormData, item: int, by: str) -> IntakeSheet:
    """What was typed is kept first; a script sends a file alone, to a sheet that is there."""
    if "whole" in form or item == 0:
        return await asyncio.to_thread(page.desk.fill_in.write, item, as_written(form), by)
    return await asyncio.to_thread(page.desk.sheet, item)


async def _taken(page: EntryPage, item: int, upload: UploadFile, by: str) -> IntakeSheet:
    with tempfile.TemporaryDirectory(prefix="referloop-upload-") as folder:
        path = Path(folder) / "attachment"
        with path.open("wb") as file:
            while chunk := await upload.read(_CHUNK_BYTES):
                await asyncio.to_thread(file.write, chunk)
        return await page.desk.fill_in.attach(item, path, upload.filename or "attachment", by)


async def _files(page: EntryPage, request: Request, sheet: IntakeSheet, refused: str = "") -> Response:
    """The list of attachments, for a script."""
    side = await asyncio.to_thread(page.desk.side, sheet)
    labels = [label for label, _ in side.checklist]
    status = 422 if refused else 200
    values: dict[str, object] = {"files": sheet.files, "labels": labels, "item": sheet.id, "refused": refused}
    return named(page.rendering.page(request, "new_files.html", status, **values), sheet)


async def _refused(page: EntryPage, request: Request, item: int, why: str) -> Response:
    sheet = await asyncio.to_thread(page.desk.sheet, item)
    if is_by_script(request):
        return await _files(page, request, sheet, why)
    return await page.shown(request, sheet, trouble=why)


def _changed(order: list[int], file: int, deed: str) -> list[int]:
    """One file moved by a place, or taken off."""
    if file not in order:
        return order
    at = order.index(file)
    if deed == "remove":
        return order[:at] + order[at + 1 :]
    to = at + _DEEDS.get(deed, 0)
    if 0 <= to < len(order):
        order[at], order[to] = order[to], order[at]
    return order
