"""A new referral filled in by a program: drafts shared with the pages, files told by their bytes, preview, sending."""

import io
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from gateway.domain.directory import Recipient
from gateway.domain.person import Role
from gateway.domain.token import Scope
from tests.rigs.api_site import program_at
from tests.rigs.entry_site import LINES, an_office
from tests.rigs.site import Site, a_site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncGenerator[Site, None]:
    with a_site(tmp_path, settings=LINES) as opened:
        yield opened


def whole(office: Recipient) -> dict[str, str]:
    return {
        "patient.family": "Okafor",
        "patient.given": "Maria",
        "patient.birth_date": "1961-04-23",
        "clinician.name": "Helen Marsh MD",
        "recipient": str(office.id),
        "specialty": "cardiology",
        "question": "Exertional chest pain, please evaluate",
    }


def an_ecg() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=True)
    canvas.drawString(72, 700, "ECG")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


async def begun(program: httpx.AsyncClient, fields: dict[str, str]) -> httpx.Response:
    answer = await program.post("/drafts", json={"fields": fields})
    assert answer.status_code == 201, answer.text
    return answer


async def test_a_draft_is_filled_in_step_by_step_seen_as_it_will_be_faxed_and_sent_once(site: Site) -> None:
    program, office = program_at(site), an_office(site)
    draft = await begun(program, {"patient.family": "Okafor"})
    path = draft.headers["location"].removeprefix("/api/v1")
    assert "given name" in draft.json()["missing"]
    attached = await program.post(f"{path}/files", files={"file": ("ecg.pdf", an_ecg())})
    assert (attached.status_code, attached.json()["attachments"][0]["pages"]) == (201, 1)
    file = attached.json()["attachments"][0]["id"]
    early = await program.post(f"{path}/preview")
    assert (early.status_code, "patient.given" in early.json()["detail"]) == (422, True)
    said = {"fields": whole(office), "files": [file], "labels": {str(file): "ECG"}}
    late = await program.put(path, json=said, headers={"if-match": draft.headers["etag"]})
    assert late.status_code == 412, "the file was added since"
    written = await program.put(path, json=said, headers={"if-match": attached.headers["etag"]})
    assert (written.status_code, written.json()["missing"]) == (200, [])
    assert written.json()["attachments"][0]["label"] == "ECG"
    drawn = (await program.post(f"{path}/preview")).json()
    assert (drawn["channel"], drawn["destination"]) == ("fax", office.fax)
    assert len(drawn["pages"]) >= 3
    page = await program.get(drawn["pages"][0].removeprefix("/api/v1"))
    assert Image.open(io.BytesIO(page.content)).width == 1728
    sent = await program.post(f"{path}/send", headers={"if-match": written.headers["etag"]})
    again = await program.post(f"{path}/send", headers={"if-match": written.headers["etag"]})
    assert [one.json()["is_new"] for one in (sent, again)] == [True, False]
    assert sent.json()["number"] == again.json()["number"] == draft.json()["number"]
    found = (await program.get(f"/referrals/{sent.json()['number']}")).json()
    assert found["attachments"] == ["ecg.pdf"]
    assert (await program.get(path)).json()["referral"] == sent.json()["number"]
    assert (await program.get("/drafts")).json() == []
    assert site.rung, "whoever sends packets is woken"


async def test_a_draft_of_a_program_is_on_the_staffs_page_and_is_thrown_away_and_taken_back(site: Site) -> None:
    program = program_at(site)
    draft = (await begun(program, {"patient.family": "Okafor", "specialty": "cardiology"})).json()["id"]
    staff = await site.as_role(Role.STAFF)
    assert "Okafor" in (await staff.get("/new")).text
    assert not (await program.post(f"/drafts/{draft}/discard")).json()["is_open"]
    assert (await program.get("/drafts")).json() == []
    assert (await program.post(f"/drafts/{draft}/restore")).json()["is_open"]
    assert [one["id"] for one in (await program.get("/drafts")).json()] == [draft]


async def test_what_cannot_be_enclosed_or_is_no_field_is_refused_by_name(site: Site) -> None:
    program = program_at(site)
    draft = (await begun(program, {"patient.family": "Okafor"})).json()["id"]
    junk = await program.post(f"/drafts/{draft}/files", files={"file": ("notes.exe", b"MZ\x90\x00 no paper")})
    assert (junk.status_code, "notes.exe" in junk.json()["detail"]) == (422, True)
    unknown = await program.post("/drafts", json={"fields": {"patient.shoe_size": "42"}})
    assert unknown.status_code == 400
    assert (await program.get("/drafts/999")).status_code == 404


async def test_a_token_that_may_only_read_sees_no_draft(site: Site) -> None:
    reader = program_at(site, Role.VIEWER, frozenset({Scope.REFERRALS_READ}))
    assert (await reader.get("/drafts")).status_code == 403
