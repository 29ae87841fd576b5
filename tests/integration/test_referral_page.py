"""One referral's page: what staff decide there happens in the rows, and only for those who may."""

import io
import re
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from PIL import Image

from config.vocabulary import Channel, DocumentKind
from gateway.domain.arrival import Envelope
from gateway.domain.event import Event, EventKind
from gateway.domain.person import Role
from gateway.domain.referral import Referral, Status
from gateway.domain.task import TaskKind
from gateway.domain.transmission import Purpose, TransmissionState
from parsers.reading import Document, Page, Reading
from tests.rigs.api_site import program_at
from tests.rigs.site import Site, a_site


@pytest.fixture
def site(tmp_path: Path) -> Generator[Site, None, None]:
    with a_site(
        tmp_path, settings={"clinic": {"fax_number": "+15085550100"}, "fax": {"carrier": "loopback"}}
    ) as opened:
        yield opened


@pytest.fixture
async def staff(site: Site) -> httpx.AsyncClient:
    return await site.as_role(Role.STAFF)


def stored(site: Site, number: str) -> Referral:
    with site.desk.store.transaction() as tx:
        referral = tx.referral_numbered(number.replace("-", ""))
    assert referral is not None
    return referral


def last_event(site: Site, number: str) -> tuple[EventKind, str, dict[str, object]]:
    referral = stored(site, number)
    with site.desk.store.transaction() as tx:
        event = tx.events(referral_id=referral.id)[-1].event
    return event.kind, event.actor, dict(event.detail or {})


def open_tasks(site: Site) -> list[tuple[TaskKind, str]]:
    with site.desk.store.transaction() as tx:
        return [(task.kind, task.text) for task in tx.tasks()]


def a_page(shade: int = 240) -> bytes:
    out = io.BytesIO()
    Image.new("L", (850, 1100), shade).save(out, format="PNG")
    return out.getvalue()


def sent(site: Site, number: str) -> None:
    """Sent and waiting, by the same clock the daemon would start."""
    site.move(number, Status.SENT, due_in=timedelta(days=2))


async def test_sending_again_commits_a_second_request_in_the_senders_name(site: Site, staff: httpx.AsyncClient) -> None:
    number = site.refer("Okafor")
    answer = await staff.post(f"/referrals/{number}/send", data={"channel": "fax"})
    assert answer.headers["location"] == f"/referrals/{number}"
    referral = stored(site, number)
    with site.desk.store.transaction() as tx:
        rows = tx.transmissions_of(referral.id)
    assert [(row.purpose, row.state, row.requested_by) for row in rows] == [
        (Purpose.REQUEST, TransmissionState.INTENDED, "one staff")
    ]
    assert site.rung == [True]
    assert "request by fax" in (await staff.get(f"/referrals/{number}")).text


async def test_a_channel_the_office_or_the_clinic_has_not_is_refused_in_words(
    site: Site, staff: httpx.AsyncClient
) -> None:
    number = site.refer("Okafor")
    page = (await staff.get(f"/referrals/{number}")).text
    assert "<option>fax</option>" in page
    assert "<option>email</option>" not in page
    answer = await staff.post(f"/referrals/{number}/send", data={"channel": "email"})
    assert answer.status_code == 409
    assert "The clinic has no line for email" in answer.text
    assert site.rung == []


async def test_a_pause_holds_the_chase_and_resuming_lets_it_go_on(site: Site, staff: httpx.AsyncClient) -> None:
    number = site.refer("Okafor")
    sent(site, number)
    day = (datetime.now(UTC) + timedelta(days=20)).date()
    answer = await staff.post(f"/referrals/{number}/pause", data={"until": str(day), "reason": "patient abroad"})
    assert answer.status_code == 303
    paused, until = stored(site, number), datetime(day.year, day.month, day.day, tzinfo=site.desk.rules.zone)
    assert paused.paused_until == until
    assert paused.due_at is not None
    assert paused.due_at > until
    kind, actor, detail = last_event(site, number)
    assert (kind, actor, detail["why"]) == (EventKind.FOLLOW_UP_PAUSED, "one staff", "patient abroad")
    with site.desk.store.transaction() as tx:
        assert tx.referrals_due(until - timedelta(minutes=1)) == []
    assert f"until {day:%b %d}" in (await staff.get(f"/referrals/{number}")).text
    await staff.post(f"/referrals/{number}/resume")
    resumed = stored(site, number)
    assert resumed.paused_until is None
    assert resumed.due_at is not None
    assert resumed.due_at < until
    assert last_event(site, number)[0] is EventKind.FOLLOW_UP_RESUMED
    assert "is not paused" in (await staff.post(f"/referrals/{number}/resume")).text


