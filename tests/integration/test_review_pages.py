"""The review queue's pages over the real app and store."""

import re
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.vocabulary import Channel, DocumentKind
from gateway.domain.arrival import PartState
from gateway.domain.event import Event, EventKind
from gateway.domain.person import Role
from gateway.domain.referral import Status
from parsers.reading import Appointment
from tests.rigs.review_site import ReviewSite, a_booking, a_note, review_site, statements

BOOKED = datetime(2027, 1, 18, 10, 30)  # noqa: DTZ001 - as on paper
BY_HAND = ("confirmation", "2027-01-19", "09:15", "appointment_booked")
"""Kind, date, time and box as a person corrects them."""


@pytest.fixture
def site(tmp_path: Path) -> Generator[ReviewSite, None, None]:
    with review_site(tmp_path, {"Vera": Role.VIEWER}) as opened:
        yield opened


async def test_an_empty_queue_says_so(site: ReviewSite) -> None:
    page = await site.text("/queue")
    assert "The queue is empty" in page
    assert "Begin with the oldest" not in page


async def test_a_row_tells_what_a_person_decides_by(site: ReviewSite) -> None:
    number = site.clinic.refer("Okafor", "Maria")
    (item,) = site.queue(a_note("Okafor", "Maria"), waited=timedelta(days=3))
    page = await site.text("/queue")
    for told in ("3 days", "+15085550111", "by fax", "consult note", "1 page", "Okafor, Maria", number):
        assert told in page
    assert "one identifier is not enough" in page
    assert f'href="/queue/{item}?' in page
    assert 'class="stuck"' in page


async def test_a_file_that_is_not_read_after_a_while_is_told_and_tried_again_at_once(site: ReviewSite) -> None:
    desk = site.clinic.desk
    fresh = site.clinic.take(b"just now", sender="+15085550198", waited=timedelta(minutes=1))
    stuck = site.clinic.take(b"an hour ago", sender="+15085550197", waited=timedelta(hours=1))
    with desk.store.transaction() as tx:
        assert tx.lease_unread_arrival(desk.clock.now(), desk.clock.now() + timedelta(hours=9)) is not None
        assert tx.lease_unread_arrival(desk.clock.now(), desk.clock.now() + timedelta(hours=9)) is not None
        assert tx.lease_unread_arrival(desk.clock.now(), desk.clock.now() + timedelta(hours=9)) is None
    page = await site.text("/queue")
    assert "Stuck: came, but not read yet" in page
    assert "+15085550197 by fax" in page
    assert "waits 1 hour" in page
    assert "+15085550198" not in page
    assert await site.send(f"/queue/files/{stuck.id}/retry") == "/queue?told=retried"
    assert site.rung, "the reader is woken"
    with desk.store.transaction() as tx:
        again = tx.lease_unread_arrival(desk.clock.now(), desk.clock.now() + timedelta(hours=9))
        assert again is not None
        assert again.id == stuck.id
        by = [one.event.actor for one in tx.events(limit=99) if one.event.kind is EventKind.DOCUMENT_READ_AGAIN]
        assert by == ["Lena"]
        tx.record_unreadable(tx.arrival(fresh.id), "no picture", Event(EventKind.DOCUMENT_UNREADABLE, desk.clock.now()))
    assert "was read meanwhile" in await site.send(f"/queue/files/{fresh.id}/retry", status=409)


async def test_a_row_is_made_ones_own_without_opening_it(site: ReviewSite) -> None:
    (item,) = site.queue(a_note("Okafor"))
    assert f'action="/queue/{item}/hand' in await site.text("/queue")
    assert await site.send(f"/queue/{item}/hand", person="Lena", onward="list") == "/queue"
    page = await site.text("/queue?whose=mine")
    assert f"item {item}" in page
    assert f'action="/queue/{item}/hand' not in page, "it is hers already"


