"""Text messages through a server that answers as Twilio documents: agreed to, discreet, never twice, shown."""

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from config.texts import load_texts
from gateway.domain.event import EventKind
from gateway.domain.referral import Referral, Status
from gateway.domain.task import TaskKind
from gateway.domain.text_message import QuietHours, TextMessage, TextState
from gateway.errors import NotFound, NotSaid
from gateway.services.moving import advance
from gateway.services.send_texts import SendTexts
from gateway.services.text_consent import RecordConsent, TakeReplies
from gateway.services.text_notices import NoticeEvents, TextRules
from gateway.storage.store import SqlStore
from gateway.testing import FixedClock, memory_store
from gateway.text_line import TextLine
from tests.builders import NOON, an_intake
from tests.contract.stores import with_recipient
from tests.rigs.cloud_server import Answer, Fault
from tests.rigs.reading_desk import NUMBER, RULES
from tests.rigs.twilio_server import TwilioServer, callback, twilio_server

PATIENT, STAFF = "+15085550177", "+15085550123"
NEW_YORK = ZoneInfo("America/New_York")
TALK = datetime(2026, 3, 2, 17, tzinfo=UTC)  # noon in New York


@dataclass(slots=True)
class TextDesk:
    """One referral and the clinic's text messages, with a clock that stands at noon."""

    store: SqlStore
    twilio: TwilioServer
    clock: FixedClock = field(default_factory=lambda: FixedClock(TALK))
    referral_id: int = 0

    def __post_init__(self) -> None:
        recipient = with_recipient(self.store)
        with self.store.transaction() as tx:
            self.referral_id = tx.add_referral(an_intake(recipient_id=recipient), NUMBER, NOON, "Lena").id
        assert self.notices().notice() == 0

    def rules(self) -> TextRules:
        quiet = QuietHours(NEW_YORK, time(20), time(8))
        return TextRules("Elm Street Clinic", "508-555-0100", quiet, load_texts(), staff_numbers=(STAFF,))

    def notices(self) -> NoticeEvents:
        return NoticeEvents(self.store, self.clock, self.rules())

    def sending(self) -> SendTexts:
        return SendTexts(self.store, self.clock, self.twilio.carrier(), self.rules().quiet)

    def replies(self) -> TakeReplies:
        return TakeReplies(self.store, self.clock, self.twilio.carrier())

    def agree(self, **said: str) -> None:
        RecordConsent(self.store, self.clock).give(NUMBER, "signed form of March 1", "Lena", **said)

    def move(self, *statuses: Status, appointment_at: datetime | None = None) -> Referral:
        for status in statuses:
            with self.store.transaction() as tx:
                referral = tx.referral(self.referral_id)
                if appointment_at is not None:
                    referral = replace(referral, appointment_at=appointment_at)
                advance(tx, RULES, referral, status, self.clock.now(), why="test")
        with self.store.transaction() as tx:
            return tx.referral(self.referral_id)

    def texts(self) -> list[TextMessage]:
        with self.store.transaction() as tx:
            return tx.texts_of(self.referral_id)

    def bodies(self) -> list[str]:
        return [one["body"] for one in self.twilio.sent()]

    def events(self) -> list[EventKind]:
        with self.store.transaction() as tx:
            return [one.event.kind for one in tx.events(referral_id=self.referral_id)]

    async def work(self) -> None:
        """What the daemon's steps do in one round."""
        self.notices().notice()
        await self.sending().send_due()


@pytest.fixture
def desk() -> Generator[TextDesk, None, None]:
    store = memory_store()
    with twilio_server() as twilio:
        yield TextDesk(store, twilio)
    store.close()


async def test_without_consent_a_patient_hears_nothing(desk: TextDesk) -> None:
    desk.move(Status.SENT)
    await desk.work()
    assert desk.bodies() == []


