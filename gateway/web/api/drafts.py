"""Endpoints of drafts: a new referral filled in step by step, its attachments, its packet as it will be sent."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Response, UploadFile
from fastapi import Path as InPath
from fastapi.responses import FileResponse

from config.reference import format_number
from config.vocabulary import ServiceKind
from gateway.domain.intake_sheet import IntakeSheet
from gateway.domain.token import Scope
from gateway.errors import InvalidIntake, NotFound
from gateway.services.access.tokens import Bearer
from gateway.services.fill_in import Written
from gateway.web.api.bearer import may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.draft_models import (
    CautionOut,
    ChecklistItem,
    ChoicesOut,
    ClinicianOut,
    DraftFile,
    DraftIn,
    DraftOut,
    DraftRow,
    NewDraft,
    PreviewOut,
    WayOut,
)
from gateway.web.api.once import ONCE, doing_once
from gateway.web.api.problems import responses
from gateway.web.api.referral_models import Opened
from gateway.web.api.referral_views import etag_of as referral_etag
from gateway.web.api.shapes import in_utc
from gateway.web.api.versions import Seen, refuse_changed
from outbound.errors import OutboundError

Writer = Annotated[Bearer, may(Scope.REFERRALS_WRITE)]
DraftId = Annotated[int, InPath(ge=1, le=2**31 - 1, description="The draft's id.", examples=[12])]
PageName = Annotated[str, InPath(pattern=r"^[0-9]{1,4}-[0-9a-f]{16}$", description="As the preview names it.")]
_PICTURE = {200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}}


def draft_endpoints(desk: ApiDesk) -> APIRouter:
    """`/drafts`, for who may open referrals: they are all staff's."""
    routes = APIRouter(prefix="/drafts", tags=["drafts"], route_class=doing_once(desk.access))
    drafts = _Drafts(desk)
    _add_writing(routes, drafts)
    _add_files(routes, drafts)
    _add_preview(routes, drafts)
    _add_ends(routes, drafts)
    return routes


class _Drafts:
    """Tells drafts, and which version of one was seen."""

    def __init__(self, desk: ApiDesk) -> None:
        self.desk = desk

    async def told(self, response: Response, sheet: IntakeSheet) -> DraftOut:
        """As it stands, with its ETag."""
        response.headers["ETag"] = etag_of(sheet)
        return await asyncio.to_thread(self._whole, sheet)

    async def seen(self, draft: int, seen: str) -> IntakeSheet:
        """The draft, unless it is no longer as it was seen. Raises 412, NotFound."""
        sheet = await asyncio.to_thread(self.one, draft)
        refuse_changed(etag_of(sheet), seen)
        return sheet

    def one(self, draft: int) -> IntakeSheet:
        """By id. Raises NotFound."""
        return self.desk.entry.sheet(draft)

    def listed(self) -> list[DraftRow]:
        """All that are neither sent nor thrown away."""
        with self.desk.store.transaction() as tx:
            return [DraftRow.model_validate(_row(sheet)) for sheet in tx.sheets_open()]

    def _whole(self, sheet: IntakeSheet) -> DraftOut:
        side = self.desk.entry.side(sheet)
        ways = side.office.ways if side.office else ()
        further: dict[str, object] = {
            "fields": dict(sheet.fields),
            "attachments": [DraftFile.model_validate(file) for file in sheet.files],
            "missing": list(side.missing),
            "wrong": side.wrong,
            "checklist": [ChecklistItem(label=label, is_there=there) for label, there in side.checklist],
            "cautions": [CautionOut.model_validate(one) for one in side.cautions],
            "ways": [WayOut.model_validate(one) for one in ways],
            "is_open": sheet.is_open,
            "referral": self.desk.entry.number_of(sheet) if sheet.referral_id else "",
        }
        return DraftOut.model_validate(_row(sheet) | further)


def _add_writing(routes: APIRouter, drafts: _Drafts) -> None:
    fill_in = drafts.desk.entry.fill_in

    @routes.get("", summary="List drafts", responses=responses())
    async def list_(caller: Writer) -> list[DraftRow]:
        """The last written first."""
        del caller
        return await asyncio.to_thread(drafts.listed)

    @routes.get("/choices", summary="What the form offers to choose from", responses=responses())
    async def choices(caller: Writer) -> ChoicesOut:
        """Offices are found by `/directory/search`."""
        del caller
        return await asyncio.to_thread(_choices, drafts.desk)

    @routes.post("", summary="Begin a draft", status_code=201, dependencies=[ONCE], responses=responses(409, 422))
    async def begin(response: Response, caller: Writer, wanted: NewDraft) -> DraftOut:
        """Whole or not; staff see it on their page as well."""
        written = Written(0, {**wanted.fields})
        sheet = await asyncio.to_thread(fill_in.write, 0, written, caller.token.actor)
        response.headers["Location"] = f"/api/v1/drafts/{sheet.id}"
        return await drafts.told(response, sheet)

    @routes.get("/{draft:int}", summary="One draft", responses=responses(404))
    async def one(response: Response, draft: DraftId, caller: Writer) -> DraftOut:
        """With what is missing, what to know, and its ETag, which changing it asks for."""
        del caller
        return await drafts.told(response, await asyncio.to_thread(drafts.one, draft))

    @routes.put("/{draft:int}", summary="Write on a draft", responses=responses(404, 409, 412, 422))
    async def write(response: Response, draft: DraftId, caller: Writer, said: DraftIn, if_match: Seen) -> DraftOut:
        """Replaces all that was typed; arranges, labels and takes off files."""
        sheet = await drafts.seen(draft, if_match)
        written = Written(sheet.version, {**said.fields}, said.files, said.labels)
        return await drafts.told(response, await asyncio.to_thread(fill_in.write, draft, written, caller.token.actor))


