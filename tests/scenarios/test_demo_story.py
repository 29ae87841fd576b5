"""What a newcomer sees at the end of the story."""

from dataclasses import fields

import pytest

from gateway.demo.offices import Act
from gateway.demo.tally import Tally
from gateway.domain.referral import Status
from tests.rigs.told_story import ending, faxes_landed, lost, mails_delivered, transmissions, unplaced
from tests.scenarios.conftest import Told, referloop

pytestmark = pytest.mark.slow

SILENT, AMBIGUOUS = "MS-1011", "MS-1012"


def test_the_counts_are_those_promised_and_the_timeline_is_the_events(undisturbed: Told) -> None:
    told = undisturbed.printed
    promised = "referrals sent delivered confirmed scheduled reports closed resent escalated review misfiled timeline"
    assert set(promised.split()) <= set(told) == {field.name for field in fields(Tally)}
    assert [event["seq"] for event in told["timeline"]] == list(range(1, len(told["timeline"]) + 1))
    assert {"referral_opened", "document_received", "part_filed"} <= {event["event"] for event in told["timeline"]}


def test_whatever_names_its_referral_by_code_or_patient_is_on_that_one(undisturbed: Told) -> None:
    assert unplaced(undisturbed.stage) == {Act.VAGUE_NOTE}


def test_all_that_was_answered_is_where_it_belongs(undisturbed: Told) -> None:
    told = undisturbed.printed
    assert (told["referrals"], told["closed"], told["misfiled"], told["uncertain"]) == (13, 9, 0, 0)
    assert told["reports"] == told["closed"]
    stands = ending(undisturbed.stage)
    closed = {external_id for external_id, (status, _) in stands.referrals.items() if status is Status.CLOSED}
    assert closed == {f"MS-{n}" for n in (1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1013)}
    assert stands.referrals["MS-1004"] == (Status.DECLINED, False)
    assert stands.referrals["MS-1010"] == (Status.NEEDS_INFORMATION, False)


def test_a_referral_is_closed_by_its_report_and_by_nothing_else(undisturbed: Told) -> None:
    moves = [event for event in undisturbed.printed["timeline"] if event["event"] == "referral_moved"]
    before = {event["referral"]: event["detail"]["from"] for event in moves if event["detail"]["to"] == "closed"}
    assert set(before.values()) == {"report_received"}


def test_the_silent_office_is_asked_again_by_both_channels_and_then_told_of(undisturbed: Told) -> None:
    told = undisturbed.printed
    assert (told["resent"], told["escalated"]) == (2, 1)
    assert ending(undisturbed.stage).referrals[SILENT][1]
    steps = [e["detail"].get("step") for e in told["timeline"] if e["event"] == "follow_up_taken"]
    assert [step for step in steps if step and step != "wait"] == ["resend", "other_channel", "call", "tell_clinician"]


def test_the_advertisement_and_the_vague_note_wait_for_a_person(undisturbed: Told) -> None:
    stands = ending(undisturbed.stage)
    assert [kind for kind, _ in stands.queue] == ["consult_note", "other"]
    assert undisturbed.printed["review"] == 2
    assert stands.referrals[AMBIGUOUS] == (Status.ACKNOWLEDGED, False)
    assert stands.filed[AMBIGUOUS] == ["confirmation"]


def test_every_fax_and_mail_of_the_offices_is_kept_and_every_packet_went_out_once(undisturbed: Told) -> None:
    assert lost(undisturbed.stage) == set()
    assert set(faxes_landed(undisturbed.stage).values()) == {1}
    assert set(mails_delivered(undisturbed.stage).values()) == {1}
    sent = [t for t in transmissions(undisturbed.stage) if t.ended_at and t.state == "delivered"]
    assert all(t.pages_confirmed == t.pages > 0 for t in sent)
    assert len(sent) == undisturbed.printed["delivered"] == len(faxes_landed(undisturbed.stage))


def test_the_chain_of_events_and_every_document_verify(undisturbed: Told) -> None:
    done = referloop("doctor", "--verify", "--config", str(undisturbed.stage.config))
    assert (done.returncode, done.stdout.strip()[:8]) == (0, "all well")
