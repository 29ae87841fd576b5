"""Files enclosed with a referral that is open already, or taken off again, from its page."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from gateway.errors import IllegalTransition, InvalidIntake, NotFound, StaleRow, WorkerFailed
from gateway.services.enclose import Enclose
from gateway.web.referral_routes import Staff, Typed
from gateway.web.shown_referral import ShownReferral

_CHUNK_BYTES = 1 << 20


def enclosing_routes(page: ShownReferral, enclose: Enclose) -> APIRouter:
    """`/referrals/NUMBER/enclose` and `/take-off`."""
    routes = APIRouter()

    @routes.post("/referrals/{number}/enclose")
    async def add(
        request: Request, number: str, staff: Staff, file: Annotated[UploadFile | str, File()] = ""
    ) -> Response:
        if isinstance(file, str):  # so browsers send what nobody chose
            return await page.shown(request, number, "choose the file to enclose", "enclose")
        try:
            await kept(enclose, number, file, staff.name)
        except (IllegalTransition, InvalidIntake, NotFound, StaleRow, WorkerFailed) as fault:
            return await page.shown(request, number, str(fault), "enclose")
        return RedirectResponse(f"/referrals/{number}", status_code=303)

    @routes.post("/referrals/{number}/take-off")
    async def take_off(request: Request, number: str, staff: Staff, file: Typed = "") -> Response:
        return await page.done(request, number, lambda: enclose.take_off(number, file, staff.name))

    return routes


async def kept(enclose: Enclose, number: str, upload: UploadFile, actor: str) -> None:
    """What was uploaded, enclosed with the referral. Raises as the use case does."""
    with tempfile.TemporaryDirectory(prefix="referloop-upload-") as folder:
        path = Path(folder) / "attachment"
        with path.open("wb") as file:
            while chunk := await upload.read(_CHUNK_BYTES):
                await asyncio.to_thread(file.write, chunk)
        await enclose.add(number, path, upload.filename or "attachment", actor)
