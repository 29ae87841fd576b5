"""Intake sheets, on every database: nothing typed is lost, and two who write do not overwrite each other."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from gateway.domain.event import Event, EventKind
from gateway.domain.intake_sheet import SheetFile
from gateway.domain.referral import Status, move
from gateway.errors import NotFound, StaleRow
from gateway.storage.store import SqlStore
from tests.builders import NOON, a_patient, an_intake
from tests.contract.stores import NUMBERS, opened, with_recipient

HOUR = timedelta(hours=1)
SHA, OTHER = "ab" * 32, "cd" * 32


def a_file(name: str = "ecg.pdf", sha256: str = SHA) -> SheetFile:
    return SheetFile(0, sha256, name, "application/pdf", 1000, 2)


def test_a_sheet_keeps_what_was_typed_and_its_files_in_order(store: SqlStore) -> None:
    with store.transaction() as tx:
        sheet = tx.start_sheet(NUMBERS[0], NOON, "Lena")
        tx.add_sheet_file(sheet.id, a_file("a.pdf"), NOON, "Lena")
        sheet = tx.add_sheet_file(sheet.id, a_file("b.pdf", OTHER), NOON, "Lena")
        first, second = sheet.files
        typed = {"patient.family": "Wolfe'\"\N{SNOWMAN}", "question": "two\nlines"}
        tx.save_sheet(replace(sheet, fields=typed, files=(second, replace(first, label="ECG"))), NOON + HOUR, "Omar")
    with store.transaction() as tx:
        (kept,) = tx.sheets_open()
        assert kept == tx.sheet(sheet.id)
    assert kept.fields == typed
    assert [(file.name, file.label) for file in kept.files] == [("b.pdf", ""), ("a.pdf", "ECG")]
    assert (kept.started_by, kept.saved_by, kept.saved_at) == ("Lena", "Omar", NOON + HOUR)


def test_who_writes_on_what_another_changed_is_told_so_and_changes_nothing(store: SqlStore) -> None:
    with store.transaction() as tx:
        seen = tx.start_sheet(NUMBERS[0], NOON, "Lena")
        tx.save_sheet(replace(seen, fields={"question": "Omar's"}), NOON, "Omar")
    with store.transaction() as tx, pytest.raises(StaleRow, match="Omar wrote on this draft"):
        tx.save_sheet(replace(seen, fields={"question": "Lena's"}), NOON, "Lena")
    with store.transaction() as tx:
        assert tx.sheet(seen.id).fields == {"question": "Omar's"}


def test_bytes_that_only_a_sheet_names_are_nobodys_strays(store: SqlStore) -> None:
    with store.transaction() as tx:
        sheet = tx.start_sheet(NUMBERS[0], NOON, "Lena")
        tx.add_sheet_file(sheet.id, a_file(), NOON, "Lena")
        assert tx.unnamed([SHA, OTHER]) == {OTHER}


def test_what_was_thrown_away_leaves_the_list_and_goes_after_its_time(store: SqlStore) -> None:
    with store.transaction() as tx:
        gone, stays = (tx.start_sheet(number, NOON, "Lena") for number in NUMBERS[:2])
        tx.add_sheet_file(gone.id, a_file(), NOON, "Lena")
        thrown = tx.save_sheet(replace(tx.sheet(gone.id), discarded_at=NOON), NOON, "Lena")
        assert tx.sheets_open() == [stays]
        assert tx.forget_sheets(NOON) == 0, "it was thrown away at that very moment"
        assert tx.sheet(thrown.id).files, "until then it can be taken back"
        assert tx.forget_sheets(NOON + HOUR) == 1
        assert tx.sheets_open() == [stays]
        with pytest.raises(NotFound, match="no draft"):
            tx.sheet(gone.id)


def test_a_number_is_taken_by_a_sheet_and_by_a_referral(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        opened(tx, 0)
        tx.start_sheet(NUMBERS[1], NOON, "Lena")
        assert [tx.number_is_taken(number) for number in NUMBERS[:3]] == [True, True, False]


@pytest.mark.parametrize(
    ("changed", "is_known"),
    [
        ({"mrn": "", "family": "OKAFOR"}, True),
        ({"mrn": "48213", "family": "Okafor-Brandt", "birth_date": date(1999, 1, 1)}, True),
        ({"mrn": "", "birth_date": date(1961, 4, 24)}, False),
        ({"mrn": "", "family": "Brandt"}, False),
    ],
)
def test_an_open_referral_of_the_same_person_is_known(
    store: SqlStore, changed: dict[str, object], is_known: bool
) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        there = opened(tx)
        found = tx.open_for_patient(a_patient(**changed))
    assert found == ([there] if is_known else [])


def test_a_referral_that_is_over_stands_in_nobodys_way(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        over = move(opened(tx), Status.CANCELLED, NOON)
        tx.save_referral(over, Event(EventKind.REFERRAL_MOVED, NOON, referral_id=over.id))
        assert tx.open_for_patient(a_patient()) == []


def test_who_referred_lately_is_offered_once_the_latest_first(store: SqlStore) -> None:
    with_recipient(store)
    with store.transaction() as tx:
        opened(tx, 0)
        opened(tx, 1, an_intake(external_id="x", clinician=replace(an_intake().clinician, name="Dr. New", npi="")))
        opened(tx, 2)
        assert [name for name, *_ in tx.clinicians_lately()] == ["Dr. Lena Marsh", "Dr. New"]