async def test_what_was_settled_long_ago_is_found_page_by_page(site: ReviewSite) -> None:
    number = site.clinic.refer("Okafor", "Maria")
    for item in [site.queue(a_note("Okafor", "Maria"))[0] for _ in range(53)]:
        site.clinic.desk.settle.assign(item, [number], "Omar")
    first = await site.text("/queue/filed")
    (behind,) = re.findall(r'name="behind" value="(\d+)"', first)
    second = await site.text(f"/queue/filed?behind={behind}")
    seen = [re.findall(r'href="/queue/(\d+)" class="open"', page) for page in (first, second)]
    assert (len(seen[0]), len(seen[1]), len({*seen[0], *seen[1]})) == (50, 3, 53)
    assert "Older ones" not in second
    found = await site.send("/queue/filed", status=200, q="okafor")
    assert f'action="/queue/filed?behind={behind}" method="post"' in found


async def test_filters_and_search_narrow_the_list_and_names_stay_out_of_urls(site: ReviewSite) -> None:
    (note,) = site.queue(a_note("Okafor"))
    site.queue(replace(a_note("Brandt"), kind=DocumentKind.RESULT), channel=Channel.EMAIL)
    only = await site.text("/queue?kind=consult_note&channel=fax")
    assert "result</a>" not in only
    assert f'href="/queue/{note}?kind=consult_note&amp;channel=fax"' in only
    found = await site.send("/queue", status=200, q="OKAF echo")
    assert (found.count("consult note</a>"), found.count("result</a>")) == (1, 0)
    assert "q=" not in found
    nothing = await site.send("/queue", status=200, q="nobody")
    assert "Nothing here fits" in nothing


async def test_a_long_list_is_shown_in_parts_without_a_gap(site: ReviewSite) -> None:
    items = [site.queue(a_note(f"Family{n}"))[0] for n in range(60)]
    page = await site.text("/queue")
    onward = page.split('href="/queue?after=')[1].split('"')[0]
    rest = await site.text(f"/queue?after={onward}")
    assert f"item {items[0]}<" in page
    assert f"item {items[-1]}<" in rest
    assert sum(f"item {item}<" in page for item in items) + sum(f"item {item}<" in rest for item in items) == 60


async def test_list_and_document_come_with_their_style_and_keys(site: ReviewSite) -> None:
    (item,) = site.queue(a_note("Brandt"))
    for path in ("/queue", f"/queue/{item}"):
        head = (await site.text(path)).partition("</head>")[0]
        for name in ("queue.css", "queue.js", "htmx.min.js"):
            assert f"/static/{name}" in head
            assert (await site.of("Lena").get(f"/static/{name}")).status_code == 200


async def test_neither_list_nor_document_asks_more_of_the_store_the_more_there_is(site: ReviewSite) -> None:
    for n in range(3):
        site.clinic.refer("Okafor", f"Maria{n}", f"1961-04-0{n + 1}")
    await site.text("/queue")  # logged in
    few = site.queue(a_note("Okafor", "Maria1"), a_note("Okafor", "Maria2", pages=(1,)))
    with statements() as list_of_few:
        await site.text("/queue")
    with statements() as document_of_few:
        await site.text(f"/queue/{few[0]}")
    for n in range(3, 9):
        site.clinic.refer("Okafor", f"Maria{n}", f"1961-04-0{n + 1}")
    many = [site.queue(a_note("Okafor", "Maria1"), a_note("Okafor", "Maria2", pages=(1,)))[0] for _ in range(20)]
    with statements() as list_of_many:
        await site.text("/queue")
    with statements() as document_of_many:
        await site.text(f"/queue/{many[5]}")
    assert len(list_of_many) == len(list_of_few) <= 24
    assert len(document_of_many) == len(document_of_few) <= 52


async def test_the_document_shows_why_it_is_held_and_each_candidate_with_what_speaks_for_and_against(
    site: ReviewSite,
) -> None:
    number = site.clinic.refer("Okafor", "Maria", "1961-04-23")
    site.clinic.refer("Brandt", "Otto")
    (item,) = site.queue(a_note("Okafor", "Maria", datetime(1961, 4, 28, tzinfo=UTC)))
    page = await site.text(f"/queue/{item}")
    assert page.index("Why it was held") < page.index("Whose is it?")
    best = page.split('<li class="candidate')[1]
    assert number in best
    assert "born 04/23/1961" in best
    assert "Against:</span> birth date differs in one digit" in best
    assert "For:</span> name agrees" in best
    assert 'data-key="1" data-against="birth date differs in one digit" checked' in best
    assert "1 more, not likely" in page