async def test_a_patient_who_agreed_hears_that_it_was_sent_and_when_they_are_booked(desk: TextDesk) -> None:
    desk.agree()
    desk.move(Status.SENT)
    await desk.work()
    booked = datetime(2026, 3, 12, 14, 30, tzinfo=NEW_YORK).astimezone(UTC)
    desk.move(Status.SCHEDULED, appointment_at=booked)
    await desk.work()
    first, second = desk.bodies()
    assert first.startswith("Elm Street Clinic: the referral we discussed has been sent.")
    assert "Thursday, March 12 at 2:30 PM" in second
    assert all("STOP" in body for body in (first, second))
    assert [text.state for text in desk.texts()] == [TextState.ACCEPTED, TextState.ACCEPTED]
    assert desk.events().count(EventKind.TEXT_INTENDED) == 2


async def test_in_spanish_where_that_is_the_patients_language(desk: TextDesk) -> None:
    desk.agree(language="es")
    desk.move(Status.SENT)
    booked = datetime(2026, 3, 12, 14, 30, tzinfo=NEW_YORK).astimezone(UTC)
    desk.move(Status.SCHEDULED, appointment_at=booked)
    await desk.work()
    first, second = desk.bodies()
    assert "hemos enviado" in first
    assert "12/03/2026 a las 14:30" in second


async def test_each_event_is_told_once_however_often_one_looks(desk: TextDesk) -> None:
    desk.agree()
    desk.move(Status.SENT)
    for _ in range(4):
        await desk.work()
    assert len(desk.bodies()) == 1


async def test_at_night_a_notice_waits_for_the_morning(desk: TextDesk) -> None:
    desk.agree()
    desk.clock.at = datetime(2026, 3, 2, 23, tzinfo=NEW_YORK).astimezone(UTC)
    desk.move(Status.SENT)
    await desk.work()
    assert desk.bodies() == []
    desk.clock.at = datetime(2026, 3, 3, 7, 59, tzinfo=NEW_YORK).astimezone(UTC)
    await desk.work()
    assert desk.bodies() == []
    desk.clock.at = datetime(2026, 3, 3, 8, 0, tzinfo=NEW_YORK).astimezone(UTC)
    await desk.work()
    assert len(desk.bodies()) == 1


@pytest.mark.parametrize("word", ["STOP", "Stop.", " unsubscribe ", "ALTO", "no más"])
async def test_whoever_answers_stop_hears_nothing_more_until_they_say_start(desk: TextDesk, word: str) -> None:
    desk.agree()
    desk.move(Status.SENT)
    desk.notices().notice()  # intended, not yet sent
    desk.twilio.receive(word, PATIENT)
    assert await desk.replies().poll() == 1
    assert await desk.replies().poll() == 0, "a reply is taken once"
    await desk.work()
    assert desk.bodies() == []
    assert desk.texts()[0].state is TextState.CANCELLED
    assert "STOP" in desk.texts()[0].cause
    with pytest.raises(NotSaid, match="START"):
        desk.agree()
    desk.twilio.receive("Start", PATIENT)
    await desk.replies().poll()
    desk.notices().ask_to_call(NUMBER, "Lena")
    await desk.work()
    assert len(desk.bodies()) == 1


async def test_own_words_of_a_patient_become_a_task_and_help_does_not(desk: TextDesk) -> None:
    desk.agree()
    desk.twilio.receive("HELP", PATIENT)
    desk.twilio.receive("Please don't stop, I have moved to 12 Oak Street", PATIENT)
    await desk.replies().poll()
    with desk.store.transaction() as tx:
        [task] = tx.tasks()
        assert not tx.has_opted_out(PATIENT)
    assert task.kind is TaskKind.TEXT_REPLY
    assert "12 Oak Street" in task.text


async def test_twilios_own_word_that_a_receiver_opted_out_is_believed(desk: TextDesk) -> None:
    desk.agree()
    desk.twilio.refused[PATIENT] = 21610
    desk.move(Status.SENT)
    await desk.work()
    assert desk.texts()[0].state is TextState.FAILED
    assert "STOP" in desk.texts()[0].cause
    with desk.store.transaction() as tx:
        assert tx.has_opted_out(PATIENT)


