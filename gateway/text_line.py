"""The clinic's text messages: from settings to one object with its steps. Nothing is connected here."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

from config.settings import Settings
from config.texts import load_texts
from gateway.domain.text_message import QuietHours
from gateway.services.ports import Clock, Store
from gateway.services.send_texts import SendTexts
from gateway.services.text_consent import TakeReplies
from gateway.services.text_notices import NoticeEvents, TextRules
from outbound.callbacks import Callback
from outbound.sms import TwilioAccount, TwilioTexts

CALLBACK_PATH = "/callbacks/twilio"
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class TextLine:
    """Everything the daemon does with text messages."""

    notices: NoticeEvents
    sending: SendTexts
    replies: TakeReplies
    carrier: TwilioTexts
    clock: Clock
    poll_seconds: int
    complaints: Callable[[], Awaitable[list[str]]] | None = None
    _told_at: datetime | None = field(default=None)

    def steps(self) -> Mapping[str, Callable[[], Awaitable[int]]]:
        """What is done again and again, by name."""
        return {"text notices": self._notice, "text send": self.sending.send_due, "text poll": self._poll}

    async def hear(self, callback: Callback) -> bool:
        """Take a callback; False if it is not Twilio's. Returns once what it says is durable."""
        heard = self.carrier.hear(callback, self.clock.now())
        if heard is None:
            _log.warning("callback refused", extra={"action": "callback", "carrier": "twilio"})
            return False
        if heard.status is not None:
            await asyncio.to_thread(self.sending.record, heard.reference, heard.status)
        if heard.received is not None:
            await asyncio.to_thread(self.replies.take, [heard.received])
        return True

    async def _notice(self) -> int:
        told = await asyncio.to_thread(self.notices.notice)
        if self.complaints is not None and self.notices.rules.staff_numbers:
            told += await asyncio.to_thread(self.notices.tell_health, await self.complaints(), self.clock.now())
        return told

    async def _poll(self) -> int:
        return await self.sending.reconcile() + await self.replies.poll()


def text_rules(settings: Settings) -> TextRules:
    """What the clinic decided, as values."""
    texts, clinic = settings.texts, settings.clinic
    return TextRules(
        clinic=clinic.name,
        phone=clinic.phone,
        quiet=QuietHours(
            ZoneInfo(clinic.zone), time.fromisoformat(texts.quiet_from), time.fromisoformat(texts.quiet_to)
        ),
        templates=load_texts(texts.templates_file),
        tells_patients=texts.patient_notices,
        staff_numbers=tuple(texts.staff_numbers),
        alert_urgencies=frozenset(texts.alert_urgencies),
    )


def text_line(settings: Settings, store: Store, clock: Clock) -> TextLine | None:
    """The line that the settings name, if they name one."""
    texts = settings.texts
    if not texts.enabled:
        return None
    public_url = settings.fax.callbacks.public_url
    account = TwilioAccount(
        url=texts.url,
        account_sid=texts.account_sid,
        auth_token=texts.auth_token.get_secret_value(),
        from_number=texts.from_number,
        callback_url=f"{public_url}{CALLBACK_PATH}" if public_url else "",
    )
    carrier, rules = TwilioTexts(account), text_rules(settings)
    return TextLine(
        notices=NoticeEvents(store, clock, rules),
        sending=SendTexts(store, clock, carrier, rules.quiet),
        replies=TakeReplies(store, clock, carrier),
        carrier=carrier,
        clock=clock,
        poll_seconds=texts.poll_seconds,
    )