async def test_a_visit_guessed_from_loose_words_is_not_offered_as_an_appointment(site: ReviewSite) -> None:
    loose = replace(a_note("Okafor"), appointment=Appointment(BOOKED, 0.35, has_time=False))
    plain = replace(a_note("Okafor"), appointment=Appointment(BOOKED, 0.6))
    (guessed,), (told,) = site.queue(loose), site.queue(plain)
    assert 'value="2027-01-18"' not in await site.text(f"/queue/{guessed}")
    assert 'value="2027-01-18"' in await site.text(f"/queue/{told}")


async def test_filing_moves_the_referral_as_it_was_corrected_and_opens_the_next(site: ReviewSite) -> None:
    number = site.clinic.refer("Okafor", "Maria")
    (item,) = site.queue(a_booking("Okafor", BOOKED))
    (following,) = site.queue(a_note("Brandt"))
    page = await site.text(f"/queue/{item}?whose=unassigned")
    assert 'value="2027-01-18"' in page
    assert 'value="10:30"' in page
    assert "read as <b>12?826</b>" in page
    kind, day, hour, box = BY_HAND
    path = f"/queue/{item}/file?whose=unassigned"
    where = await site.send(path, number=number, kind=kind, date=day, time=hour, box=box, has_boxes="true")
    assert where == f"/queue/{following}?whose=unassigned&done={item}"
    referral = site.clinic.referral(number)
    assert referral.status is Status.SCHEDULED
    assert referral.appointment_at is not None
    assert f"{referral.appointment_at.astimezone(site.clinic.desk.rules.zone):%Y-%m-%d %H:%M}" == "2027-01-19 09:15"
    assert (EventKind.PART_CORRECTED, "Lena") in site.events(item)
    assert (EventKind.PART_FILED, "Lena") in site.events(item)
    assert f"Item {item} is filed on {number}" in await site.text(where)
    assert site.settled


async def test_a_person_takes_a_doubtful_tick_for_certain_or_strikes_it(site: ReviewSite) -> None:
    kept, struck = site.clinic.refer("Okafor", "Maria"), site.clinic.refer("Brandt", "Otto")
    (first,) = site.queue(a_booking("Okafor", None))
    (second,) = site.queue(a_booking("Brandt", None))
    await site.send(f"/queue/{first}/file", number=kept, kind="confirmation", has_boxes="true", box="declined_capacity")
    await site.send(f"/queue/{second}/file", number=struck, kind="confirmation", has_boxes="true")
    assert site.clinic.referral(kept).status is Status.DECLINED
    assert site.clinic.referral(struck).status is Status.DELIVERED


async def test_undo_puts_document_referral_and_tasks_back_and_history_stays(site: ReviewSite) -> None:
    number = site.clinic.refer("Okafor", "Maria")
    before = site.clinic.referral(number)
    (item,) = site.queue(a_booking("Okafor", None))
    await site.send(f"/queue/{item}/file", number=number, kind="confirmation", has_boxes="true", box="wrong_office")
    with site.clinic.desk.store.transaction() as tx:
        assert len(tx.open_tasks_of(before.id)) == 1
    assert await site.send(f"/queue/{item}/take-back") == f"/queue/{item}"
    after = site.clinic.referral(number)
    assert (after.status, after.status_since, after.due_at) == (before.status, before.status_since, before.due_at)
    with site.clinic.desk.store.transaction() as tx:
        assert tx.open_tasks_of(before.id) == []
        kinds = [chained.event.kind for chained in tx.events(referral_id=before.id)]
    assert kinds[-2:] == [EventKind.REFERRAL_PUT_BACK, EventKind.TASK_DONE]
    assert EventKind.REFERRAL_MOVED in kinds[:-2], "what was done wrongly stays in the history"
    assert site.part(item).state is PartState.REVIEW
    assert "taken back by Lena" in await site.text(f"/queue/{item}")
    assert number in await site.text(f"/queue/{item}"), "its candidates are there again"
    assert list(site.clinic.desk.store.verify_chain()) == []