async def test_consent_taken_back_before_it_is_sent_stops_it(desk: TextDesk) -> None:
    desk.agree()
    desk.move(Status.SENT)
    desk.notices().notice()
    RecordConsent(desk.store, desk.clock).withdraw(NUMBER, "Lena")
    await desk.work()
    assert desk.bodies() == []
    with desk.store.transaction() as tx:
        kept = tx.text_consent(desk.referral_id)
    assert kept is not None
    assert (kept.given_how, kept.recorded_by, kept.at) == ("signed form of March 1", "Lena", TALK)
    assert kept.withdrawn_at == TALK
    with pytest.raises(NotFound):
        desk.notices().ask_to_call(NUMBER, "Lena")


async def test_a_lost_answer_is_looked_up_and_never_sent_again(desk: TextDesk) -> None:
    desk.agree()
    desk.move(Status.SENT)
    desk.twilio.http.faults.append(Fault("POST", "Messages.json", is_done=True))
    await desk.work()
    assert desk.texts()[0].state is TextState.SENDING
    await desk.work()
    await desk.sending().reconcile()
    assert len(desk.bodies()) == 1, "before its time it is neither sent again nor looked up"
    desk.clock.advance(timedelta(minutes=4))
    await desk.sending().reconcile()
    assert desk.texts()[0].state is TextState.ACCEPTED
    assert desk.texts()[0].carrier_reference == desk.twilio.sent()[0]["sid"]
    assert len(desk.bodies()) == 1


async def test_a_message_that_never_reached_twilio_is_said_to_have_failed(desk: TextDesk) -> None:
    desk.agree()
    desk.move(Status.SENT)
    desk.twilio.http.faults.append(Fault("POST", "Messages.json"))
    await desk.work()
    desk.clock.advance(timedelta(minutes=4))
    await desk.sending().reconcile()
    assert desk.texts()[0].state is TextState.FAILED
    assert "was not sent" in desk.texts()[0].cause
    await desk.work()
    assert desk.bodies() == []


@pytest.mark.parametrize("fault", [Fault("GET", "Messages.json"), Fault("GET", "Messages.json", Answer(500))])
async def test_while_nobody_can_look_it_up_it_stays_unsure(desk: TextDesk, fault: Fault) -> None:
    desk.agree()
    desk.move(Status.SENT)
    desk.twilio.http.faults += [Fault("POST", "Messages.json", Answer(500)), fault]
    await desk.work()
    desk.clock.advance(timedelta(minutes=4))
    await desk.sending().reconcile()
    assert desk.texts()[0].state is TextState.SENDING


async def test_a_daemon_that_died_while_sending_does_not_send_again(desk: TextDesk) -> None:
    desk.agree()
    desk.move(Status.SENT)
    desk.notices().notice()
    with desk.store.transaction() as tx:
        [due] = tx.texts_due(desk.clock.now())
        sending = replace(due, state=TextState.SENDING, submitted_at=desk.clock.now(), attempts=1)
        tx.save_text(sending, TextState.INTENDED, None)
    await desk.work()
    assert desk.bodies() == []
    desk.clock.advance(timedelta(minutes=4))
    await desk.sending().reconcile()
    assert desk.texts()[0].state is TextState.FAILED


async def test_patience_that_twilio_asks_for_is_given_and_then_it_goes(desk: TextDesk) -> None:
    desk.agree()
    desk.move(Status.SENT)
    busy = Answer(429, {"code": 20429}, {"Retry-After": "90"})
    desk.twilio.http.faults.append(Fault("POST", "Messages.json", busy))
    await desk.work()
    assert desk.texts()[0].state is TextState.INTENDED
    desk.clock.advance(timedelta(seconds=89))
    await desk.work()
    assert desk.bodies() == []
    desk.clock.advance(timedelta(seconds=2))
    await desk.work()
    assert len(desk.bodies()) == 1


async def test_with_twilio_gone_it_is_tried_a_few_times_and_then_failed(desk: TextDesk) -> None:
    desk.agree()
    desk.move(Status.SENT)
    desk.twilio.http.stop()
    for _ in range(6):
        await desk.work()
        desk.clock.advance(timedelta(hours=1))
    assert desk.texts()[0].state is TextState.FAILED
    assert "no connection" in desk.texts()[0].cause