async def test_what_was_refused_leaves_what_was_typed_in_its_place(site: Site, staff: httpx.AsyncClient) -> None:
    number = site.refer("Okafor")
    sent(site, number)
    form = {"until": "2020-01-01", "reason": 'away "for long" <b>'}
    answer = await staff.post(f"/referrals/{number}/pause", data=form)
    assert answer.status_code == 409
    assert "choose another day" in answer.text
    assert 'value="away &#34;for long&#34; &lt;b&gt;"' in answer.text
    assert stored(site, number).paused_until is None


async def test_a_logged_call_tells_who_said_what_and_ends_the_task_to_call(
    site: Site, staff: httpx.AsyncClient
) -> None:
    number = site.refer("Okafor")
    referral = stored(site, number)
    with site.desk.store.transaction() as tx:
        tx.open_task(referral.id, TaskKind.CALL, "Call Bayview", datetime.now(UTC), None)
    form = {"spoke_with": "front desk", "learned": "booked for Tuesday"}
    assert (await staff.post(f"/referrals/{number}/call", data=form)).status_code == 303
    with site.desk.store.transaction() as tx:
        events = [chained.event for chained in tx.events(referral_id=referral.id)]
    assert [event.kind for event in events[-2:]] == [EventKind.CALL_LOGGED, EventKind.TASK_DONE]
    assert events[-2].detail == {"spoke_with": "front desk", "said": "booked for Tuesday"}
    assert open_tasks(site) == []
    assert "booked for Tuesday" in (await staff.get(f"/referrals/{number}")).text


@pytest.mark.parametrize(("asks_for_help", "tasks"), [("true", 1), ("", 0)])
async def test_a_barrier_is_kept_and_asks_for_help_if_it_should(
    site: Site, staff: httpx.AsyncClient, asks_for_help: str, tasks: int
) -> None:
    number = site.refer("Okafor")
    form = {"kind": "transport", "note": "no bus on Fridays"}
    if asks_for_help:
        form["asks_for_help"] = asks_for_help
    assert (await staff.post(f"/referrals/{number}/barrier", data=form)).status_code == 303
    assert len(open_tasks(site)) == tasks
    if tasks:
        assert open_tasks(site)[0] == (
            TaskKind.REACH_PATIENT,
            f"Help the patient of referral {number} to get there: transport",
        )
    assert "no bus on Fridays" in (await staff.get(f"/referrals/{number}")).text


async def test_cancelling_needs_a_reason_and_leaves_nothing_to_do(site: Site, staff: httpx.AsyncClient) -> None:
    number = site.refer("Okafor")
    assert (await staff.post(f"/referrals/{number}/cancel", data={"reason": "  "})).status_code == 409
    assert stored(site, number).status is Status.READY
    assert (await staff.post(f"/referrals/{number}/cancel", data={"reason": "moved away"})).status_code == 303
    assert stored(site, number).status is Status.CANCELLED
    page = (await staff.get(f"/referrals/{number}")).text
    assert "moved away" in page
    for path in ("send", "pause", "cancel", "barrier"):
        assert f'/{path}"' not in page


async def test_only_a_referral_whose_report_is_in_can_be_closed(site: Site, staff: httpx.AsyncClient) -> None:
    number = site.refer("Okafor")
    assert (await staff.post(f"/referrals/{number}/close")).status_code == 409
    site.move(number, Status.SENT, Status.REPORT_RECEIVED)
    assert "Close: the report was read" in (await staff.get(f"/referrals/{number}")).text
    assert (await staff.post(f"/referrals/{number}/close")).status_code == 303
    assert stored(site, number).status is Status.CLOSED
    assert last_event(site, number)[1] == "one staff"