async def test_a_referral_that_moved_on_stays_and_the_later_document_takes_it_all_the_way_back(
    site: ReviewSite,
) -> None:
    number = site.clinic.refer("Okafor", "Maria")
    (booking,) = site.queue(a_booking("Okafor", BOOKED))
    (report,) = site.queue(a_note("Okafor", "Maria"))
    kind, day, hour, box = BY_HAND
    path = f"/queue/{booking}/file"
    await site.send(path, number=number, kind=kind, date=day, time=hour, box=box, has_boxes="true")
    await site.send(f"/queue/{report}/file", number=number, kind="consult_note")
    assert site.clinic.referral(number).status is Status.CLOSED
    await site.send(f"/queue/{booking}/take-back")
    assert site.clinic.referral(number).status is Status.CLOSED
    await site.send(f"/queue/{report}/take-back")
    assert site.clinic.referral(number).status is Status.DELIVERED
    assert site.clinic.referral(number).appointment_at is None


async def test_unrelated_goes_to_the_trash_with_its_reason_and_comes_back(site: ReviewSite) -> None:
    (item,) = site.queue(a_note("Nobody"), sender="+18005550198")
    where = await site.send(f"/queue/{item}/discard", reason="advertisement")
    assert where == f"/queue?done={item}"
    assert "is in the trash: advertisement." in await site.text(where)
    trash = await site.text("/queue/trash")
    assert "for 30 days" in trash
    assert "advertisement" in trash
    assert "consult note" in await site.send("/queue/trash", status=200, q="nobody")
    await site.send(f"/queue/{item}/take-back")
    assert site.part(item).state is PartState.REVIEW


async def test_a_blocked_sender_is_not_heard_unless_it_may_be_about_a_patient_of_ours(site: ReviewSite) -> None:
    site.clinic.refer("Okafor", "Maria")
    (item,) = site.queue(a_note("Nobody"), sender="+18005550198")
    await site.send(f"/queue/{item}/discard", reason="advertisement", blocks="true")
    (junk,) = site.queue(a_note("Somebody"), sender="+18005550198")
    (ours,) = site.queue(a_note("Okafor", "Maria", datetime(1958, 3, 8, tzinfo=UTC)), sender="+18005550198")
    assert (site.part(junk).state, site.part(junk).reason) == (PartState.DISCARDED, "its sender is blocked")
    assert site.part(ours).state is PartState.REVIEW
    assert "Blocked senders" in await site.text("/queue/trash")
    await site.send("/queue/unblock", sender="+18005550198")
    assert "Blocked senders" not in await site.text("/queue/trash")
    (heard,) = site.queue(a_note("Anybody"), sender="+18005550198")
    assert site.part(heard).state is PartState.REVIEW


async def test_a_new_referral_is_kept_for_good(site: ReviewSite) -> None:
    (item,) = site.queue(replace(a_note("Nobody"), kind=DocumentKind.NEW_REFERRAL))
    await site.send(f"/queue/{item}/keep", reason="new referral to us")
    assert site.part(item).state is PartState.KEPT
    assert "new referral to us" in await site.text("/queue/kept")


async def test_the_second_of_two_people_is_told_who_was_first(site: ReviewSite) -> None:
    number = site.clinic.refer("Okafor", "Maria")
    (item,) = site.queue(a_note("Okafor", "Maria"))
    await site.text(f"/queue/{item}", "Lena")
    assert (await site.of("Lena").post(f"/queue/{item}/hold")).status_code == 204
    page = await site.text(f"/queue/{item}", "Omar")
    assert "<b>Lena</b> has this open" in page
    assert 'id="file"' not in page
    assert "open at Lena" in await site.text("/queue", "Omar")
    held = await site.of("Omar").post(f"/queue/{item}/hold")
    assert (held.status_code, held.text) == (409, "Lena")
    for deed in ("file", "discard", "keep", "label", "hand", "split", "read-again"):
        told = await site.send(f"/queue/{item}/{deed}", "Omar", 409, number=number, reason="mine", after="1")
        assert "Lena has item" in told
        assert "Nothing was changed" in told
    assert site.part(item).state is PartState.REVIEW
    await site.send(f"/queue/{item}/file", number=number)
    again = await site.send(f"/queue/{item}/discard", "Omar", 409, reason="mine")
    assert "Lena" in again
    assert site.part(item).state is PartState.FILED