async def test_delivery_is_asked_for(desk: TextDesk) -> None:
    desk.agree()
    desk.move(Status.SENT)
    await desk.work()
    desk.twilio.end("delivered")
    await desk.sending().reconcile()
    assert desk.texts()[0].state is TextState.DELIVERED


def a_line(desk: TextDesk) -> TextLine:
    return TextLine(desk.notices(), desk.sending(), desk.replies(), desk.twilio.carrier(), desk.clock, 60)


async def test_delivery_and_replies_are_heard_from_signed_callbacks_alone(desk: TextDesk) -> None:
    desk.agree()
    desk.move(Status.SENT)
    await desk.work()
    sid = desk.texts()[0].carrier_reference
    line = a_line(desk)
    assert not await line.hear(callback("another token", MessageSid=sid, MessageStatus="delivered"))
    assert desk.texts()[0].state is TextState.ACCEPTED
    assert await line.hear(callback(MessageSid=sid, MessageStatus="undelivered", ErrorCode="30003"))
    assert desk.texts()[0].state is TextState.FAILED
    assert "switched off" in desk.texts()[0].cause
    assert await line.hear(callback(MessageSid=sid, MessageStatus="sent"))
    assert desk.texts()[0].state is TextState.FAILED, "an end stays an end"
    assert await line.hear(callback(MessageSid="SM9", From=PATIENT, To="+15085550111", Body="STOP"))
    with desk.store.transaction() as tx:
        assert tx.has_opted_out(PATIENT)


async def test_staff_hear_of_an_escalated_urgent_referral_by_its_number_alone(desk: TextDesk) -> None:
    with desk.store.transaction() as tx:
        referral = tx.referral(desk.referral_id)
        urgent = replace(referral, intake=replace(referral.intake, urgency="urgent"))
        tx.open_task(urgent.id, TaskKind.TELL_CLINICIAN, "silent", desk.clock.now(), None)
    desk.clock.at = datetime(2026, 3, 2, 23, tzinfo=NEW_YORK).astimezone(UTC)
    rules = replace(desk.rules(), alert_urgencies=frozenset({"routine"}))  # the referral's own tier
    NoticeEvents(desk.store, desk.clock, rules).notice()
    await desk.sending().send_due()
    [body] = desk.bodies()
    assert body.startswith("Referloop: referral ")
    assert "Okafor" not in body
    assert desk.twilio.sent()[0]["to"] == STAFF


async def test_staff_hear_once_an_hour_that_the_daemon_is_unwell(desk: TextDesk) -> None:
    for minutes in (0, 5, 10, 60):
        desk.clock.at = TALK + timedelta(minutes=minutes)
        desk.notices().tell_health(["the disk has less than 500 MiB left"], desk.clock.now())
        await desk.sending().send_due()
    assert len(desk.bodies()) == 2
    assert "the disk" in desk.bodies()[0]


async def test_a_message_that_would_give_something_away_is_withheld(desk: TextDesk) -> None:
    desk.agree()
    spoken = dict(load_texts().by_language["en"])
    spoken["referral_sent"] = "{clinic}: your cardiology referral has been sent. Call {phone}."
    rules = replace(desk.rules(), templates=replace(load_texts(), by_language={"en": spoken}))
    desk.move(Status.SENT)
    NoticeEvents(desk.store, desk.clock, rules).notice()
    await desk.sending().send_due()
    assert desk.bodies() == []
    assert EventKind.TEXT_WITHHELD in desk.events()


async def test_old_news_is_told_nobody(desk: TextDesk) -> None:
    desk.agree()
    desk.move(Status.SENT)
    desk.clock.advance(timedelta(hours=25))
    await desk.work()
    assert desk.bodies() == []


async def test_everything_about_texts_stands_on_the_referrals_timeline(desk: TextDesk) -> None:
    desk.agree()
    desk.move(Status.SENT)
    await desk.work()
    desk.twilio.end("delivered")
    await desk.sending().reconcile()
    told = desk.events()
    assert EventKind.TEXT_CONSENT_GIVEN in told
    assert told.count(EventKind.TEXT_MOVED) == 3
