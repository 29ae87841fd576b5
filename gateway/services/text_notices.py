"""Which events are told by text message, to whom and in which words; committed before anything is sent.

Reads on in the chain of events from where it stopped, so that nothing that happens has to know of text messages. A
patient is told only what they agreed to hear, in words that give nothing away on a locked screen; a message that
would name anything clinical of the referral is not sent, whatever the templates say.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from config.reference import format_number
from config.texts import TextTemplates, load_texts
from gateway.domain.directory import Recipient
from gateway.domain.event import ChainedEvent, Event, EventKind
from gateway.domain.referral import Referral, Status
from gateway.domain.task import TaskKind
from gateway.domain.text_message import Audience, QuietHours, TextConsent, TextKind, TextMessage, TextState
from gateway.errors import NotFound
from gateway.services.change_referral import find
from gateway.services.ports import Clock, Store, Transaction

_PLACE = "text notices"
_BATCH = 500
_STALE_AFTER = timedelta(hours=24)
"""A notice older than this is not sent: by then it may be untrue."""
_LEAST_WORD = 4
_DAYS = frozenset(
    [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
)


@dataclass(frozen=True, slots=True)
class TextRules:
    """What the clinic decided about text messages."""

    clinic: str
    phone: str
    quiet: QuietHours
    templates: TextTemplates
    tells_patients: bool = True
    staff_numbers: tuple[str, ...] = ()
    alert_urgencies: frozenset[str] = frozenset({"urgent"})


@dataclass(slots=True)
class NoticeEvents:
    """Turns events into intended messages, once each."""

    store: Store
    clock: Clock
    rules: TextRules

    def notice(self) -> int:
        """Look at what happened since last time; returns how many messages were intended."""
        with self.store.transaction() as tx:
            kept = tx.place(_PLACE)
            if not kept:  # what happened before messages were switched on is told nobody
                tx.keep_place(_PLACE, str(tx.last_seq()))
                return 0
            happened = tx.events(after_seq=int(kept), limit=_BATCH)
            told = sum(self._tell(tx, one) for one in happened)
            if happened:
                tx.keep_place(_PLACE, str(happened[-1].seq))
            return told

    def ask_to_call(self, number: str, actor: str) -> TextMessage:
        """A person asks the patient to call. Raises NotFound where there is no consent, or it goes nowhere."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            referral = find(tx, number)
            consent = _consent(tx, referral)
            if consent is None:
                raise NotFound(
                    f"no consent to text messages is recorded for {number}, or it was taken back: "
                    "`referloop text consent` records it"
                )
            key = f"call-{referral.id}-{now:%Y%m%d%H%M}"
            text = self._to_patient(tx, referral, consent, TextKind.CALL_US, key=key, actor=actor, now=now)
            if text is None:
                raise NotFound(
                    "it is not sent: the same was asked a moment ago, or its words would give something away"
                )
            return text

    def tell_health(self, complaints: Sequence[str], at: datetime) -> int:
        """Tell staff once that something is wrong, and again an hour later if it still is."""
        if not complaints:
            return 0
        what = f"{len(complaints)} complaint{'s' if len(complaints) > 1 else ''}: {complaints[0]}"
        with self.store.transaction() as tx:
            return self._to_staff(
                tx, None, TextKind.STAFF_HEALTH, key=f"health-{at:%Y%m%d%H}", said={"what": what}, now=at
            )

    def _tell(self, tx: Transaction, chained: ChainedEvent) -> int:
        event, now = chained.event, self.clock.now()
        if event.referral_id is None or now - event.at > _STALE_AFTER:
            return 0
        referral = tx.referral(event.referral_id)
        key = f"event-{chained.seq}"
        if _is_escalation(event) and referral.intake.urgency in self.rules.alert_urgencies:
            said = {"number": format_number(referral.number)}
            return self._to_staff(tx, referral, TextKind.STAFF_ESCALATED, key=key, said=said, now=now)
        kind = _notice_of(event)
        consent = _consent(tx, referral) if kind is not None and self.rules.tells_patients else None
        if kind is None or consent is None:
            return 0
        return self._to_patient(tx, referral, consent, kind, key=key, actor="system", now=now) is not None

    def _to_patient(
        self,
        tx: Transaction,
        referral: Referral,
        consent: TextConsent,
        kind: TextKind,
        *,
        key: str,
        actor: str,
        now: datetime,
    ) -> TextMessage | None:
        said = {"clinic": self.rules.clinic, "phone": self.rules.phone}
        if kind in (TextKind.APPOINTMENT_BOOKED, TextKind.APPOINTMENT_CHANGED):
            if referral.appointment_at is None or referral.appointment_at < now:
                return None
            local = referral.appointment_at.astimezone(self.rules.quiet.zone)
            has_time = (local.hour, local.minute) != (0, 0)
            date, time = self.rules.templates.moment(consent.language, local, has_time=has_time)
            said |= {"date": date, "time": time}
        body = self.rules.templates.filled(kind.value, consent.language, said)
        if given_away(body, referral, tx.recipient(referral.intake.recipient_id), self.rules.clinic):
            detail: dict[str, str | int | float | bool | list[str] | None] = {"kind": kind.value}
            tx.append(Event(EventKind.TEXT_WITHHELD, now, referral_id=referral.id, detail=detail))
            return None
        text = TextMessage(
            0, referral.id, Audience.PATIENT, kind, consent.phone, consent.language, body, key, TextState.INTENDED,
            actor, now, now + _STALE_AFTER, self.rules.quiet.next_allowed(now),
        )  # fmt: skip
        return tx.intend_text(text, _intended(text, now))

    def _to_staff(
        self,
        tx: Transaction,
        referral: Referral | None,
        kind: TextKind,
        *,
        key: str,
        said: dict[str, str],
        now: datetime,
    ) -> int:
        body = self.rules.templates.filled(kind.value, "en", said)
        intended = 0
        for number in self.rules.staff_numbers:
            text = TextMessage(
                0, referral.id if referral else None, Audience.STAFF, kind, number, "en", body, f"{key}-{number}",
                TextState.INTENDED, "system", now, now + _STALE_AFTER, now,
            )  # fmt: skip
            intended += tx.intend_text(text, _intended(text, now)) is not None
        return intended


