"""What is refused and what goes on when a line is missing, a referral has ended, or one row of many is broken."""

from collections.abc import Generator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.policy_file import load_policy
from config.reference import mint_number
from config.vocabulary import Channel
from gateway.domain.calendar import Calendar
from gateway.domain.directory import Recipient
from gateway.domain.referral import Referral, Status
from gateway.domain.transmission import Purpose, TransmissionState
from gateway.errors import IllegalTransition, InvalidIntake, NotFound
from gateway.services.change_referral import ChangeReferral
from gateway.services.chase_due import ChaseDue
from gateway.services.ending import failed
from gateway.services.intake import TakeIntake
from gateway.services.intake_form import parse_intake_json
from gateway.services.intend import intend, intend_ready
from gateway.services.moving import advance
from gateway.services.ports import Transaction
from gateway.services.recipient_form import parse_recipient_json
from gateway.services.rules import Rules
from gateway.storage.store import SqlStore, SqlTransaction
from gateway.storage.vault import FileVault
from gateway.testing import FixedClock, memory_store
from tests.builders import NOON, a_recipient, an_intake
from tests.contract.stores import with_recipient

NEW_YORK = ZoneInfo("America/New_York")
RULES = Rules(load_policy(), Calendar("America/New_York"), NEW_YORK)
MAIL_ONLY = replace(RULES, channels=frozenset({Channel.EMAIL}))
CLOCK = FixedClock(NOON)


@pytest.fixture
def store() -> Generator[SqlStore]:
    store = memory_store()
    yield store
    store.close()


def a_ready(store: SqlStore, ordinal: int = 0, office: Recipient | None = None) -> Referral:
    recipient_id = with_recipient(store, office)
    with store.transaction() as tx:
        return tx.add_referral(
            an_intake(external_id=f"ehr-{ordinal}", recipient_id=recipient_id), mint_number(), NOON, "Lena"
        )


def sending(tx: SqlTransaction, referral: Referral) -> TransmissionState:
    row = intend(
        tx,
        referral,
        channel=Channel.FAX,
        destination="+15085550101",
        purpose=Purpose.SECOND_REQUEST,
        requested_by="Lena",
        at=NOON,
    )
    failed(tx, RULES, row, "busy", NOON, may_work_later=True)
    return tx.transmissions_of(referral.id)[-1].state


def test_an_office_with_fax_and_address_is_mailed_where_the_clinic_has_no_fax_line(store: SqlStore) -> None:
    referral = a_ready(store)
    assert intend_ready(store, CLOCK, MAIL_ONLY) == 1
    with store.transaction() as tx:
        assert [t.channel for t in tx.transmissions_of(referral.id)] == [Channel.EMAIL]


def test_an_office_that_no_line_reaches_is_a_task_that_says_which_line_is_missing(store: SqlStore) -> None:
    referral = a_ready(store, office=a_recipient(email=""))
    assert intend_ready(store, CLOCK, MAIL_ONLY) == 0
    with store.transaction() as tx:
        assert tx.referral(referral.id).status is Status.DELIVERY_FAILED
        assert [task.text.endswith("the clinic has no line for that: send it another way") for task in tx.tasks()]


@pytest.mark.parametrize(
    ("office", "channel", "says"),
    [
        ({"email": ""}, None, "reached by fax only"),
        ({"email": ""}, Channel.EMAIL, "has no email of its own"),
        ({}, Channel.FAX, "the clinic has no line for fax"),
    ],
)
def test_staff_who_ask_for_a_line_that_is_not_there_are_told_which(
    store: SqlStore, office: dict[str, str], channel: Channel | None, says: str
) -> None:
    referral = a_ready(store, office=a_recipient(**office))
    with pytest.raises(NotFound, match=says):
        ChangeReferral(store, CLOCK, MAIL_ONLY).send(referral.number, "Lena", channel)