async def test_a_closed_page_frees_its_document(site: ReviewSite) -> None:
    (item,) = site.queue(a_note("Nobody"))
    await site.of("Lena").post(f"/queue/{item}/hold")
    await site.of("Lena").post(f"/queue/{item}/release")
    await site.send(f"/queue/{item}/discard", "Omar", reason="advertisement")
    assert site.part(item).settled_by == "Omar"


async def test_handing_on_labels_and_notes_stand_on_the_row_and_in_the_history(site: ReviewSite) -> None:
    (item,) = site.queue(a_note("Nobody"))
    where = await site.send(f"/queue/{item}/hand", person="Omar", note="you know them")
    assert where == "/queue?told=handed"
    await site.send(f"/queue/{item}/label", label="  call   first ")
    await site.send(f"/queue/{item}/note", note="they close at four")
    row = await site.text("/queue?whose=mine", "Omar")
    assert "call first" in row
    assert "2 notes" in row
    assert "Mine <b>1</b>" in row
    assert "you know them" in await site.text(f"/queue/{item}", "Omar")
    assert [kind for kind, actor in site.events(item) if actor == "Lena"] == [
        EventKind.PART_NOTED,
        EventKind.PART_ASSIGNED,
        EventKind.PART_LABELLED,
        EventKind.PART_NOTED,
    ]


async def test_an_unreadable_document_is_settled_like_any_other(site: ReviewSite) -> None:
    item = site.unreadable()
    page = await site.text(f"/queue/{item}")
    assert "the file is no picture" in page
    where = await site.send(f"/queue/{item}/discard", reason="empty or unreadable")
    settled = int(where.rpartition("=")[2])
    assert site.part(settled).state is PartState.DISCARDED
    await site.send(f"/queue/{settled}/take-back")
    assert site.part(settled).state is PartState.REVIEW


async def test_reading_again_rings_the_reader_and_the_item_leaves_the_queue(site: ReviewSite) -> None:
    item = site.unreadable()
    assert await site.send(f"/queue/{item}/read-again") == "/queue?told=again"
    assert site.rung == [True]
    assert "being read again" in await site.text("/queue?told=again")
    assert "Nothing waits for a person yet" in await site.text("/queue")


@pytest.mark.parametrize(
    "typed", ["okaf", "Maria Okafor", "Okafor 04/23/1961", "1961-04-23", "NUMBER", "40000", "okafor, maria"]
)
async def test_another_referral_is_found_by_number_name_birth_date_or_mrn(site: ReviewSite, typed: str) -> None:
    number = site.clinic.refer("Okafor", "Maria", "1961-04-23")
    site.clinic.refer("Brandt", "Otto", "1938-07-30")
    (item,) = site.queue(a_note("Nobody"))
    found = await site.send(f"/queue/{item}/referrals", status=200, typed=typed.replace("NUMBER", number))
    assert number in found.split("</li>")[0]


async def test_nothing_is_filed_where_nothing_is_chosen_or_the_number_is_a_slip(site: ReviewSite) -> None:
    (item,) = site.queue(a_note("Nobody"))
    assert "No referral was chosen" in await site.send(f"/queue/{item}/file", status=404)
    assert "No referral has the number" in await site.send(f"/queue/{item}/file", status=404, number="AAAA-AAAA")
    bad = await site.send(f"/queue/{item}/file", status=404, number="AAAA-AAAA", date="2027-02-31", time="10:00")
    assert "is no date" in bad
    assert site.part(item).state is PartState.REVIEW


