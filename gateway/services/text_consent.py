"""Who agreed to text messages, who does not want them, and what they write back."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from config.texts import LANGUAGES
from gateway.domain.event import Event, EventKind
from gateway.domain.task import TaskKind
from gateway.domain.text_message import Reply, TextConsent, meaning_of
from gateway.errors import NotFound, NotSaid
from gateway.services.change_referral import find
from gateway.services.ports import Clock, Store, Transaction
from gateway.services.said import said
from outbound.errors import CarrierTrouble
from outbound.sms import ReceivedText, TwilioTexts

_E164 = re.compile(r"\+\d{8,15}")
_LOOKS_BACK = timedelta(days=2)
_QUOTED_CHARS = 300


@dataclass(slots=True)
class RecordConsent:
    """A person writes down that a patient agreed, or does not any more; in one commit with its event."""

    store: Store
    clock: Clock

    def give(self, number: str, how: str, actor: str, *, language: str = "", phone: str = "") -> TextConsent:
        """The patient agreed; `how` says where that is on record. Phone and language as in the referral by default.

        Raises:
            NotSaid: what must be said is missing.
            NotFound: no such referral.
        """
        words, now = said(how, "how the patient agreed"), self.clock.now()
        with self.store.transaction() as tx:
            referral = find(tx, number)
            patient = referral.intake.patient
            chosen = phone or patient.phone
            if not _E164.fullmatch(chosen):
                raise NotSaid(f"the patient's mobile number is missing, like +15085550177: referral {number} has none")
            spoken = language or ("es" if patient.language.casefold().startswith(("es", "spa")) else "en")
            if spoken not in LANGUAGES:
                raise NotSaid(f"there are no messages in {spoken!r}: say one of {', '.join(LANGUAGES)}")
            if tx.has_opted_out(chosen):
                raise NotSaid("whoever has this number answered STOP: only START, sent from that phone, undoes it")
            consent = TextConsent(referral.id, chosen, spoken, words, actor, now)
            detail: dict[str, str | int | float | bool | list[str] | None] = {
                "how": words,
                "language": spoken,
                "to_ending": chosen[-4:],
            }
            tx.keep_consent(consent, Event(EventKind.TEXT_CONSENT_GIVEN, now, actor, referral.id, detail=detail))
            return consent

    def withdraw(self, number: str, actor: str) -> None:
        """The patient wants no more messages about this referral. Raises NotFound."""
        with self.store.transaction() as tx:
            referral = find(tx, number)
            consent = tx.text_consent(referral.id)
            if consent is None or not consent.is_given:
                raise NotFound(f"no consent to text messages is recorded for {number}")
            withdrawn(tx, consent, self.clock.now(), actor)


def withdrawn(tx: Transaction, consent: TextConsent, at: datetime, actor: str) -> None:
    """Keep that a consent was taken back; what was agreed and when stays on record."""
    event = Event(EventKind.TEXT_CONSENT_WITHDRAWN, at, actor, referral_id=consent.referral_id)
    tx.keep_consent(replace(consent, withdrawn_at=at), event)


@dataclass(slots=True)
class TakeReplies:
    """Takes each received message once, from callbacks and by asking."""

    store: Store
    clock: Clock
    carrier: TwilioTexts

    async def poll(self) -> int:
        """Ask for what came in; returns how many were new. The carrier's trouble is tried again later."""
        try:
            received = await self.carrier.received(self.clock.now() - _LOOKS_BACK)
        except CarrierTrouble:
            return 0
        return await asyncio.to_thread(self.take, received)

    def take(self, received: Iterable[ReceivedText]) -> int:
        """Take messages in order; STOP and START change who is written to, other words are a task."""
        taken = 0
        for one in received:
            with self.store.transaction() as tx:
                taken += self._take(tx, one)
        return taken

    def _take(self, tx: Transaction, one: ReceivedText) -> bool:
        now, meaning = self.clock.now(), meaning_of(one.body)
        if not one.reference or not tx.keep_reply(one.reference, one.sender, meaning, one.at):
            return False
        consents = [consent for consent in tx.consents_of(one.sender) if consent.is_given]
        match meaning:
            case Reply.STOP:
                tx.opt_out(one.sender, one.at)
            case Reply.START:
                tx.opt_in(one.sender)
            case Reply.HELP | Reply.OTHER:
                pass
        for consent in consents:
            detail: dict[str, str | int | float | bool | list[str] | None] = {"meaning": meaning.value}
            tx.append(Event(EventKind.TEXT_REPLIED, now, "patient", consent.referral_id, detail=detail))
        if consents and meaning is Reply.OTHER:
            words = " ".join(one.body.split())[:_QUOTED_CHARS]
            text = f'The patient answered a text message: "{words}"'
            tx.open_task(consents[0].referral_id, TaskKind.TEXT_REPLY, text, now, None)
        return True
