"""A number that keeps failing: dialled no more, one task, and free again when a person has verified it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config.vocabulary import Channel
from gateway.domain.directory import Recipient
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import Status
from gateway.domain.transmission import TransmissionState
from gateway.services.intake import TakeIntake
from gateway.services.recipient_form import parse_recipient_json
from gateway.services.set_aside import verified
from gateway.storage.vault import FileVault
from gateway.testing import RecordingSender, memory_store
from outbound.sender import Capabilities, Cause, DeliveryState, DeliveryStatus, Refused
from tests.builders import NOON, a_patient, an_intake
from tests.contract.stores import NUMBERS
from tests.rigs.reading_desk import RULES
from tests.rigs.sending_desk import SendingDesk

T = TransmissionState
FAX = "+15085550101"


class Desk(SendingDesk):
    """Referrals to one office, each packet to it ending as told."""

    def refer(self, nth: int, recipient_id: int = 1) -> int:
        with self.store.transaction() as tx:
            intake = an_intake(external_id=f"other-{nth}", recipient_id=recipient_id, patient=a_patient(mrn=str(nth)))
            return tx.add_referral(intake, NUMBERS[nth], NOON, "Lena").id

    async def fail(self, cause: Cause, detail: str = "no fax there") -> None:
        """Send what is due; every packet that is under way then fails."""
        await self.send()
        assert isinstance(self.sender, RecordingSender)
        end = DeliveryStatus(DeliveryState.FAILED, cause=cause, detail=detail)
        self.sender.fates.update({f"ref-{sent.key}": end for sent in self.sender.sent})
        await self.poll()

    @property
    def office(self) -> Recipient:
        with self.store.transaction() as tx:
            return tx.recipient(1)

    def states(self, referral_id: int) -> list[T]:
        with self.store.transaction() as tx:
            return [row.state for row in tx.transmissions_of(referral_id)]

    def kinds(self) -> list[str]:
        return [task.kind.value for task in self.tasks]

    def status(self, referral_id: int) -> Status:
        with self.store.transaction() as tx:
            return tx.referral(referral_id).status


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = memory_store()
    desk = Desk(store, tmp_path, RecordingSender())
    with store.transaction() as tx:
        office = replace(tx.recipient(1), email="")
        tx.save_recipient(office, Event(EventKind.RECIPIENT_SAVED, NOON))
    yield desk
    store.close()


async def set_aside(desk: Desk) -> None:
    await desk.fail(Cause.WRONG_NUMBER)
    for nth in (0, 1):
        desk.refer(nth)
        await desk.fail(Cause.NOT_A_FAX)


async def test_after_three_packets_of_any_referral_nothing_more_is_dialled_and_one_task_asks(desk: Desk) -> None:
    await desk.fail(Cause.WRONG_NUMBER)
    desk.refer(0)
    await desk.fail(Cause.NOT_A_FAX)
    assert desk.office.fax_set_aside_at is None
    desk.refer(1)
    await desk.fail(Cause.WRONG_NUMBER)
    assert desk.office.fax_set_aside_at == desk.clock.now()
    assert desk.kinds() == ["fix_destination", "fix_destination", "verify_number"]
    assert len(desk.events(EventKind.NUMBER_SET_ASIDE)) == 1
    dialled = len(desk.sender.sent)  # pyright: ignore
    waiting = desk.refer(2)
    for _ in range(5):
        await desk.fail(Cause.WRONG_NUMBER)
        desk.later(hours=1)
    assert len(desk.sender.sent) == dialled  # pyright: ignore
    assert desk.status(waiting) is Status.READY
    assert desk.states(waiting) == []
    assert desk.kinds().count("verify_number") == 1


async def test_what_was_about_to_be_dialled_is_not(desk: Desk) -> None:
    """A retry of another referral that waits for its time."""
    busy = desk.refer(3)
    await desk.fail(Cause.BUSY)
    assert desk.states(busy) == [T.FAILED, T.INTENDED]
    for nth in (0, 1, 2):
        desk.refer(nth)
    with desk.store.transaction() as tx:
        assert [row.state for row in tx.faxes_to(FAX)][:1] == [T.INTENDED]
    for _ in range(3):
        await desk.fail(Cause.WRONG_NUMBER)
    assert desk.office.fax_set_aside_at is not None
    assert T.INTENDED not in desk.states(busy)


async def test_a_person_who_verified_the_number_sets_it_free(desk: Desk) -> None:
    await set_aside(desk)
    waiting = desk.refer(2)
    await desk.send()
    with desk.store.transaction() as tx:
        verified(tx, tx.recipient(1), desk.clock.now(), "Lena")
    assert (desk.office.fax_set_aside_at, desk.office.fax_confirmed_at) == (None, desk.clock.now())
    assert "verify_number" not in desk.kinds()
    await desk.send()
    assert desk.states(waiting) == [T.ACCEPTED]
    desk.later(seconds=1)
    await desk.fail(Cause.WRONG_NUMBER)
    assert desk.office.fax_set_aside_at is None, "counted anew from then"


async def test_another_number_in_the_directory_is_another_number(desk: Desk, tmp_path: Path) -> None:
    await set_aside(desk)
    intake = TakeIntake(desk.store, FileVault(tmp_path / "v"), desk.clock, RULES)
    same = parse_recipient_json(b'{"name": "Dr. Ada Quist", "fax": "+15085550101"}')
    intake.save_recipient(same, "Lena")
    assert desk.office.fax_set_aside_at is not None, "saving it again verifies nothing"
    twin = intake.save_recipient(parse_recipient_json(b'{"name": "Harbor Annex", "fax": "+15085550101"}'), "Lena")
    assert twin.fax_set_aside_at is not None
    assert twin.destination(Channel.FAX) == ""
    intake.save_recipient(parse_recipient_json(b'{"name": "Dr. Ada Quist", "fax": "+15085550142"}'), "Lena")
    assert desk.office.destination(Channel.FAX) == "+15085550142"
    assert "verify_number" not in desk.kinds()


async def test_a_packet_that_got_through_in_between_begins_the_count_anew(desk: Desk) -> None:
    await desk.fail(Cause.WRONG_NUMBER)
    desk.refer(0)
    await desk.fail(Cause.WRONG_NUMBER)
    desk.refer(1)
    await desk.send()
    key = desk.sender.sent[-1].key  # pyright: ignore
    desk.sender.fates[f"ref-{key}"] = DeliveryStatus(DeliveryState.DELIVERED, pages_confirmed=2)  # pyright: ignore
    await desk.poll()
    desk.refer(2)
    await desk.fail(Cause.WRONG_NUMBER)
    assert desk.office.fax_set_aside_at is None


async def test_one_packet_that_is_tried_four_times_counts_once(desk: Desk) -> None:
    for _ in range(6):
        await desk.fail(Cause.BUSY, "line busy")
        desk.later(hours=2)
    assert desk.states(1) == [T.FAILED] * 4
    assert desk.office.fax_set_aside_at is None


async def test_a_line_that_retries_itself_is_believed_when_it_gives_up(desk: Desk) -> None:
    assert isinstance(desk.sender, RecordingSender)
    desk.sender.capabilities = Capabilities(
        finds_by_key=True, reports_delivery=True, retries_itself=True, receives=True
    )
    await desk.fail(Cause.NO_ANSWER)
    for nth in (0, 1):
        desk.refer(nth)
        await desk.fail(Cause.NO_ANSWER)
    assert desk.office.fax_set_aside_at is not None


async def test_what_is_ours_to_mend_is_not_held_against_the_number(desk: Desk) -> None:
    desk.sender.outcomes = iter([Refused("the carrier answers 401: the key or its secret is wrong")] * 3)  # pyright: ignore
    await desk.send()
    for nth in (0, 1):
        desk.refer(nth)
        await desk.send()
    for nth in (2, 3):
        desk.refer(nth)
        await desk.fail(Cause.OTHER, "account_disabled")
    assert desk.office.fax_set_aside_at is None


async def test_an_office_with_an_address_is_written_to_instead(desk: Desk) -> None:
    await set_aside(desk)
    with desk.store.transaction() as tx:
        tx.save_recipient(replace(tx.recipient(1), email="desk@harbor.example"), Event(EventKind.RECIPIENT_SAVED, NOON))
    mailed = desk.refer(2)
    await desk.send()
    with desk.store.transaction() as tx:
        assert [row.channel for row in tx.transmissions_of(mailed)] == [Channel.EMAIL]
