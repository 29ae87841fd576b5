"""Handing text messages to their carrier: committed as `sending` first, called after, never sent again by itself.

What stays in `sending`, because the answer was lost or the daemon died, is looked up at the carrier: found, it is
accepted; surely not there, it has failed and a person sees it. A notice that comes late is worth less than one twice.
"""

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.domain.event import Event, EventKind
from gateway.domain.text_message import Audience, QuietHours, TextMessage, TextState
from gateway.errors import StaleRow
from gateway.services.ports import Clock, Store, Transaction
from outbound.errors import CarrierTrouble
from outbound.sender import Accepted, Deferred, Outcome, Refused, Unknown
from outbound.sms import TextFate, TextStatus, TwilioTexts

S = TextState
_LEASE = timedelta(minutes=5)
_WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
_SETTLED_AFTER = timedelta(minutes=3)  # by then a message that was taken stands in the carrier's list
_GIVEN_UP_AFTER = timedelta(hours=24)
_ASKED_FOR = timedelta(days=2)  # a message whose end is not told by then stays `accepted`
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class SendTexts:
    """Sends what is due, looks up what is unsure, asks how the rest fares."""

    store: Store
    clock: Clock
    carrier: TwilioTexts
    quiet: QuietHours

    async def send_due(self) -> int:
        """Send what is due, one after the other; returns how many were dealt with."""
        return sum([await self._send(text) for text in await asyncio.to_thread(self._due)])

    async def reconcile(self) -> int:
        """Look up what was left in `sending`, and ask about what the carrier holds; returns how many moved."""
        moved = 0
        for text in await asyncio.to_thread(self._in, S.SENDING):
            moved += await self._look_up(text)
        for text in await asyncio.to_thread(self._in, S.ACCEPTED):
            if text.submitted_at and self.clock.now() - text.submitted_at < _ASKED_FOR:
                moved += await self._ask(text)
        return moved

    def record(self, reference: str, status: TextStatus) -> None:
        """What a signed callback says of a message; it moves it only forward."""
        with self.store.transaction() as tx:
            text = tx.text_under(reference)
            if text is not None and text.state in (S.ACCEPTED, S.UNCERTAIN):
                self._end(tx, text, status)

    def _due(self) -> list[TextMessage]:
        with self.store.transaction() as tx:
            return tx.texts_due(self.clock.now())

    def _in(self, state: TextState) -> list[TextMessage]:
        with self.store.transaction() as tx:
            return tx.texts_in([state])

    async def _send(self, text: TextMessage) -> bool:
        try:
            ready = await asyncio.to_thread(self._mark_sending, text)
            if ready is None:
                return False
            outcome = await self.carrier.submit(ready.body, ready.destination)
            await asyncio.to_thread(self._settle, ready.id, outcome)
        except StaleRow:
            _log.info("someone else took the text message", extra={"text_id": text.id})
            return False
        kind = type(outcome).__name__
        _log.info("text message handed over", extra={"action": "text", "text_id": text.id, "outcome": kind})
        return True

    def _mark_sending(self, text: TextMessage) -> TextMessage | None:
        """Commit that it is being sent, unless something changed since it was intended."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            leased = tx.lease_text(text.id, now, now + _LEASE)
            if leased is None:
                return None
            if reason := self._why_not(tx, leased, now):
                _move(tx, leased, replace(leased, state=S.CANCELLED, cause=reason, ended_at=now, lease_until=None), now)
                return None
            later = self.quiet.next_allowed(now)
            if leased.audience is Audience.PATIENT and later > now:
                tx.save_text(replace(leased, next_attempt_at=later, lease_until=None), S.INTENDED, None)
                return None
            sending = replace(leased, state=S.SENDING, submitted_at=now, attempts=leased.attempts + 1)
            _move(tx, leased, sending, now)
            return sending

    def _why_not(self, tx: Transaction, text: TextMessage, now: datetime) -> str:
        if text.expires_at <= now:
            return "too late to be of use"
        if text.audience is Audience.STAFF or text.referral_id is None:
            return ""
        consent = tx.text_consent(text.referral_id)
        if consent is None or not consent.is_given or consent.phone != text.destination:
            return "the patient's consent does not hold any more"
        return "the patient wants no messages (STOP)" if tx.has_opted_out(text.destination) else ""

    def _settle(self, text_id: int, outcome: Outcome) -> None:
        now = self.clock.now()
        with self.store.transaction() as tx:
            text = tx.text(text_id)
            if text.state is not S.SENDING:
                return
            match outcome:
                case Accepted(reference):
                    _move(tx, text, replace(text, state=S.ACCEPTED, carrier_reference=reference, lease_until=None), now)
                case Deferred(cause, retry_after_s):
                    self._defer(tx, text, cause, now, timedelta(seconds=retry_after_s))
                case Refused(cause):
                    self._fail(tx, text, cause, now)
                case Unknown(cause):  # stays in `sending`: reconcile looks it up
                    tx.save_text(replace(text, cause=cause, lease_until=None), S.SENDING, None)

    def _defer(self, tx: Transaction, text: TextMessage, cause: str, now: datetime, patience: timedelta) -> None:
        """Nothing was sent: later again, a few times."""
        if text.attempts > len(_WAITS):
            self._fail(tx, text, cause, now)
            return
        at = now + max(_WAITS[text.attempts - 1], patience)
        _move(tx, text, replace(text, state=S.INTENDED, cause=cause, next_attempt_at=at, lease_until=None), now)

    def _fail(self, tx: Transaction, text: TextMessage, cause: str, now: datetime) -> None:
        if text.audience is Audience.PATIENT and cause.startswith("21610"):
            tx.opt_out(text.destination, now)
        _move(tx, text, replace(text, state=S.FAILED, cause=cause, ended_at=now, lease_until=None), now)

    async def _look_up(self, text: TextMessage) -> bool:
        now = self.clock.now()
        since = text.submitted_at or text.created_at
        if now - since < _SETTLED_AFTER:
            return False
        try:
            reference = await self.carrier.find(text.body, text.destination, since)
        except CarrierTrouble as trouble:
            if now - since < _GIVEN_UP_AFTER:
                return False
            return await asyncio.to_thread(self._looked_up, text, S.UNCERTAIN, "", f"cannot be looked up: {trouble}")
        if reference:
            return await asyncio.to_thread(self._looked_up, text, S.ACCEPTED, reference, "")
        return await asyncio.to_thread(
            self._looked_up, text, S.FAILED, "", "Twilio has no such message: it was not sent"
        )

    def _looked_up(self, text: TextMessage, state: TextState, reference: str, cause: str) -> bool:
        now = self.clock.now()
        ended = None if state is S.ACCEPTED else now
        after = replace(text, state=state, carrier_reference=reference, cause=cause, ended_at=ended, lease_until=None)
        try:
            with self.store.transaction() as tx:
                _move(tx, text, after, now)
        except StaleRow:
            return False
        return True

    async def _ask(self, text: TextMessage) -> bool:
        try:
            status = await self.carrier.status(text.carrier_reference)
        except CarrierTrouble:
            return False
        return await asyncio.to_thread(self._told, text.id, status)

    def _told(self, text_id: int, status: TextStatus) -> bool:
        with self.store.transaction() as tx:
            text = tx.text(text_id)
            return text.state is S.ACCEPTED and self._end(tx, text, status)

    def _end(self, tx: Transaction, text: TextMessage, status: TextStatus) -> bool:
        now = self.clock.now()
        if status.fate is TextFate.ON_ITS_WAY:
            return False
        if status.fate is TextFate.DELIVERED:
            _move(tx, text, replace(text, state=S.DELIVERED, ended_at=now), now)
        else:
            self._fail(tx, text, f"{status.code}: {status.cause}".lstrip(": "), now)
        return True


def _move(tx: Transaction, before: TextMessage, after: TextMessage, at: datetime) -> None:
    detail: dict[str, str | int | float | bool | list[str] | None] = {
        "kind": after.kind.value,
        "from": before.state.value,
        "to": after.state.value,
        "to_ending": after.destination[-4:],
        "cause": after.cause,
    }
    tx.save_text(after, before.state, Event(EventKind.TEXT_MOVED, at, referral_id=after.referral_id, detail=detail))