def test_nothing_is_sent_for_a_referral_that_has_ended(store: SqlStore) -> None:
    referral = a_ready(store)
    change = ChangeReferral(store, CLOCK, RULES)
    change.cancel(referral.number, "moved away", "Lena")
    with pytest.raises(IllegalTransition, match="nothing is sent for it any more"):
        change.send(referral.number, "Lena")


def test_a_busy_line_is_tried_again_but_not_once_the_referral_has_ended(store: SqlStore) -> None:
    for ordinal, (end, last) in enumerate([(None, TransmissionState.INTENDED), ("moved", TransmissionState.FAILED)]):
        referral = a_ready(store, ordinal)
        if end:
            ChangeReferral(store, CLOCK, RULES).cancel(referral.number, end, "Lena")
        with store.transaction() as tx:
            assert sending(tx, tx.referral(referral.id)) is last


def an_intake_desk(store: SqlStore, folder: Path) -> TakeIntake:
    return TakeIntake(store, FileVault(folder / "vault"), CLOCK, RULES)


def test_an_office_added_again_is_changed_and_a_new_fax_number_is_unconfirmed(store: SqlStore, tmp_path: Path) -> None:
    office = a_recipient(fax_confirmed_at=NOON)
    known = with_recipient(store, office)
    desk = an_intake_desk(store, tmp_path)
    told = b'{"name": "dr. ada quist", "phone": "(508) 555-0143", "fax": "%s"}'
    same = desk.save_recipient(parse_recipient_json(told % b"(508) 555-0101"), "Lena")
    assert (same.id, same.phone, same.fax_confirmed_at) == (known, "+15085550143", NOON)
    other = desk.save_recipient(parse_recipient_json(told % b"(508) 555-0199"), "Lena")
    assert (other.id, other.fax, other.fax_confirmed_at) == (known, "+15085550199", None)
    with store.transaction() as tx:
        assert len(tx.recipients()) == 1


def test_a_referral_that_tells_its_office_in_full_never_changes_the_directory(store: SqlStore, tmp_path: Path) -> None:
    known = with_recipient(store, a_recipient(fax_confirmed_at=NOON))
    desk = an_intake_desk(store, tmp_path)
    form = b"""{"external_id": "%s", "patient": {"family": "Okafor", "given": "Maria", "birth_date": "1961-04-23"},
        "clinician": {"name": "Lena Marsh"}, "specialty": "cardiology", "question": "chest pain",
        "recipient": {"name": "Dr. Ada Quist", "fax": "%s"}}"""
    taken, _ = desk.open_form(parse_intake_json(form % (b"1", b"508 555 0101")), tmp_path, origin="t", actor="Lena")
    assert taken.intake.recipient_id == known
    with pytest.raises(InvalidIntake, match="another number or address"):
        desk.open_form(parse_intake_json(form % (b"2", b"508 555 0666")), tmp_path, origin="t", actor="Lena")
    with store.transaction() as tx:
        assert (tx.recipient(known).fax, tx.recipient(known).fax_confirmed_at) == ("+15085550101", NOON)


class ChaserThatTripsOverOne(ChaseDue):
    """As if what is stored of the first referral could not be understood."""

    def _take(self, tx: Transaction, referral: Referral, now: datetime) -> bool:
        if referral.id == 1:
            raise ValueError("not understood")
        return super()._take(tx, referral, now)


def test_one_referral_that_cannot_be_chased_is_told_of_and_the_others_are_chased(store: SqlStore) -> None:
    for ordinal in range(3):
        referral = a_ready(store, ordinal)
        with store.transaction() as tx:
            advance(tx, RULES, tx.referral(referral.id), Status.SENT, NOON, why="sent")
    with pytest.raises(ExceptionGroup) as told:
        ChaserThatTripsOverOne(store, FixedClock(NOON.replace(month=12)), RULES).chase()
    assert len(told.value.exceptions) == 1
    with store.transaction() as tx:
        assert [len(tx.transmissions_of(number)) for number in (1, 2, 3)] == [0, 1, 1]