async def test_a_task_is_done_from_the_work_list_in_the_name_of_whoever_did_it(
    site: Site, staff: httpx.AsyncClient
) -> None:
    number = site.refer("Okafor")
    referral = stored(site, number)
    with site.desk.store.transaction() as tx:
        tx.open_task(referral.id, TaskKind.CALL, "Call the office", site.clock.now(), None)
    path = f"/referrals/{number}/tasks/call/done"
    assert f'action="{path}"' in (await staff.get("/work")).text
    assert path in (await staff.get(f"/referrals/{number}")).text
    answer = await staff.post(path, data={"onward": "/work?whose=mine&q=Okafor"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/work?whose=mine")
    assert open_tasks(site) == []
    assert last_event(site, number)[:2] == (EventKind.TASK_DONE, "one staff")
    elsewhere = await staff.post(path, data={"onward": "//elsewhere.example/"})
    assert elsewhere.headers["location"] == "/"
    assert (await staff.post(f"/referrals/{number}/tasks/dance/done")).status_code == 422


async def test_a_viewer_sees_no_buttons_and_is_refused_them(site: Site) -> None:
    number = site.refer("Okafor")
    before = stored(site, number)
    viewer = await site.as_role(Role.VIEWER)
    assert "What now" not in (await viewer.get(f"/referrals/{number}")).text
    for path in ("send", "pause", "resume", "call", "barrier", "cancel", "close"):
        form = {
            "kind": "transport",
            "note": "x",
            "reason": "x",
            "spoke_with": "x",
            "learned": "x",
            "until": "2030-01-01",
        }
        assert (await viewer.post(f"/referrals/{number}/{path}", data=form)).status_code == 403
    assert stored(site, number) == before
    assert {chained.entry.referral for chained in site.audit("refused")} == {number}


async def test_a_slip_in_the_number_changes_nothing(site: Site, staff: httpx.AsyncClient) -> None:
    assert (await staff.post("/referrals/AAAA-AAAA/cancel", data={"reason": "x"})).status_code == 404


async def test_who_is_referred_what_goes_along_and_what_comes_next_stand_on_the_page(
    site: Site, staff: httpx.AsyncClient
) -> None:
    patient = {"family": "Okafor", "given": "Ada", "birth_date": "1958-03-09", "mrn": "0048213", "language": "Igbo"}
    number = site.refer("Okafor", patient=patient, icd10=["I25.10"])
    assert "its packet goes out" in (await staff.get(f"/referrals/{number}")).text
    site.move(number, Status.SENT, due_in=timedelta(days=2))
    page = (await staff.get(f"/referrals/{number}")).text
    for told in ("born 03/09/1958", "MRN 0048213", "speaks Igbo", "I25.10", "nothing beside the letter"):
        assert told in page
    assert "a second request goes out, in 1 day" in page


async def test_a_document_on_the_page_leads_to_where_it_is_seen_and_taken_back(
    site: Site, staff: httpx.AsyncClient
) -> None:
    number = site.refer("Okafor")
    sent(site, number)
    desk = site.desk
    with desk.store.transaction() as tx:
        arrival, _ = tx.add_arrival(Envelope("test:1", Channel.FAX), desk.vault.put(b"a note"), 6, desk.clock.now())
        note = Document((0,), DocumentKind.CONSULT_NOTE, 0.9, text="Okafor")
        reading = Reading("image/tiff", (Page(0, "Okafor"),), (note,))
        read = Event(EventKind.DOCUMENT_READ, desk.clock.now(), arrival_id=arrival.id)
        (part,) = tx.record_reading(arrival, reading, (note,), read)
        desk.matcher.requeue(tx, part, "look at it")
    desk.settle.assign(part.id, [number], "Lena")
    page = (await staff.get(f"/referrals/{number}")).text
    assert f'<a href="/queue/{part.id}">consult note</a>' in page
    assert "Take back" in (await staff.get(f"/queue/{part.id}")).text


async def test_a_file_is_enclosed_with_what_is_open_and_goes_with_the_next_packet(
    site: Site, staff: httpx.AsyncClient
) -> None:
    number = site.refer("Okafor")
    sent(site, number)
    upload = {"file": ("ecg Okafor.png", a_page(), "image/png")}
    answer = await staff.post(f"/referrals/{number}/enclose", files=upload)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/referrals/{number}")
    (enclosed,) = stored(site, number).intake.attachments
    assert (enclosed.name, enclosed.media_type) == ("ecg Okafor.png", "image/png")
    kind, actor, detail = last_event(site, number)
    assert (kind, actor) == (EventKind.REFERRAL_ENCLOSED, "one staff")
    assert "Okafor" not in str(detail), "a file's name may be a patient's"
    with site.desk.store.transaction() as tx:
        assert site.desk.vault.path(enclosed.sha256).exists()
        assert tx.referral_numbered(number.replace("-", "")) is not None
    again = await staff.post(f"/referrals/{number}/enclose", files=upload)
    assert (again.status_code, "is enclosed already" in again.text) == (409, True)
    junk = await staff.post(f"/referrals/{number}/enclose", files={"file": ("notes.exe", b"MZ no paper")})
    assert (junk.status_code, "notes.exe" in junk.text) == (409, True)


async def test_an_enclosed_file_is_taken_off_and_goes_with_no_packet_any_more(
    site: Site, staff: httpx.AsyncClient
) -> None:
    number = site.refer("Okafor")
    sent(site, number)
    for name, shade in (("ecg Okafor.png", 240), ("labs.png", 200)):
        await staff.post(f"/referrals/{number}/enclose", files={"file": (name, a_page(shade), "image/png")})
    ecg, labs = stored(site, number).intake.attachments
    assert "Take a file off" in (await staff.get(f"/referrals/{number}")).text
    answer = await staff.post(f"/referrals/{number}/take-off", data={"file": ecg.id})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/referrals/{number}")
    assert stored(site, number).intake.attachments == (labs,)
    kind, actor, detail = last_event(site, number)
    assert (kind, actor) == (EventKind.ENCLOSURE_TAKEN_OFF, "one staff")
    assert "Okafor" not in str(detail)
    with site.desk.store.transaction() as tx:
        assert tx.unnamed([ecg.sha256, labs.sha256]) == {ecg.sha256}
    twice = await staff.post(f"/referrals/{number}/take-off", data={"file": ecg.id})
    assert (twice.status_code, "is not enclosed with" in twice.text) == (409, True)
    again = await staff.post(f"/referrals/{number}/enclose", files={"file": ("ecg Okafor.png", a_page(), "image/png")})
    assert again.status_code == 303, "what was taken off can be enclosed again"
    viewer = await site.as_role(Role.VIEWER)
    assert (await viewer.post(f"/referrals/{number}/take-off", data={"file": labs.id})).status_code == 403
    await staff.post(f"/referrals/{number}/cancel", data={"reason": "went elsewhere"})
    over = await staff.post(f"/referrals/{number}/take-off", data={"file": labs.id})
    assert (over.status_code, "nothing goes out for it any more" in over.text) == (409, True)
    assert "Take a file off" not in (await staff.get(f"/referrals/{number}")).text


async def test_nothing_is_enclosed_with_what_is_over_and_by_nobody_who_may_only_look(
    site: Site, staff: httpx.AsyncClient
) -> None:
    number = site.refer("Okafor")
    upload = {"file": ("ecg.png", a_page(), "image/png")}
    viewer = await site.as_role(Role.VIEWER)
    assert (await viewer.post(f"/referrals/{number}/enclose", files=upload)).status_code == 403
    assert "Enclose a file" not in (await viewer.get(f"/referrals/{number}")).text
    await staff.post(f"/referrals/{number}/cancel", data={"reason": "went elsewhere"})
    over = await staff.post(f"/referrals/{number}/enclose", files=upload)
    assert (over.status_code, "nothing goes out for it any more" in over.text) == (409, True)
    assert stored(site, number).intake.attachments == ()


async def test_a_program_encloses_a_file_by_the_same_rules(site: Site) -> None:
    program, number = program_at(site), site.refer("Okafor")
    sent(site, number)
    told = await program.post(f"/referrals/{number}/enclosures", files={"file": ("ecg.png", a_page(), "image/png")})
    assert (told.status_code, told.json()["attachments"]) == (200, ["ecg.png"])
    stale = await program.post(
        f"/referrals/{number}/enclosures",
        files={"file": ("b.png", a_page(), "image/png")},
        headers={"if-match": '"r1"'},
    )
    assert stale.status_code == 412
    (enclosed,) = told.json()["enclosures"]
    assert (enclosed["name"], enclosed["title"], enclosed["media_type"]) == ("ecg.png", "ECG", "image/png")
    path, etag = f"/referrals/{number}/enclosures/take-off", told.headers["etag"]
    late = await program.post(path, json={"id": enclosed["id"]}, headers={"if-match": '"r1"'})
    assert late.status_code == 412
    off = await program.post(path, json={"id": enclosed["id"]}, headers={"if-match": etag})
    assert (off.status_code, off.json()["enclosures"], off.json()["attachments"]) == (200, [], [])
    gone = await program.post(path, json={"id": enclosed["id"]})
    assert (gone.status_code, gone.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("/referrals/{number}", "Board"),
        ("/queue/filed", "Queue"),
        ("/directory/duplicates", "Directory"),
        ("/reports/volume", "Reports"),
        ("/people/tokens", "People"),
        ("/work?kind=calls", "Work list"),
    ],
)
async def test_every_page_marks_the_section_it_is_of(site: Site, path: str, section: str) -> None:
    administrator = await site.as_role(Role.ADMINISTRATOR)
    page = (await administrator.get(path.format(number=site.refer("Okafor")))).text
    nav = page[page.index("<nav") : page.index("</nav>")]
    assert re.findall(r'aria-current="(?:page|true)">([^<]+)</a>', nav) == [section]
