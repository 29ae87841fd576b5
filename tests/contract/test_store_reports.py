"""What reports ask of the store, answered alike by every database."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from config.vocabulary import Channel, DocumentKind, ServiceKind
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import Referral, Status
from gateway.domain.task import TaskKind
from gateway.domain.transmission import Purpose, TransmissionState
from gateway.services.reports.period import Period
from gateway.services.reports.questions import By, Flow, Handled, LoopCount, Milestone, OpenCount, Which, Window
from gateway.storage.store import SqlStore, SqlTransaction
from parsers.reading import Document, Page, Reading
from tests.builders import NOON, a_patient, a_recipient, an_envelope, an_intake
from tests.contract.stores import with_recipient

DAY = timedelta(days=1)
MARCH = (NOON - DAY, NOON + 29 * DAY)


def a_referral(tx: SqlTransaction, nth: int, at: datetime = NOON, **intake: Any) -> Referral:
    told = an_intake(external_id=f"ehr-{nth}", **({"patient": a_patient(mrn=f"9{nth}")} | intake))
    return tx.add_referral(told, f"{nth:08d}", at, "Lena")


def moved(
    tx: SqlTransaction, referral: Referral, to: Status, days: float, actor: str = "system", **told: str
) -> Referral:
    at = NOON + days * DAY
    closed = at if to in (Status.CLOSED, Status.CANCELLED) else None
    changed = replace(tx.referral(referral.id), status=to, status_since=at, closed_at=closed)
    detail: dict[str, str | int | float | bool | list[str] | None] = {"to": to.value, **told}
    return tx.save_referral(changed, Event(EventKind.REFERRAL_MOVED, at, actor, referral_id=referral.id, detail=detail))


def sent(tx: SqlTransaction, nth: int, answered_after: float | None = None, **intake: Any) -> Referral:
    referral = moved(tx, a_referral(tx, nth, **intake), Status.SENT, 0, deadline=(NOON + 5 * DAY).isoformat())
    if answered_after is not None:
        referral = moved(tx, referral, Status.ACKNOWLEDGED, answered_after)
    return referral


def arrived(
    tx: SqlTransaction, nth: int, days: float, *kinds: DocumentKind, channel: Channel = Channel.FAX
) -> list[int]:
    reading = Reading(
        "image/tiff",
        tuple(Page(n, "x") for n in range(len(kinds))),
        tuple(Document((n,), kind, 0.9, text="x") for n, kind in enumerate(kinds)),
    )
    at = NOON + days * DAY
    arrival, _ = tx.add_arrival(an_envelope(source_id=str(nth), channel=channel), f"{nth:064x}", 9, at)
    parts = tx.record_reading(arrival, reading, reading.documents, Event(EventKind.DOCUMENT_READ, at))
    return [part.id for part in parts]


def test_turnaround_has_quartiles_by_group_and_the_share_in_the_policys_time(store: SqlStore) -> None:
    with_recipient(store)
    with_recipient(store, a_recipient(name="Dr. Bo Lee", organization="", specialty="skin", fax="+15085550999"))
    with store.transaction() as tx:
        for nth, days in enumerate((1, 2, 4, 9)):
            sent(tx, nth, days)
        sent(tx, 4)
        sent(tx, 5, 3, recipient_id=2, specialty="  Dermatology ", urgency="urgent")
        a_referral(tx, 6)
    now = NOON + 30 * DAY
    with store.reading() as tx:
        first, second = tx.turnaround(*MARCH, By.SPECIALIST, now)
        assert (first.name, first.sent, first.judged, first.in_time) == ("Dr. Ada Quist, Harbor Cardiology", 5, 5, 3)
        spread = first.spreads[Milestone.ANSWERED]
        days = [round(value / 86400, 3) for value in (spread.quarter, spread.median, spread.three_quarters)]
        assert (spread.count, days) == (4, [1.75, 3.0, 5.25])
        assert Milestone.REPORTED not in first.spreads
        assert (second.name, second.spreads[Milestone.ANSWERED].median) == ("Dr. Bo Lee", 3 * 86400)
        assert [(one.key, one.sent) for one in tx.turnaround(*MARCH, By.SPECIALTY, now)] == [
            ("cardiology", 5),
            ("dermatology", 1),
        ]
        assert {one.key: one.sent for one in tx.turnaround(*MARCH, By.URGENCY, now)} == {"routine": 5, "urgent": 1}
        still_young = tx.turnaround(*MARCH, By.SPECIALIST, NOON + 3 * DAY)[0]
        assert (still_young.judged, still_young.in_time) == (4, 3), "who may still answer in time is not judged yet"
        behind = tx.sent_in_group(*MARCH, By.SPECIALTY, "dermatology", 10)
        assert [(one.number, one.recipient) for one in behind] == [("00000005", "Dr. Bo Lee")]


def test_days_are_the_clinics_own_also_when_its_clocks_change(store: SqlStore) -> None:
    zone = ZoneInfo("America/New_York")
    period = Period(date(2026, 3, 7), date(2026, 3, 9), zone)  # the clocks go forward on the 8th
    moments = [datetime(2026, 3, day, hour, tzinfo=zone) for day, hour in ((7, 23), (8, 0), (8, 23), (9, 0), (9, 23))]
    with store.transaction() as tx:
        for nth, at in enumerate(moments):
            channel = Channel.EMAIL if nth == 4 else Channel.FAX
            tx.add_arrival(an_envelope(source_id=str(nth), channel=channel), f"{nth:064x}", 9, at)
    with store.reading() as tx:
        assert tx.came_in(period.spans(by_week=False)) == [
            Flow(date(2026, 3, 7), "fax", 1),
            Flow(date(2026, 3, 8), "fax", 2),
            Flow(date(2026, 3, 9), "email", 1),
            Flow(date(2026, 3, 9), "fax", 1),
        ]
        assert tx.came_in(period.spans(by_week=True))[0] == Flow(date(2026, 3, 7), "fax", 3)
        assert tx.went_out(period.spans(by_week=False)) == []


def test_what_was_sent_is_counted_when_the_carrier_took_it(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        referral = a_referral(tx, 0)
        row = tx.intend_transmission(
            referral_id=referral.id, purpose=Purpose.REQUEST, channel=Channel.FAX, destination="+1508", key="k",
            requested_by="system", at=NOON,
        )  # fmt: skip
        tx.save_transmission(replace(row, state=TransmissionState.ACCEPTED, submitted_at=NOON + DAY), row.state, None)
    spans = Period(date(2026, 3, 1), date(2026, 3, 9), ZoneInfo("UTC")).spans(by_week=False)
    with store.reading() as tx:
        assert tx.went_out(spans) == [Flow(date(2026, 3, 3), "fax", 1)]


def test_who_handled_documents_how_long_they_waited_and_how_often_filing_was_undone(store: SqlStore) -> None:
    with_recipient(store)
    note, other = DocumentKind.CONSULT_NOTE, DocumentKind.OTHER
    with store.transaction() as tx:
        referral = a_referral(tx, 0)
        by_itself, wrongly, waits = arrived(tx, 1, 1, note, note, note)
        for item in (by_itself, wrongly):
            tx.file_part(tx.part(item), [referral.id], "{}", NOON + DAY, "system")
        tx.take_back(
            tx.part(wrongly),
            Event(
                EventKind.PART_TAKEN_BACK, NOON + 2 * DAY, "Lena", part_id=wrongly,
                detail={"was": "filed", "settled_by": "system"},
            ),
        )  # fmt: skip
        for item, hours in ((wrongly, 1), (waits, 0)):
            tx.queue_part(tx.part(item), "why", (), "{}", NOON + 2 * DAY)
            if hours:
                tx.file_part(tx.part(item), [referral.id], "{}", NOON + 2 * DAY + hours * DAY / 24, "Lena")
        for nth, minutes in ((2, 10), (3, 20)):
            (item,) = arrived(tx, nth, 1, other)
            tx.queue_part(tx.part(item), "why", (), "{}", NOON + 2 * DAY)
            tx.discard_part(tx.part(item), "junk", NOON + 2 * DAY + timedelta(minutes=minutes), "Lena")
        (early,) = arrived(tx, 4, -9, other)
        tx.queue_part(tx.part(early), "why", (), "{}", NOON)
        broken, _ = tx.add_arrival(an_envelope(source_id="5"), "f" * 64, 9, NOON)
        tx.record_unreadable(broken, "no picture", Event(EventKind.DOCUMENT_UNREADABLE, NOON, arrival_id=broken.id))
    with store.reading() as tx:
        assert tx.handled(*MARCH) == [
            Handled("consult_note", 1, 1, 0, 1),
            Handled("other", 0, 2, 0, 0),
            Handled("unreadable", 0, 0, 0, 1),
        ]
        time = tx.queue_time(*MARCH)
        assert (time.settled, time.median, time.ninth_tenth) == (3, 20 * 60, 52 * 60)
        assert (time.undone_by_itself, time.undone_by_staff) == (1, 0)
        assert (time.waiting, time.oldest_at) == (2, NOON - 9 * DAY)


def test_open_loops_are_told_as_they_stand_and_as_they_stood(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        first = moved(tx, sent(tx, 0), Status.DECLINED, 4)
        done = moved(tx, sent(tx, 1), Status.REPORT_RECEIVED, 3)
        moved(tx, done, Status.CLOSED, 9)
        a_referral(tx, 2, is_draft=True)
        tx.open_task(first.id, TaskKind.DECLINED, "find another office", NOON + 4 * DAY, None)
        tx.append(Event(EventKind.CALL_LOGGED, NOON + 2 * DAY, "Lena", referral_id=first.id))
        tx.append(Event(EventKind.CALL_LOGGED, NOON + 8 * DAY, "Lena", referral_id=first.id))
    with store.reading() as tx:
        assert tx.open_counted(NOON + 40 * DAY, is_now=True) == [OpenCount(Status.DECLINED, 1, 1, 1)]
        (now,) = tx.open_loops(NOON + 20 * DAY, 10, is_now=True)
        assert (now.status, now.since, now.tasks) == (Status.DECLINED, NOON + 4 * DAY, ("declined",))
        assert (now.tried.calls, now.tried.last_at) == (2, NOON + 8 * DAY)
        assert now.recipient == "Dr. Ada Quist"
        then = tx.open_loops(NOON + 3.5 * DAY, 10, is_now=False)
        assert [(one.number, one.status, one.status_now) for one in then] == [
            ("00000000", Status.SENT, Status.DECLINED),
            ("00000001", Status.REPORT_RECEIVED, Status.CLOSED),
        ]
        assert (then[0].tried.calls, then[0].tasks) == (1, ())
        assert [one.status for one in tx.open_counted(NOON + 3.5 * DAY, is_now=False)] == [
            Status.SENT,
            Status.REPORT_RECEIVED,
        ]
        assert tx.open_loops(NOON - DAY, 10, is_now=False) == []


def test_the_measure_counts_the_first_referral_of_each_patient_and_says_which_failed(store: SqlStore) -> None:
    with_recipient(store)
    window = Window(NOON - DAY, NOON + 300 * DAY, NOON + 360 * DAY)
    one = a_patient(mrn="0042")
    with store.transaction() as tx:
        met = sent(tx, 0, patient=one)
        moved(tx, met, Status.REPORT_RECEIVED, 20, report_from="office")
        sent(tx, 1, patient=replace(one, mrn="42"))  # the same patient again
        moved(tx, sent(tx, 2), Status.REPORT_RECEIVED, 20, "Lena")
        moved(tx, sent(tx, 3), Status.REPORT_RECEIVED, 20)
        moved(tx, sent(tx, 4), Status.REPORT_RECEIVED, 361, report_from="office")
        moved(tx, sent(tx, 5), Status.NO_SHOW, 30)
        moved(tx, sent(tx, 6), Status.CANCELLED, 30)
        moved(tx, a_referral(tx, 7, NOON + 310 * DAY), Status.REPORT_RECEIVED, 330, report_from="office")
        sent(tx, 8, service=ServiceKind.LAB, patient=one)
        a_referral(tx, 9, is_draft=True)
        a_referral(tx, 10, NOON - 9 * DAY)
    with store.reading() as tx:
        assert tx.loops_counted(window) == LoopCount(
            population=6, met=2, no_report=1, report_of_unknown=1, report_late=1, cancelled=1,
            left_out_later=1, left_out_month=1, left_out_service=1, all=9, all_reported=4, all_cancelled=1,
        )  # fmt: skip
        for which, numbers in (
            (None, [0, 2, 3, 4, 5, 6]),
            (Which.MET, [0, 2]),
            (Which.NO_REPORT, [5]),
            (Which.MONTH, [7]),
            (Which.ALL_REPORTED, [0, 2, 3, 7]),
        ):
            assert [int(loop.number) for loop in tx.loops(window, which, 50)] == numbers, which
        assert len(tx.loops(window, Which.ALL, 3)) == 3


def test_what_is_asked_sees_one_moment_and_keeps_no_writer_waiting(store: SqlStore) -> None:
    with_recipient(store)
    if store._engine.url.database in (None, ""):  # pyright: ignore[reportPrivateUsage] - in memory they take turns
        return
    with store.reading() as looking:
        assert looking.open_counted(NOON + DAY, is_now=True) == []
        with store.transaction() as tx:
            a_referral(tx, 0)
        assert looking.open_counted(NOON + DAY, is_now=True) == []
    with store.reading() as looking:
        assert [one.all for one in looking.open_counted(NOON + DAY, is_now=True)] == [1]
