"""The directory's questions, on every database: search, how offices answer, merging and parting."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from gateway.domain.directory import FaxStanding, Merge, Recipient
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import Referral, Status, move
from gateway.errors import NotFound, StaleRow
from gateway.services.directory_questions import Shown, Sought
from gateway.storage.store import SqlStore
from tests.builders import NOON, a_recipient, an_intake
from tests.contract.stores import with_recipient
from tests.rigs.review_site import statements

DAY = timedelta(days=1)
SAVED = Event(EventKind.RECIPIENT_SAVED, NOON)
_number = count()


def saved(store: SqlStore, name: str, **changed: object) -> Recipient:
    given = {"organization": "", "fax": "", "email": "", "specialty": ""} | changed
    with store.transaction() as tx:
        return tx.save_recipient(a_recipient(name=name, **given), SAVED)


def referred(store: SqlStore, recipient_id: int, sent_at: datetime = NOON, *steps: tuple[Status, float]) -> Referral:
    """A referral sent then, which moved to each state so many days later."""
    with store.transaction() as tx:
        nth = next(_number)
        intake = an_intake(external_id=f"ehr-{nth}", recipient_id=recipient_id)
        referral = tx.add_referral(intake, f"{nth:08d}", sent_at, "Lena")
        for status, days in ((Status.SENT, 0.0), *steps):
            at = sent_at + days * DAY
            moved = replace(move(referral, status, at), sent_at=sent_at, requests_sent=1)
            if status is Status.SCHEDULED:
                moved = replace(moved, appointment_at=at + 10 * DAY)
            told = Event(EventKind.REFERRAL_MOVED, at, referral_id=referral.id, detail={"to": status.value})
            referral = tx.save_referral(moved, told)
        return referral


@pytest.mark.parametrize(
    "words",
    ["bayview", "QUIST ada", "cardio", "fall river", "(508) 555-0111", "508.555.0111", "+1 508 555 0111", "1234567893"],
)
def test_an_entry_is_found_by_name_specialty_city_number_and_npi(store: SqlStore, words: str) -> None:
    meant = saved(
        store,
        "Dr. Ada Quist",
        organization="Bayview Heart",
        specialty="cardiology",
        city="Fall River",
        npi="1234567893",
        fax="+15085550111",
    )
    saved(store, "Harbor Eye", specialty="ophthalmology", city="Boston", fax="+15085550199")
    with store.transaction() as tx:
        found = tx.recipients_sought(Sought(words))
    assert (found.recipients, found.total) == ((meant,), 1)


def test_what_a_search_means_by_percent_or_underscore_is_nothing_special(store: SqlStore) -> None:
    saved(store, "Harbor Eye")
    with store.transaction() as tx:
        assert tx.recipients_sought(Sought("%")).total == 1, "there is no word in it: nothing is asked"
        assert tx.recipients_sought(Sought("q_e")).total == 0


def test_pages_go_by_name_and_say_how_many_there_are(store: SqlStore) -> None:
    for name in ("Cedar", "alder", "Birch", "Elm"):
        saved(store, name)
    with store.transaction() as tx:
        page = tx.recipients_sought(Sought(), offset=1, limit=2)
    assert ([one.name for one in page.recipients], page.total) == (["Birch", "Cedar"], 4)


def test_numbers_nobody_confirmed_and_those_set_aside_have_lists_of_their_own(store: SqlStore) -> None:
    saved(store, "Confirmed", fax="+15085550101", fax_confirmed_at=NOON)
    saved(store, "New", fax="+15085550102")
    saved(store, "Failing", fax="+15085550103", fax_set_aside_at=NOON)
    saved(store, "By mail", email="a@b.example")
    with store.transaction() as tx:
        assert [one.name for one in tx.recipients_sought(Sought(shown=Shown.UNCONFIRMED)).recipients] == ["New"]
        assert [one.name for one in tx.recipients_sought(Sought(shown=Shown.SET_ASIDE)).recipients] == ["Failing"]
        assert tx.fax_standings() == dict.fromkeys(FaxStanding, 1)


def test_how_an_office_answers_is_counted_and_its_middle_days_are_told(store: SqlStore) -> None:
    office, other = with_recipient(store), with_recipient(store, a_recipient(name="Silent"))
    seen, reported = Status.SEEN, Status.REPORT_RECEIVED
    referred(store, office, NOON, (Status.ACKNOWLEDGED, 1), (Status.SCHEDULED, 2), (seen, 12), (reported, 20))
    referred(store, office, NOON, (Status.ACKNOWLEDGED, 2))
    referred(store, office, NOON, (Status.DECLINED, 6), (Status.CANCELLED, 7))
    referred(store, office, NOON)
    referred(store, office, NOON - 400 * DAY, (Status.ACKNOWLEDGED, 90))
    referred(store, other, NOON)
    with store.transaction() as tx:
        records = tx.response_records([office, other], NOON - DAY, NOON + DAY)
    one = records[office]
    assert (one.referrals, one.requests, one.answered, one.still_open) == (4, 4, 3, 3)
    assert one.days_to_answer == pytest.approx(2.0, abs=0.001), "of 1, 2 and 6"
    assert one.days_to_appointment == pytest.approx(12.0, abs=0.001)
    assert one.days_to_report == pytest.approx(20.0, abs=0.001)
    assert (records[other].answered, records[other].days_to_answer) == (0, None)


def test_of_an_even_number_the_two_in_the_middle_are_averaged(store: SqlStore) -> None:
    office = with_recipient(store)
    for days in (1.0, 3.0, 8.0, 30.0):
        referred(store, office, NOON, (Status.ACKNOWLEDGED, days))
    with store.transaction() as tx:
        record = tx.response_records([office], NOON, NOON + DAY)[office]
    assert record.days_to_answer == pytest.approx(5.5, abs=0.001)


def test_an_answer_that_was_taken_back_counts_no_longer(store: SqlStore) -> None:
    office = with_recipient(store)
    referral = referred(store, office, NOON, (Status.ACKNOWLEDGED, 1))
    with store.transaction() as tx:
        put_back = Event(EventKind.REFERRAL_PUT_BACK, NOON + 2 * DAY, referral_id=referral.id)
        tx.save_referral(replace(referral, status=Status.SENT), put_back)
        record = tx.response_records([office], NOON, NOON + DAY)[office]
    assert (record.answered, record.days_to_answer, record.still_open) == (0, None, 1)


def test_a_page_of_offices_is_answered_for_by_as_many_questions_as_one(store: SqlStore) -> None:
    ids = [with_recipient(store, a_recipient(name=f"Office {n}")) for n in range(20)]
    for office in ids:
        referred(store, office, NOON, (Status.ACKNOWLEDGED, 1))
    with store.transaction() as tx, statements() as told:
        assert len(tx.response_records(ids, NOON, NOON + DAY)) == 20
    assert len(told) == 2


def merged(store: SqlStore) -> tuple[Recipient, Recipient, Referral, Referral]:
    kept = saved(store, "Bayview Cardiology", fax="+15085550111")
    retired = saved(store, "Bayview Cardiolgy", fax="+15085550112", email="desk@bayview.example")
    own, theirs = referred(store, kept.id), referred(store, retired.id)
    with store.transaction() as tx:
        assert tx.record_merge(Merge(retired.id, kept.id, NOON, "Omar", 0, ("email",)), 100) == [theirs.number]
    return kept, retired, own, theirs


def test_after_a_merge_referrals_name_and_number_lead_to_the_one_that_stays(store: SqlStore) -> None:
    kept, retired, own, theirs = merged(store)
    with store.transaction() as tx:
        assert [tx.referral(one.id).intake.recipient_id for one in (own, theirs)] == [kept.id, kept.id]
        assert tx.recipient_named("bayview cardiolgy") == kept
        assert tx.recipients_reached_at("+15085550112") == [kept], "an answer from the old number is still theirs"
        assert tx.recipients() == [kept]
        assert tx.recipients_sought(Sought("cardiolgy")).recipients == (kept,)
        assert [one.id for one in tx.recipients_sought(Sought(shown=Shown.MERGED)).recipients] == [retired.id]
        assert tx.recipient(retired.id) == replace(retired, merged_into=kept.id), "nothing of it is lost"
        assert tx.heir_of(retired.id) == kept
        merge, was = tx.merges_into(kept.id)[0]
        assert (merge.actor, merge.moved, merge.filled, was.name) == ("Omar", 1, ("email",), retired.name)
        told = tx.recipient_history(kept.id)[0].event
        assert (told.kind, told.actor) == (EventKind.RECIPIENT_MERGED, "Omar")
        assert told.detail
        assert told.detail["referrals"] == [theirs.number]
    assert list(store.verify_chain()) == []


def test_what_was_read_of_a_referral_before_the_merge_cannot_be_written_back_after_it(store: SqlStore) -> None:
    _, _, _, theirs = merged(store)
    with store.transaction() as tx, pytest.raises(StaleRow):
        tx.save_referral(theirs, Event(EventKind.REFERRAL_MOVED, NOON, referral_id=theirs.id))


def test_a_merge_is_undone_and_gives_back_exactly_what_it_moved(store: SqlStore) -> None:
    kept, retired, own, theirs = merged(store)
    later = referred(store, kept.id)
    with store.transaction() as tx:
        assert tx.undo_merge(retired.id, NOON + DAY, "Omar") == [theirs.number]
        led = [tx.referral(one.id).intake.recipient_id for one in (own, theirs, later)]
        assert led == [kept.id, retired.id, kept.id]
        assert tx.recipient(retired.id) == retired
        assert tx.recipients_reached_at("+15085550112") == [retired]
        assert tx.merges_into(kept.id) == []
        with pytest.raises(NotFound, match="no merge to undo"):
            tx.undo_merge(retired.id, NOON + DAY, "Omar")
    assert list(store.verify_chain()) == []


def test_one_merged_into_another_that_is_merged_later_leads_to_the_last(store: SqlStore) -> None:
    first, second, third = (saved(store, name, fax=f"+1508555011{n}") for n, name in enumerate("ABC"))
    with store.transaction() as tx:
        tx.record_merge(Merge(first.id, second.id, NOON, "Omar", 0), 100)
        tx.record_merge(Merge(second.id, third.id, NOON, "Omar", 0), 100)
        assert tx.recipient_named("A") == third
        assert tx.recipients_reached_at("+15085550110") == [third]
