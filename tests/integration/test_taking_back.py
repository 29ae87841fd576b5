"""Filing one document on several referrals, and what taking back tells, cannot undo, and sets going again."""

from collections.abc import Generator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.vocabulary import Channel
from gateway.domain.arrival import PartState
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import Referral, Status
from gateway.domain.transmission import Purpose, TransmissionState
from gateway.services import ending
from tests.rigs.review_clinic import OFFICE_FAX
from tests.rigs.review_site import ReviewSite, a_booking, a_note, review_site

BOOKED = datetime(2027, 1, 18, 10, 30)  # noqa: DTZ001 - as on paper


@pytest.fixture
def site(tmp_path: Path) -> Generator[ReviewSite, None, None]:
    with review_site(tmp_path) as opened:
        yield opened


def refer_twice(site: ReviewSite) -> list[str]:
    """Two referrals of one patient."""
    one = {"family": "Okafor", "given": "Maria", "birth_date": "1961-04-23", "mrn": "42"}
    return [site.clinic.refer("Okafor", "Maria", external_id=f"ehr-{n}", patient=one) for n in (1, 2)]


async def test_a_report_that_answers_two_referrals_is_filed_on_both_and_taken_back_from_both(site: ReviewSite) -> None:
    first, second = refer_twice(site)
    (item,) = site.queue(a_note("Okafor", "Maria"))
    page = await site.text(f"/queue/{item}")
    assert page.count('name="also"') == 2
    where = await site.send(f"/queue/{item}/file", number=first, also=[second, first], kind="consult_note")
    assert [site.clinic.referral(number).status for number in (first, second)] == [Status.CLOSED] * 2
    done = await site.text(where)
    assert first in done
    assert second in done
    assert site.events(item).count((EventKind.PART_FILED, "Lena")) == 2
    await site.send(f"/queue/{item}/take-back")
    assert [site.clinic.referral(number).status for number in (first, second)] == [Status.DELIVERED] * 2
    told = await site.text(f"/queue/{item}")
    for number in (first, second):
        assert f"{number} is again delivered." in told
        assert f"{number} is not chased while item {item} may be its answer; then from" in told


async def test_each_of_several_moves_from_where_it_stands(site: ReviewSite) -> None:
    first, second = refer_twice(site)
    site.clinic.desk.change.cancel(second, "not needed", "Lena")
    (item,) = site.queue(a_booking("Okafor", BOOKED, 0.99))
    await site.send(
        f"/queue/{item}/file", number=first, also=second, kind="confirmation", date="2027-01-18", time="10:30",
        has_boxes="true", box="appointment_booked",
    )  # fmt: skip
    assert site.clinic.referral(first).status is Status.SCHEDULED
    assert site.clinic.referral(second).status is Status.CANCELLED
    await site.send(f"/queue/{item}/take-back")
    told = await site.text(f"/queue/{item}")
    assert f"{first} is again delivered." in told
    assert "Its appointment of Jan 18, 10:30 is taken off." in told
    assert f"{second} stays cancelled." in told
    assert f"{second} is cancelled: nothing is chased." in told


async def test_one_document_is_never_filed_on_two_patients(site: ReviewSite) -> None:
    maria, otto = site.clinic.refer("Okafor", "Maria", "1961-04-23"), site.clinic.refer("Brandt", "Otto", "1938-07-30")
    (item,) = site.queue(a_note("Okafor", "Maria"))
    refused = await site.send(f"/queue/{item}/file", status=409, number=maria, also=otto, kind="consult_note")
    assert "are of different patients" in refused
    assert site.part(item).state is PartState.REVIEW
    assert site.clinic.referral(maria).status is Status.DELIVERED


def referral(site: ReviewSite, number: str) -> Referral:
    return site.clinic.referral(number)


