"""The work list: each thing to do with its buttons, and what each button changes, who did it, and what is refused."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from config.vocabulary import Channel
from gateway.domain.event import Event, EventKind
from gateway.domain.person import Role
from gateway.domain.referral import Referral, Status
from gateway.domain.task import TaskKind
from gateway.domain.transmission import Purpose, TransmissionState
from gateway.services import ending
from tests.rigs.review_site import statements
from tests.rigs.site import Site, a_site

ME = "one staff"
FAX = {"fax": {"carrier": "loopback"}, "clinic": {"fax_number": "+15085550100"}}
HARBOR = {"name": "Harbor Heart", "fax": "(508) 555-0199", "phone": "(508) 555-0198"}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncGenerator[Site, None]:
    with a_site(tmp_path, settings=FAX) as opened:
        opened.browser = await opened.as_role(Role.STAFF)
        yield opened


def stored(site: Site, number: str) -> Referral:
    with site.desk.store.transaction() as tx:
        referral = tx.referral_numbered(number.replace("-", ""))
    assert referral is not None
    return referral


def to_do(site: Site, number: str, kind: TaskKind, text: str = "do it") -> None:
    id_ = stored(site, number).id
    with site.desk.store.transaction() as tx:
        tx.open_task(id_, kind, text, site.desk.clock.now(), None)


def tasks(site: Site, number: str) -> list[TaskKind]:
    id_ = stored(site, number).id
    with site.desk.store.transaction() as tx:
        return [task.kind for task in tx.open_tasks_of(id_)]


def events(site: Site, number: str) -> list[Event]:
    id_ = stored(site, number).id
    with site.desk.store.transaction() as tx:
        return [chained.event for chained in tx.events(referral_id=id_)]


def maybe_sent(site: Site, number: str) -> None:
    """A packet of which nobody knows whether it arrived."""
    referral, now = stored(site, number), site.desk.clock.now()
    with site.desk.store.transaction() as tx:
        row = tx.intend_transmission(
            referral_id=referral.id,
            purpose=Purpose.REQUEST,
            channel=Channel.FAX,
            destination="+15085550111",
            key=f"key-{referral.id}",
            requested_by="system",
            at=now,
        )
        ending.uncertain(tx, site.desk.rules, row, "3 of 5 pages", now)


def packets(site: Site, number: str) -> list[TransmissionState]:
    id_ = stored(site, number).id
    with site.desk.store.transaction() as tx:
        return [row.state for row in tx.transmissions_of(id_)]


async def press(site: Site, number: str, deed: str, status: int = 303, **form: str) -> httpx.Response:
    answer = await site.browser.post(f"/referrals/{number}/{deed}", data=form)
    assert answer.status_code == status, answer.text
    return answer


async def test_a_call_has_its_number_and_its_words_and_the_patient_only_behind_the_office_s_name(site: Site) -> None:
    number = site.refer("Okafor", recipient={"name": "Bayview", "fax": "(508) 555-0111", "phone": "(508) 555-0110"})
    site.move(number, Status.SENT)
    to_do(site, number, TaskKind.CALL)
    page = await site.text("/work")
    assert 'href="tel:+15085550110"' in page
    assert "Do you have it, and do you accept it?" in page
    told = page.index("Only when they have named their office")
    assert page.index("Whom am I speaking with") < told < page.index("Ada Okafor, born March 9, 1958")
    assert "Okafor" not in page[:told].partition("<main")[2]


async def test_escalated_ones_stand_first_and_kinds_are_grouped(site: Site) -> None:
    calm, worst = site.refer("Calm"), site.refer("Worst")
    for number in (calm, worst):
        to_do(site, number, TaskKind.CALL)
    site.move(worst, Status.SENT, is_escalated=True)
    to_do(site, worst, TaskKind.TELL_CLINICIAN)
    page = await site.text("/work")
    assert page.index('id="tell"') < page.index('id="calls"')
    calls = page.partition('<section class="group" id="calls"')[2]
    assert calls.index(worst) < calls.index(calm)
    assert "escalated</strong>" in calls


async def test_a_packet_that_was_received_is_delivered_by_a_person_s_word(site: Site) -> None:
    number = site.refer("Okafor")
    maybe_sent(site, number)
    await press(site, number, "arrived")
    assert (packets(site, number), tasks(site, number)) == ([TransmissionState.DELIVERED], [])
    assert stored(site, number).status is Status.DELIVERED
    moved = [event for event in events(site, number) if event.kind is EventKind.TRANSMISSION_MOVED]
    assert moved[-1].actor == ME
    assert "Nothing is uncertain here any more" in (await press(site, number, "arrived", 409)).text


async def test_a_packet_that_never_arrived_is_sent_again_once(site: Site) -> None:
    number = site.refer("Okafor")
    maybe_sent(site, number)
    await press(site, number, "send-again")
    assert packets(site, number) == [TransmissionState.FAILED, TransmissionState.INTENDED]
    assert tasks(site, number) == []
    assert "is on its way already" in (await press(site, number, "send-again", 409)).text
    assert len(packets(site, number)) == 2


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("received", Status.ACKNOWLEDGED), ("accepted", Status.ACKNOWLEDGED), ("seen", Status.SEEN)],
)
async def test_what_the_office_said_moves_the_referral_as_paper_would(site: Site, outcome: str, status: Status) -> None:
    number = site.refer("Okafor")
    maybe_sent(site, number)
    to_do(site, number, TaskKind.CALL)
    await press(site, number, "tasks/call/call", outcome=outcome, spoke_with="Jo")
    assert (stored(site, number).status, tasks(site, number)) == (status, [])
    assert packets(site, number) == [TransmissionState.DELIVERED]
    logged = next(event for event in events(site, number) if event.kind is EventKind.CALL_LOGGED)
    assert (logged.actor, logged.detail) == (ME, {"outcome": outcome, "spoke_with": "Jo"})


async def test_a_booking_by_telephone_needs_its_day(site: Site) -> None:
    number = site.refer("Okafor")
    site.move(number, Status.SENT)
    to_do(site, number, TaskKind.CALL)
    refused = await press(site, number, "tasks/call/call", 409, outcome="booked", spoke_with="Jo")
    assert "for which day" in refused.text
    refused = await press(site, number, "tasks/call/call", 409, outcome="booked", spoke_with="Jo", date="May")
    assert "YYYY-MM-DD" in refused.text
    assert (stored(site, number).status, tasks(site, number)) == (Status.SENT, [TaskKind.CALL])
    assert [event.kind for event in events(site, number)].count(EventKind.CALL_LOGGED) == 0
    await press(site, number, "tasks/call/call", outcome="booked", spoke_with="Jo", date="2031-05-06", time="09:30")
    booked = stored(site, number)
    assert booked.appointment_at is not None
    assert f"{booked.appointment_at.astimezone(site.desk.rules.zone):%Y-%m-%d %H:%M}" == "2031-05-06 09:30"
    assert (booked.status, tasks(site, number)) == (Status.SCHEDULED, [])


async def test_nobody_answered_puts_the_call_off_until_the_clinic_opens_again(site: Site) -> None:
    number = site.refer("Okafor")
    site.move(number, Status.SENT)
    to_do(site, number, TaskKind.CALL)
    await press(site, number, "tasks/call/call", outcome="no_answer", onward="/work")
    assert "Nothing to do" in await site.text("/work")
    assert number in await site.text("/work?later=yes")
    assert tasks(site, number) == [TaskKind.CALL]
    with site.desk.store.transaction() as tx:
        until = tx.tasks()[0].snoozed_until
    assert until is not None
    assert site.desk.rules.calendar.is_open(until)


async def test_a_call_that_says_nothing_of_who_answered_is_refused(site: Site) -> None:
    number = site.refer("Okafor")
    to_do(site, number, TaskKind.CALL)
    assert "who answered" in (await press(site, number, "tasks/call/call", 409, outcome="received")).text
    assert "what they said" in (await press(site, number, "tasks/call/call", 409, outcome="other", spoke_with="J")).text
    assert tasks(site, number) == [TaskKind.CALL]


async def test_what_is_declined_by_telephone_is_to_be_redirected_and_goes_to_another_office(site: Site) -> None:
    number = site.refer("Okafor")
    site.refer("Other", recipient=HARBOR)
    site.move(number, Status.SENT)
    to_do(site, number, TaskKind.CALL)
    await press(site, number, "tasks/call/call", outcome="declined", spoke_with="Jo", learned="no room until May")
    assert (stored(site, number).status, tasks(site, number)) == (Status.DECLINED, [TaskKind.DECLINED])
    page = await site.text("/work")
    assert "no room until May" in page
    assert '<option value="Harbor Heart">' in page
    assert (
        "is the office that declined" in (await press(site, number, "redirect", 409, office="Bayview Cardiology")).text
    )
    assert "choose an office of the list" in (await press(site, number, "redirect", 409, office="Nobody")).text
    await press(site, number, "redirect", office="harbor heart")
    now = stored(site, number)
    with site.desk.store.transaction() as tx:
        assert tx.recipient(now.intake.recipient_id).name == "Harbor Heart"
        assert number.replace("-", "") in [one.number for one in tx.referrals_ready()]
    assert (now.status, now.requests_sent, tasks(site, number)) == (Status.READY, 0, [])
    assert events(site, number)[-2].kind is EventKind.REFERRAL_REDIRECTED
    assert "only what was declined" in (await press(site, number, "redirect", 409, office="Bayview Cardiology")).text


async def test_a_number_is_confirmed_or_put_right_where_it_is_asked_about(site: Site) -> None:
    number = site.refer("Okafor")
    to_do(site, number, TaskKind.VERIFY_NUMBER)
    assert "write it as" in (await press(site, number, "number", 409, fax="12")).text
    await press(site, number, "number", fax="(508) 555-0112")
    recipient_id = stored(site, number).intake.recipient_id
    with site.desk.store.transaction() as tx:
        office = tx.recipient(recipient_id)
    assert (office.fax, office.fax_set_aside_at) == ("+15085550112", None)
    assert office.fax_confirmed_at is not None
    assert tasks(site, number) == []


async def test_a_patient_who_was_reached_is_waited_for_again(site: Site) -> None:
    number, missed = site.refer("Okafor"), site.refer("Winter")
    site.move(number, Status.SENT, Status.PATIENT_UNREACHABLE)
    site.move(missed, Status.SENT, Status.SCHEDULED, Status.NO_SHOW)
    to_do(site, number, TaskKind.REACH_PATIENT)
    to_do(site, missed, TaskKind.NO_SHOW)
    await press(site, number, "tasks/reach_patient/call", outcome="reached", spoke_with="the patient")
    await press(site, missed, "tasks/no_show/call", outcome="reached", spoke_with="the patient")
    assert (stored(site, number).status, tasks(site, number)) == (Status.ACKNOWLEDGED, [])
    assert stored(site, number).due_at is not None
    assert (stored(site, missed).status, tasks(site, missed)) == (Status.NO_SHOW, [TaskKind.CALL])


async def test_a_task_is_put_off_and_the_chase_with_it_if_that_is_asked(site: Site) -> None:
    number = site.refer("Okafor")
    site.move(number, Status.SENT, due_in=timedelta(days=1))
    to_do(site, number, TaskKind.CALL)
    day = (site.desk.clock.now() + timedelta(days=9)).date().isoformat()
    assert "why it pauses" in (await press(site, number, "tasks/call/later", 409, until=day, pauses="true")).text
    assert "a day to come" in (await press(site, number, "tasks/call/later", 409, until="2020-01-01")).text
    assert "Nothing is put off" in await site.text("/work?later=yes")
    await press(site, number, "tasks/call/later", until=day, pauses="true", reason="they move house")
    assert number in await site.text("/work?later=yes")
    assert stored(site, number).paused_until is not None


async def test_it_is_assigned_to_one_account_and_the_history_says_so(site: Site) -> None:
    number = site.refer("Okafor")
    to_do(site, number, TaskKind.CALL)
    assert "Nothing to do" in await site.text("/work?whose=mine")
    answer = await press(site, number, "assign", person=ME.upper(), onward="/work?whose=mine")
    assert answer.headers["location"] == "/work?whose=mine"
    assert number in await site.text("/work?whose=mine")
    assert stored(site, number).owner == ME
    last = events(site, number)[-1]
    assert (last.kind, last.actor, last.detail) == (
        EventKind.REFERRAL_ASSIGNED,
        ME,
        {"from": "nobody", "to": ME},
    )
    assert "obody called" in (await press(site, number, "assign", 409, person="Stranger")).text
    await site.as_role(Role.VIEWER)
    assert "obody called" in (await press(site, number, "assign", 409, person="one viewer")).text
    await press(site, number, "assign", person="")
    assert stored(site, number).owner == ""


async def test_a_viewer_sees_the_list_without_buttons_and_is_refused_them(site: Site) -> None:
    number = site.refer("Okafor")
    to_do(site, number, TaskKind.CALL)
    viewer = await site.as_role(Role.VIEWER)
    page = (await viewer.get("/work")).text
    assert number in page
    assert "<form" not in page.partition("<main")[2].partition("<dialog")[0]
    for deed in ("arrived", "send-again", "number", "redirect", "assign", "tasks/call/later", "tasks/call/call"):
        answer = await viewer.post(f"/referrals/{number}/{deed}", data={"outcome": "received", "spoke_with": "Jo"})
        assert answer.status_code == 403
    assert tasks(site, number) == [TaskKind.CALL]


async def test_neither_board_nor_work_list_asks_more_of_the_store_the_more_there_is(site: Site) -> None:
    async def asked(path: str) -> int:
        with statements() as told:
            await site.text(path)
        return len(told)

    paths = ("/", "/?late=1", "/work", "/work?kind=calls")

    def fill(name: str) -> None:
        number = site.refer(name, recipient=HARBOR | {"name": f"Office {name}"})
        to_do(site, number, TaskKind.CALL)
        to_do(site, number, TaskKind.DECLINED)

    fill("First")
    few = {path: await asked(path) for path in paths}
    for n in range(30):
        fill(f"Family{n}")
    assert {path: await asked(path) for path in paths} == few


async def test_the_board_shows_one_page_and_turns_it_without_a_gap(site: Site) -> None:
    numbers = {site.refer(f"Family{n}") for n in range(60)}
    pages = [await site.text(f"/?page={n}") for n in (1, 2)]
    found = [{number for number in numbers if f'id="r-{number}"' in page} for page in pages]
    assert [len(one) for one in found] == [50, 10]
    assert found[0] | found[1] == numbers
    assert "51 to 60 of 60" in pages[1]
    assert "51 to 60 of 60" in await site.text("/?page=99999999")


async def test_a_filter_is_kept_for_oneself_alone_and_never_with_what_was_searched(site: Site) -> None:
    await site.browser.post("/filters?urgency=high&q=Okafor", data={"name": "mornings"})
    assert "mornings" in await site.text("/")
    assert "Okafor" not in await site.text("/")
    other = await site.as_role(Role.MANAGER)
    assert "mornings" not in (await other.get("/")).text
    refused = await site.browser.post("/filters?urgency=high", data={"name": " "})
    assert (refused.status_code, "how the filter is called" in refused.text) == (409, True)
    for n in range(11):
        await site.browser.post("/filters?late=1", data={"name": f"filter {n}"})
    assert "12 filters are kept already" in (await site.browser.post("/filters?late=1", data={"name": "more"})).text
