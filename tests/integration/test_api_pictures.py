"""Pages and cut-outs over the API: of the very document that is named, and nothing of what nobody may open."""

import io
from collections.abc import AsyncGenerator
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

from config.vocabulary import Channel
from gateway.domain.audit import AuditKind
from gateway.domain.event import Event, EventKind
from gateway.services.access.ports import AuditQuestion
from tests.rigs.api_site import ApiSite
from tests.rigs.review_site import a_booking, a_note, review_site
from tests.unit.test_pictures import a_file, corner


@pytest.fixture
async def site(tmp_path: Path) -> AsyncGenerator[ApiSite, None]:
    with review_site(tmp_path) as opened:
        async with opened.painter:
            yield ApiSite(opened)


async def test_what_was_written_by_hand_comes_as_a_picture_beside_what_was_read(site: ApiSite) -> None:
    (item,) = site.site.queue(a_booking("Okafor", datetime(2026, 12, 8, 10, 30)), data=a_file("TIFF", 17))  # noqa: DTZ001
    program = site.program(site.token())
    document = (await program.get(f"/documents/{item}")).json()
    (written,) = document["fields"]
    ticked = next(box for box in document["boxes"] if box["is_ticked"])
    page = await program.get(f"http://127.0.0.1:8470{document['page_list'][0]['image']}")
    for spot in (written["spot"], ticked["spot"]):
        answer = await program.get(f"http://127.0.0.1:8470{spot['image']}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        with Image.open(io.BytesIO(answer.content)) as cut, Image.open(io.BytesIO(page.content)) as whole:
            assert whole.width * spot["w"] < cut.width < whole.width * (spot["w"] + 0.03)
            assert whole.height * spot["h"] < cut.height < whole.height * (spot["h"] + 0.03)
    seen = [one.entry for one in site.site.clinic.desk.access.audit.ask(AuditQuestion(kind=AuditKind.VIEWED.value))]
    assert {one.item for one in seen} == {item}
    assert {one.actor for one in seen} == {"EHR bridge (token)"}


async def test_a_page_of_another_document_in_the_same_file_is_not_told_under_this_ones_name(site: ApiSite) -> None:
    one, other = site.site.queue(a_note("Okafor"), a_note("Brandt", pages=(1,)), data=a_file("TIFF", 17, 102))
    program = site.program(site.token())
    assert abs(corner((await program.get(f"/documents/{other}/pages/1/image")).content) - 102) < 20
    for path in ("pages/1/image", "pages/1/cut-outs/0-0-500-500"):
        refused = await program.get(f"/documents/{one}/{path}")
        assert refused.status_code == 404
        assert f"GET /documents/{one} names its pages" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("sides", "status"), [("500-0-100-500", 404), ("0-0-1001-500", 404), ("soon", 400), ("0-0-5", 400)]
)
async def test_what_is_no_spot_on_a_page_is_refused(site: ApiSite, sides: str, status: int) -> None:
    (item,) = site.site.queue(a_note("Okafor"), data=a_file("TIFF", 17))
    answer = await site.program(site.token()).get(f"/documents/{item}/pages/0/cut-outs/{sides}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_what_is_quarantined_is_told_as_that_and_handed_over_by_no_path(site: ApiSite) -> None:
    arrival = site.site.clinic.take(b"Thank you. And a virus.", Channel.EMAIL)
    desk = site.site.clinic.desk
    with desk.store.transaction() as tx:
        event = Event(EventKind.DOCUMENT_QUARANTINED, desk.clock.now(), arrival_id=arrival.id)
        tx.quarantine(tx.arrival(arrival.id), "Eicar-Test", "quarantined: Eicar-Test", event)
    program = site.program(site.token())
    document = (await program.get(f"/documents/{-arrival.id}")).json()
    assert document["is_quarantined"]
    for path in ("original", "pages/0/image", "pages/0/cut-outs/0-0-500-500"):
        answer = await program.get(f"/documents/{-arrival.id}/{path}")
        assert answer.status_code == 404
        assert b"virus." not in answer.content
        assert "quarantined" in answer.json()["detail"]


async def test_what_could_act_in_a_file_and_what_taking_back_undid_is_told_with_the_document(site: ApiSite) -> None:
    number = site.site.clinic.refer("Okafor", "Ada")
    (item,) = site.site.queue(a_note("Okafor"), active=("letter.docm: macros (VBA)",))
    program = site.program(site.token())
    seen = await program.get(f"/documents/{item}")
    assert seen.json()["warnings"] == ["letter.docm: macros (VBA)"]
    filed = await program.post(
        f"/documents/{item}/file", json={"referrals": [number]}, headers={"if-match": seen.headers["etag"]}
    )
    assert (filed.status_code, filed.json()["undone"]) == (200, []), filed.text
    undone = await program.post(f"/documents/{item}/take-back", headers={"if-match": filed.headers["etag"]})
    assert number in " ".join(undone.json()["undone"])
    assert number in " ".join(undone.json()["chased"])