def _add_files(routes: APIRouter, drafts: _Drafts) -> None:
    fill_in = drafts.desk.entry.fill_in

    @routes.post(
        "/{draft:int}/files",
        summary="Attach a file",
        status_code=201,
        dependencies=[ONCE],
        responses=responses(404, 409, 413, 422),
    )
    async def attach(response: Response, draft: DraftId, caller: Writer, file: UploadFile) -> DraftOut:
        """PDF, TIFF, JPEG, PNG or DOCX, told by its bytes and opened within limits; at most 50 MiB."""
        await asyncio.to_thread(drafts.one, draft)
        with tempfile.TemporaryDirectory(prefix="referloop-upload-") as folder:
            path = Path(folder) / "attachment"
            await asyncio.to_thread(path.write_bytes, await file.read())
            sheet = await fill_in.attach(draft, path, file.filename or "attachment", caller.token.actor)
        return await drafts.told(response, sheet)


def _add_preview(routes: APIRouter, drafts: _Drafts) -> None:
    entry = drafts.desk.entry

    @routes.post(
        "/{draft:int}/preview",
        summary="Draw the packet as it would be sent now",
        dependencies=[ONCE],
        responses=responses(404, 409, 422),
    )
    async def preview(draft: DraftId, caller: Writer) -> PreviewOut:
        """Refused where the checks refuse; nothing is sent."""
        del caller
        sheet = await asyncio.to_thread(drafts.one, draft)
        if not sheet.is_open:
            raise NotFound("this draft was sent or thrown away: there is no packet to draw of it")
        try:
            drawn = await entry.preview(sheet)
        except OutboundError as error:
            raise InvalidIntake(str(error)) from error
        return PreviewOut(
            channel=drawn.channel,
            destination=drawn.destination,
            pages=[f"/api/v1/drafts/{draft}/pages/{name}" for name in drawn.pages],
            seconds=drawn.seconds,
            is_tested_first=drawn.is_tested_first,
        )

    @routes.get(
        "/{draft:int}/pages/{name}",
        summary="A page of the preview",
        response_class=FileResponse,
        responses=_PICTURE | responses(404),
    )
    async def page(draft: DraftId, name: PageName, caller: Writer) -> FileResponse:
        """PNG."""
        del caller
        sheet = await asyncio.to_thread(drafts.one, draft)
        found = await asyncio.to_thread(entry.previews.page, sheet, name)
        if found is None:
            raise NotFound("this page was drawn too long ago: draw the preview again")
        return FileResponse(found, media_type="image/png")


def _add_ends(routes: APIRouter, drafts: _Drafts) -> None:
    fill_in = drafts.desk.entry.fill_in

    @routes.post(
        "/{draft:int}/send",
        summary="Open the referral and send its packet",
        dependencies=[ONCE],
        responses=responses(404, 409, 412, 422),
    )
    async def send(response: Response, draft: DraftId, caller: Writer, if_match: Seen) -> Opened:
        """Checked as every referral is; sent twice it opens one."""
        sheet = await asyncio.to_thread(drafts.one, draft)
        if sheet.referral_id is None:
            refuse_changed(etag_of(sheet), if_match)
        referral = await asyncio.to_thread(fill_in.send, draft, caller.token.actor)
        drafts.desk.something_is_due()
        number = format_number(referral.number)
        response.headers["Location"] = f"/api/v1/referrals/{number}"
        response.headers["ETag"] = referral_etag(referral)
        is_new = sheet.referral_id is None
        return Opened(number=number, external_id=referral.intake.external_id, status=referral.status, is_new=is_new)

    @routes.post(
        "/{draft:int}/discard", summary="Throw a draft away", dependencies=[ONCE], responses=responses(404, 409, 422)
    )
    async def discard(response: Response, draft: DraftId, caller: Writer) -> DraftOut:
        """It can be taken back until the retention policy drops it."""
        return await drafts.told(response, await asyncio.to_thread(fill_in.throw_away, draft, caller.token.actor))

    @routes.post(
        "/{draft:int}/restore", summary="Take a draft back", dependencies=[ONCE], responses=responses(404, 409, 422)
    )
    async def restore(response: Response, draft: DraftId, caller: Writer) -> DraftOut:
        """On the list of drafts again."""
        return await drafts.told(response, await asyncio.to_thread(fill_in.take_back, draft, caller.token.actor))


def etag_of(sheet: IntakeSheet) -> str:
    """The draft's version as an ETag."""
    return f'"s{sheet.version}"'


def _choices(desk: ApiDesk) -> ChoicesOut:
    page = desk.entry.page(desk.entry.sheet(0))
    return ChoicesOut(
        urgencies=list(page.tiers),
        specialties=list(page.specialties),
        services=list(ServiceKind),
        clinicians=[
            ClinicianOut(name=name, npi=npi, phone=phone, email=email) for name, npi, phone, email in page.clinicians
        ],
    )


def _row(sheet: IntakeSheet) -> dict[str, object]:
    return {
        "id": sheet.id,
        "number": format_number(sheet.number),
        "patient_family": sheet.fields.get("patient.family", ""),
        "patient_given": sheet.fields.get("patient.given", ""),
        "specialty": sheet.fields.get("specialty", ""),
        "files": len(sheet.files),
        "saved_by": sheet.saved_by,
        "saved_at": in_utc(sheet.saved_at),
    }