def with_chaser(site: ReviewSite, number: str, by: str = "follow-up: resend") -> int:
    """A second request that waits for its line, as the chase leaves it: the rung is taken."""
    desk = site.clinic.desk
    stands = referral(site, number)
    with desk.store.transaction() as tx:
        row = tx.intend_transmission(
            referral_id=stands.id, purpose=Purpose.SECOND_REQUEST, channel=Channel.FAX, destination=OFFICE_FAX,
            key=f"again-{number}", requested_by=by, at=desk.clock.now(),
        )  # fmt: skip
        tx.save_referral(
            replace(stands, rung=1, due_at=desk.clock.now() + timedelta(days=9)),
            Event(EventKind.FOLLOW_UP_TAKEN, desk.clock.now(), referral_id=stands.id),
        )
    return row.id


async def test_a_request_that_filing_withdrew_is_due_again(site: ReviewSite) -> None:
    number = site.clinic.refer("Okafor", "Maria")
    first_due = referral(site, number).due_at
    chaser = with_chaser(site, number)
    (item,) = site.queue(a_note("Okafor", "Maria"))
    await site.send(f"/queue/{item}/file", number=number, kind="consult_note")
    with site.clinic.desk.store.transaction() as tx:
        assert tx.transmission(chaser).state is TransmissionState.CANCELLED
    await site.send(f"/queue/{item}/take-back")
    back = referral(site, number)
    assert (back.rung, back.due_at) == (0, first_due)
    told = await site.text(f"/queue/{item}")
    assert "Not undone: The request by fax that was withdrawn stays withdrawn; it is due again." in told
    site.clinic.desk.settle.discard(item, "sent twice", "Lena")
    assert site.settled, "the daemon looks at what is due"
    with site.clinic.desk.store.transaction() as tx:
        assert first_due is not None
        assert [one.number for one in tx.referrals_due(first_due)] == [back.number], "it is chased"


async def test_what_went_out_since_is_said_to_be_beyond_recall(site: ReviewSite) -> None:
    number = site.clinic.refer("Okafor", "Maria")
    (item,) = site.queue(a_booking("Okafor", None))
    await site.send(f"/queue/{item}/file", number=number, kind="confirmation", has_boxes="true", box="wrong_office")
    desk, wrong = site.clinic.desk, referral(site, number)
    with desk.store.transaction() as tx:
        row = tx.intend_transmission(
            referral_id=wrong.id, purpose=Purpose.SECOND_REQUEST, channel=Channel.FAX,
            destination=OFFICE_FAX, key="elsewhere", requested_by="Lena", at=desk.clock.now(),
        )  # fmt: skip
        ending.accepted(tx, desk.rules, row, "ref", desk.clock.now())
    await site.send(f"/queue/{item}/take-back")
    told = await site.text(f"/queue/{item}")
    assert f"Not undone: What went out for {number} since then cannot be called back (1 packet)." in told
    assert f"{number} stays sent: something else has moved it since." in told


async def test_a_ladder_that_was_used_up_takes_its_last_rung_again(site: ReviewSite) -> None:
    number = site.clinic.refer("Okafor", "Maria")
    desk = site.clinic.desk
    stands = referral(site, number)
    ladder = desk.rules.policy.tiers["routine"].ladders
    assert stands.clock is not None
    with desk.store.transaction() as tx:
        tx.save_referral(
            replace(stands, rung=len(ladder[stands.clock]), due_at=None),
            Event(EventKind.FOLLOW_UP_TAKEN, desk.clock.now(), referral_id=stands.id),
        )
    (item,) = site.queue(a_note("Okafor", "Maria"))
    await site.send(f"/queue/{item}/file", number=number, kind="consult_note")
    await site.send(f"/queue/{item}/take-back")
    assert referral(site, number).due_at is not None


async def test_a_paper_from_the_trash_tells_nothing_of_referrals(site: ReviewSite) -> None:
    (item,) = site.queue(a_note("Nobody"))
    await site.send(f"/queue/{item}/discard", reason="advertisement")
    await site.send(f"/queue/{item}/take-back")
    assert "What taking it back did" not in await site.text(f"/queue/{item}")