async def test_opening_a_document_holds_it_but_not_for_a_viewer(site: ReviewSite) -> None:
    (item,) = site.queue(a_note("Nobody"))
    await site.text(f"/queue/{item}", "Vera")
    assert "has this open" not in await site.text(f"/queue/{item}", "Lena")
    assert "<b>Lena</b> has this open" in await site.text(f"/queue/{item}", "Vera")


async def test_a_viewer_looks_and_changes_nothing(site: ReviewSite) -> None:
    number = site.clinic.refer("Okafor", "Maria")
    (item,) = site.queue(a_note("Okafor", "Maria"))
    page = await site.text(f"/queue/{item}", "Vera")
    assert 'id="file"' not in page
    assert (await site.of("Vera").post(f"/queue/{item}/file", data={"number": number})).status_code == 403
    assert (await site.of("Vera").post(f"/queue/{item}/hold")).status_code == 403
    assert site.part(item).state is PartState.REVIEW


async def test_what_strangers_write_stays_text_and_no_page_holds_a_script_or_style_of_its_own(
    site: ReviewSite,
) -> None:
    bad = "<script>alert(1)</script>"
    site.clinic.refer(bad, "Ada")
    (item,) = site.queue(replace(a_note(bad), attachment=bad), sender=f'{bad}"@x.example')
    found = await site.send(f"/queue/{item}/referrals", status=200, typed=bad)
    await site.send(f"/queue/{item}/note", note=bad)
    for page in (await site.text("/queue"), await site.text(f"/queue/{item}"), found):
        assert "<script>" not in page
        assert page.count("<script ") in (0, 6)
        assert "style=" not in page
        assert "onerror" not in page
        assert "http://" not in page
        assert "https://" not in page


async def test_the_file_itself_is_only_handed_over_to_be_saved(site: ReviewSite) -> None:
    (item,) = site.queue(a_note("Nobody"), data=b"<html><script>alert(1)</script>")
    answer = await site.of("Lena").get(f"/documents/{site.part(item).arrival_id}/original")
    assert answer.content == b"<html><script>alert(1)</script>"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["cache-control"] == "no-store"


async def test_before_a_file_that_could_act_is_saved_stands_what_it_holds(site: ReviewSite) -> None:
    (item,) = site.queue(a_note("Nobody"), data=b"macros", active=("letter.docm: macros (VBA)",))
    path = f"/documents/{site.part(item).arrival_id}/original"
    assert "letter.docm: macros (VBA)" in await site.text(f"/queue/{item}")
    warned = await site.of("Lena").get(path)
    assert warned.headers["content-type"].startswith("text/html")
    assert "letter.docm: macros (VBA)" in warned.text
    answer = await site.of("Lena").get(f"{path}/file")
    assert answer.content == b"macros"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    unread = await site.text(f"/documents/{-site.unreadable()}/original")
    assert "nothing could be read in it: the file is no picture" in unread


async def test_going_on_leads_past_what_others_have_open_and_round_to_the_first(site: ReviewSite) -> None:
    first, second, third = (site.queue(a_note(f"Family{n}"))[0] for n in range(3))
    await site.of("Omar").post(f"/queue/{second}/hold")

    async def behind(item: int) -> str:
        return (await site.of("Lena").get(f"/queue/next?behind={item}")).headers["location"]

    assert await behind(first) == f"/queue/{third}"
    assert await behind(third) == f"/queue/{first}"


async def test_a_document_of_long_ago_or_that_never_was_is_a_page_of_its_own(site: ReviewSite) -> None:
    answer = await site.of("Lena").get("/queue/4040")
    assert answer.status_code == 404
    assert "There is no queue item 4040" in answer.text


async def test_a_filter_without_a_name_or_one_too_many_is_refused_on_the_list_itself(site: ReviewSite) -> None:
    site.unreadable()
    refused = await site.send("/queue/filters?kind=unreadable", status=409, name=" ")
    assert "how the filter is called" in refused
    assert "the file is no picture" in refused
    for n in range(12):
        assert await site.send("/queue/filters?kind=unreadable", name=f"filter {n}") == "/queue?kind=unreadable"
    assert "12 filters are kept already" in await site.send("/queue/filters?kind=bounce", status=409, name="another")
    assert "filter 11" not in await site.text("/queue", "Omar")
