"""What the board, the work list and the live pages ask of the store: what every database must answer alike."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from config.policy import Clock
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import Referral, Status
from gateway.domain.task import TaskKind
from gateway.services.board_questions import BoardFilter, FilteredList, Sort, Stage
from gateway.services.queue_questions import Whose
from gateway.services.work_questions import WorkFilter
from gateway.storage.store import SqlStore, SqlTransaction
from tests.builders import NOON, a_patient, a_recipient, an_intake
from tests.contract.stores import NUMBERS, opened, with_recipient

DAY = timedelta(days=1)
ANY = BoardFilter()


def stands(
    tx: SqlTransaction,
    ordinal: int,
    status: Status = Status.SENT,
    *,
    family: str = "Okafor",
    given: str = "Maria",
    urgency: str = "routine",
    specialty: str = "cardiology",
    recipient: int = 1,
    clock: Clock | None = Clock.ACKNOWLEDGED,
    due: timedelta | None = DAY,
    escalated: bool = False,
    owner: str = "",
) -> Referral:
    patient = a_patient(family=family, given=given)
    intake = an_intake(
        external_id=f"ehr-{ordinal}", recipient_id=recipient, patient=patient, urgency=urgency, specialty=specialty
    )
    changed = replace(
        opened(tx, ordinal, intake),
        status=status,
        clock=clock,
        due_at=NOON + due if due is not None else None,
        escalated_at=NOON if escalated else None,
        owner=owner,
    )
    return tx.save_referral(changed, Event(EventKind.REFERRAL_MOVED, NOON, referral_id=changed.id))


def page(tx: SqlTransaction, wanted: BoardFilter = ANY, sort: Sort = Sort.ATTENTION, at: datetime = NOON) -> list[str]:
    return [row.number for row in tx.board_page(wanted, sort, at, offset=0, limit=50)]


def test_escalated_ones_stand_first_then_by_when_somebody_must_look(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        later = stands(tx, 0, due=2 * DAY, family="Adler")
        overdue = stands(tx, 1, due=-DAY, family="Brandt")
        worst = stands(tx, 2, escalated=True, due=9 * DAY, family="Zander")
        stands(tx, 3, Status.CLOSED, due=None)
        assert page(tx) == [worst.number, overdue.number, later.number]
        assert page(tx, sort=Sort.PATIENT) == [later.number, overdue.number, worst.number]
        assert page(tx, sort=Sort.NEWEST) == [worst.number, overdue.number, later.number]
        assert page(tx, BoardFilter(is_late=True)) == [worst.number, overdue.number]
        assert [row.number for row in tx.board_page(ANY, Sort.ATTENTION, NOON, offset=1, limit=1)] == [overdue.number]


def test_filters_narrow_and_are_counted_in_one_question(store: SqlStore) -> None:
    with_recipient(store)
    other = with_recipient(store, a_recipient(name="Harbor Skin"))
    with store.transaction() as tx:
        mine = stands(tx, 0, urgency="urgent", owner="Lena")
        booked = stands(tx, 1, Status.SCHEDULED, clock=Clock.SEEN, recipient=other, specialty="Dermatology ")
        fresh = stands(tx, 2, Status.READY, clock=None, due=None)
        asked = stands(tx, 3, Status.ACKNOWLEDGED, clock=Clock.DECIDED)
        wanted = {
            BoardFilter(person="Lena", whose=Whose.MINE): [mine],
            BoardFilter(person="Lena", whose=Whose.UNASSIGNED): [booked, fresh, asked],
            BoardFilter(urgencies=frozenset({"urgent", "emergent"})): [mine],
            BoardFilter(stage=Stage.CONFIRMATION): [mine, fresh],
            BoardFilter(stage=Stage.APPOINTMENT): [asked],
            BoardFilter(stage=Stage.REPORT): [booked],
            BoardFilter(specialty="dermatology"): [booked],
            BoardFilter(recipient_id=other): [booked],
            BoardFilter(recipient_id=other, is_late=True): [],
        }
        for one, meant in wanted.items():
            assert sorted(page(tx, one)) == sorted(row.number for row in meant)
            assert tx.board_count(one, NOON) == len(meant)
        assert tx.board_tally(list(wanted), NOON) == tuple(len(meant) for meant in wanted.values())
        assert tx.served().specialties == ("cardiology", "dermatology")
        assert tx.served().recipient_ids == (1, other)


def test_a_state_is_asked_for_by_itself_and_closed_ones_only_then(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        open_ = stands(tx, 0)
        closed = stands(tx, 1, Status.CLOSED, clock=None, due=None)
        assert page(tx) == [open_.number]
        assert page(tx, BoardFilter(states=frozenset({Status.CLOSED}))) == [closed.number]
        assert tx.board_count(BoardFilter(states=frozenset(Status)), NOON) == 2


@pytest.mark.parametrize(
    ("searched", "found"),
    [
        ("garc", True),
        ("Ana garcía-lóp", True),
        ("lopez", True),
        ("arcia", False),
        ("ana brandt", False),
        (NUMBERS[0][:4].lower(), True),
        (f"{NUMBERS[0][:4]}-{NUMBERS[0][4:]}", True),
        ("%", False),
        ("_", False),
        ("李", False),
        ("", True),
    ],
)
def test_every_word_searched_begins_a_name_or_the_number(store: SqlStore, searched: str, found: bool) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        number = stands(tx, 0, family="García-López", given="Ana").number
        assert page(tx, BoardFilter(searched=searched)) == ([number] if found else [])


def test_a_name_of_any_length_is_taken(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        kept = stands(tx, 0, family="Wolfe" * 4000, specialty="x" * 5000)
        assert page(tx, BoardFilter(searched="wolfe")) == [kept.number]


def test_filters_are_kept_for_one_person_by_name(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.keep_filter("Lena", FilteredList.BOARD, "mornings", "late=1")
        tx.keep_filter("Lena", FilteredList.BOARD, "skin", "specialty=dermatology")
        tx.keep_filter("Lena", FilteredList.BOARD, "mornings", "late=1&urgency=high")
        tx.keep_filter("Omar", FilteredList.BOARD, "mornings", "whose=mine")
        kept = tx.saved_filters("Lena", FilteredList.BOARD)
        assert [(one.name, one.query) for one in kept] == [
            ("mornings", "late=1&urgency=high"),
            ("skin", "specialty=dermatology"),
        ]
        tx.drop_filter("Omar", kept[0].id)
        assert len(tx.saved_filters("Lena", FilteredList.BOARD)) == 2
        tx.drop_filter("Lena", kept[0].id)
        assert [one.name for one in tx.saved_filters("Lena", FilteredList.BOARD)] == ["skin"]


def test_a_name_may_be_given_once_on_each_list(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.keep_filter("Lena", FilteredList.BOARD, "mine", "whose=mine&late=1")
        tx.keep_filter("Lena", FilteredList.QUEUE, "mine", "whose=mine&kind=bounce")
        tx.keep_filter("Lena", FilteredList.QUEUE, "mine", "whose=mine")
    with store.transaction() as tx:
        (of_queue,), (of_board,) = (tx.saved_filters("Lena", one) for one in (FilteredList.QUEUE, FilteredList.BOARD))
        assert (of_queue.query, of_board.query) == ("whose=mine", "whose=mine&late=1")


def test_the_work_list_has_the_first_of_each_kind_escalated_ones_before_older_ones(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        rows = [stands(tx, n, escalated=n == 2, owner="Lena" if n == 1 else "") for n in range(4)]
        for n, referral in enumerate(rows):
            tx.open_task(referral.id, TaskKind.CALL, "call", NOON + n * DAY, None)
        tx.open_task(rows[0].id, TaskKind.INFORMATION, "send", NOON, None)
        at = NOON + 9 * DAY

        def calls(wanted: WorkFilter, each: int = 9, offset: int = 0) -> list[str]:
            found = tx.work(wanted, at, each=each, offset=offset)
            return [referral.number for task, referral in found if task.kind is TaskKind.CALL]

        assert calls(WorkFilter()) == [rows[2].number, rows[0].number, rows[1].number, rows[3].number]
        assert calls(WorkFilter(), each=1) == [rows[2].number]
        assert calls(WorkFilter(kinds=frozenset({TaskKind.CALL})), each=2, offset=2) == [rows[1].number, rows[3].number]
        assert calls(WorkFilter("Lena", Whose.MINE)) == [rows[1].number]
        assert tx.work_counts(WorkFilter(), at) == {TaskKind.CALL: 4, TaskKind.INFORMATION: 1}
        assert tx.work_counts(WorkFilter("Lena", Whose.MINE), at) == {TaskKind.CALL: 1}
        assert tx.open_task_count(at) == 5


def test_a_task_put_off_is_off_the_list_until_its_day_and_says_so_in_the_history(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        referral = stands(tx, 0)
        tx.open_task(referral.id, TaskKind.CALL, "call", NOON, None)
        assert tx.snooze_task(referral.id, TaskKind.CALL, NOON + DAY, NOON, "Lena")
        assert not tx.snooze_task(referral.id, TaskKind.DECLINED, NOON + DAY, NOON, "Lena")
        assert tx.work(WorkFilter(), NOON, each=9) == []
        assert tx.work_counts(WorkFilter(is_put_off=True), NOON) == {TaskKind.CALL: 1}
        assert tx.open_task_count(NOON) == 0
        assert tx.open_task_count(NOON + DAY) == 1
        assert [task.snoozed_until for task in tx.tasks()] == [NOON + DAY]
        last = tx.events(referral_id=referral.id)[-1].event
        assert (last.kind, last.actor) == (EventKind.TASK_SNOOZED, "Lena")


def test_changes_tell_what_was_touched_and_no_patient(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        before = tx.last_seq()
        referral = stands(tx, 0)
        tx.append(Event(EventKind.PART_NOTED, NOON, "Lena", arrival_id=7, part_id=5))
        tx.append(Event(EventKind.DOCUMENT_UNREADABLE, NOON, arrival_id=7))
    with store.reading() as tx:
        told = tx.changes(before, 99)
        assert [(one.number, one.item) for one in told] == [(referral.number, None)] * 2 + [("", 5), ("", -7)]
        assert "Okafor" not in str(told)
        assert tx.changes(tx.last_seq(), 99) == []
        assert [one.seq for one in tx.changes(before, 1)] == [before + 1]


def test_who_only_reads_changes_nothing(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        stands(tx, 0)
    with store.reading() as tx:
        tx.keep_filter("Lena", FilteredList.BOARD, "mornings", "late=1")
    with store.transaction() as tx:
        assert tx.saved_filters("Lena", FilteredList.BOARD) == []


def test_a_reader_sees_one_moment_while_somebody_writes(store: SqlStore, request: pytest.FixtureRequest) -> None:
    with_recipient(store)
    if "memory" in request.node.name:
        pytest.skip("in memory all threads share one connection, and wait for each other")
    with store.reading() as reading:
        assert reading.board_count(ANY, NOON) == 0
        with store.transaction() as tx:
            stands(tx, 0)
        assert reading.board_count(ANY, NOON) == 0
    with store.reading() as reading:
        assert reading.board_count(ANY, NOON) == 1