def _consent(tx: Transaction, referral: Referral) -> TextConsent | None:
    """The patient's consent, if it holds and the number has not opted out."""
    consent = tx.text_consent(referral.id)
    return consent if consent and consent.is_given and not tx.has_opted_out(consent.phone) else None


def _notice_of(event: Event) -> TextKind | None:
    detail = event.detail or {}
    match event.kind:
        case EventKind.REFERRAL_MOVED if detail.get("to") == Status.SENT:
            return TextKind.REFERRAL_SENT
        case EventKind.REFERRAL_MOVED if detail.get("to") == Status.SCHEDULED:
            return TextKind.APPOINTMENT_BOOKED
        case EventKind.REFERRAL_RESCHEDULED:
            return TextKind.APPOINTMENT_CHANGED
        case EventKind.TASK_OPENED if detail.get("kind") == TaskKind.REACH_PATIENT:
            return TextKind.CALL_US
        case _:
            return None


def _is_escalation(event: Event) -> bool:
    return event.kind is EventKind.TASK_OPENED and (event.detail or {}).get("kind") == TaskKind.TELL_CLINICIAN


def _intended(text: TextMessage, now: datetime) -> Event:
    detail: dict[str, str | int | float | bool | list[str] | None] = {
        "kind": text.kind.value,
        "audience": text.audience.value,
        "to_ending": text.destination[-4:],
        "language": text.language,
    }
    return Event(EventKind.TEXT_INTENDED, now, text.requested_by, referral_id=text.referral_id, detail=detail)


def given_away(body: str, referral: Referral, recipient: Recipient, clinic: str) -> str:
    """The first word of the referral's clinical fields, its patient or its office that a message holds; else empty.

    The clinic's own name may say what it likes: it is the sender's.
    """
    intake = referral.intake
    secret = (
        intake.specialty, intake.question, intake.service.value.replace("_", " "), *intake.icd10, intake.patient.family,
        intake.patient.given, intake.patient.mrn, recipient.name, recipient.organization, recipient.specialty,
    )  # fmt: skip
    heard = _words(body.replace(clinic, " "))
    told = {word for text in secret for word in _words(text) if len(word) >= _LEAST_WORD or _is_code(word)}
    found = sorted((told - _harmless() - _DAYS) & heard)
    return found[0] if found else ""


def _is_code(word: str) -> bool:
    """Letters and digits together, as a diagnosis has."""
    return word.isalnum() and not word.isalpha() and not word.isdigit()


@cache
def _harmless() -> frozenset[str]:
    """The words of the shipped messages, which say nothing of anybody."""
    shipped = load_texts().by_language.values()
    return frozenset(word for templates in shipped for text in templates.values() for word in _words(text))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.casefold()))
