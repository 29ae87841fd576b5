"""Text messages through Twilio's Messages API, with the `twilio` package's HTTP client and request validator.

Nothing is retried here: only the caller knows what was committed. Twilio takes no idempotency key, so that a message
whose answer was lost is looked up in its list by receiver, words and time.
"""

import asyncio
import email.utils
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal
from urllib.parse import parse_qsl

from outbound.callbacks import Callback
from outbound.carriers.twilio_client import request
from outbound.errors import CarrierBusy, CarrierRefused, CarrierSilent, CarrierTrouble, CarrierUnreachable
from outbound.sender import Accepted, Deferred, Outcome, Refused, Unknown

_TIMEOUT_S = 30.0
_MOST_LISTED = 200
_CLOCKS_APART = timedelta(minutes=2)
OPTED_OUT = "21610"
"""Twilio's code for a receiver who answered STOP: it refuses further messages by itself."""


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """Whose messages these are; `callback_url` empty: Twilio is only asked."""

    url: str
    account_sid: str
    auth_token: str
    from_number: str
    callback_url: str = ""


class TextFate(StrEnum):
    """What Twilio says became of a message."""

    ON_ITS_WAY = "on its way"
    DELIVERED = "delivered"
    FAILED = "failed"


_FATES = {
    "delivered": TextFate.DELIVERED,
    "read": TextFate.DELIVERED,
    "undelivered": TextFate.FAILED,
    "failed": TextFate.FAILED,
    "canceled": TextFate.FAILED,
}


@dataclass(frozen=True, slots=True)
class TextStatus:
    """Where a message is; `code` is Twilio's for why it failed."""

    fate: TextFate
    code: str = ""

    @property
    def cause(self) -> str:
        """In words for staff."""
        return _CAUSES.get(self.code, f"Twilio's error {self.code}" if self.code else "Twilio gives no reason")


_CAUSES = {
    OPTED_OUT: "the receiver answered STOP and wants no messages",
    "21211": "the number is no number: correct it",
    "21614": "the number is no mobile phone: call instead",
    "30003": "the phone is switched off or unreachable",
    "30004": "the receiver has blocked messages",
    "30005": "the number does not exist",
    "30006": "a landline, or a carrier that takes no messages: call instead",
    "30007": "the carrier took it for spam: see Twilio's registration of senders (A2P 10DLC)",
    "30034": "the sender's number is not registered (A2P 10DLC)",
}


@dataclass(frozen=True, slots=True)
class ReceivedText:
    """A message that came to our number."""

    reference: str
    sender: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HeardText:
    """What a signed callback says: how a message fares, or that one came."""

    reference: str = ""
    status: TextStatus | None = None
    received: ReceivedText | None = None


class TwilioTexts:
    """One number's messages, out and in."""

    def __init__(self, account: TwilioAccount) -> None:
        from outbound.carriers.cloud_http import CloudHttp  # only where messages are sent: it takes a tenth of a start

        self._account = account
        self._http = CloudHttp(account.url)
        self._path = f"/2010-04-01/Accounts/{account.account_sid}/Messages"

    async def submit(self, body: str, to: str) -> Outcome:
        """Hand over one message, once. The caller has committed that it does."""
        fields = {"To": to, "From": self._account.from_number, "Body": body}
        if self._account.callback_url:
            fields["StatusCallback"] = self._account.callback_url
        try:
            told = await self._ask("POST", f"{self._path}.json", fields)
        except CarrierUnreachable as error:
            return Deferred(str(error))
        except CarrierBusy as error:
            return Deferred(str(error), error.retry_after_s)
        except TextRefused as error:
            return Refused(error.cause)
        except CarrierRefused as error:
            return Refused(str(error))
        except CarrierTrouble as error:
            return Unknown(str(error))
        sid = str(told.get("sid", "")) if isinstance(told, dict) else ""
        return Accepted(sid) if sid.startswith(("SM", "MM")) else Unknown("Twilio's answer names no message")

    async def status(self, reference: str) -> TextStatus:
        """Where a message is now. Raises CarrierTrouble."""
        return _status(await self._ask("GET", f"{self._path}/{reference}.json", {}))

    async def find(self, body: str, to: str, since: datetime) -> str | None:
        """The reference of a message with these words that was handed over since then. Raises CarrierTrouble."""
        day = (since - _CLOCKS_APART).astimezone(UTC).strftime("%Y-%m-%d")
        fields = {"To": to, "From": self._account.from_number, "DateSent>": day, "PageSize": str(_MOST_LISTED)}
        for one in _messages(await self._ask("GET", f"{self._path}.json", fields)):
            made = _time(one.get("date_created"))
            if one.get("body") == body and (made is None or made >= since - _CLOCKS_APART):
                return str(one.get("sid", "")) or None
        return None

    async def received(self, since: datetime) -> list[ReceivedText]:
        """Messages that came to our number since a day, oldest first. Raises CarrierTrouble."""
        day = since.astimezone(UTC).strftime("%Y-%m-%d")
        fields = {"To": self._account.from_number, "DateSent>": day, "PageSize": str(_MOST_LISTED)}
        found = _messages(await self._ask("GET", f"{self._path}.json", fields))
        inbound = [one for one in found if one.get("direction") == "inbound"]
        return [
            ReceivedText(
                str(one.get("sid", "")),
                str(one.get("from", "")),
                str(one.get("body", "")),
                _time(one.get("date_sent")) or since,
            )
            for one in reversed(inbound)
        ]

    def hear(self, callback: Callback, now: datetime) -> HeardText | None:
        """A callback's meaning; None if it is not signed with the account's token."""
        fields = self._signed_fields(callback)
        if fields is None:
            return None
        sid = fields.get("MessageSid") or fields.get("SmsSid") or ""
        if status := fields.get("MessageStatus") or "":
            return HeardText(sid, _status({"status": status, "error_code": fields.get("ErrorCode")}))
        if not sid or fields.get("To") != self._account.from_number:
            return HeardText()
        return HeardText(received=ReceivedText(sid, fields.get("From", ""), fields.get("Body", ""), now))

    def _signed_fields(self, callback: Callback) -> Mapping[str, str] | None:
        from twilio.request_validator import RequestValidator

        signature = callback.headers.get("x-twilio-signature", "")
        try:
            pairs = parse_qsl(callback.body.decode("utf-8"), keep_blank_values=True, max_num_fields=100)
        except ValueError:
            return None
        fields = dict(pairs)
        is_plain = bool(signature) and len(fields) == len(pairs)
        holds = is_plain and RequestValidator(self._account.auth_token).validate(callback.url, fields, signature)
        return fields if holds else None

    async def _ask(self, method: Literal["GET", "POST"], path: str, fields: dict[str, str]) -> Any:
        self._http.check_quiet()
        status, text, retry_after = await asyncio.to_thread(
            request,
            (self._account.account_sid, self._account.auth_token),
            method,
            self._http.base_url + path,
            fields,
            _TIMEOUT_S,
        )
        if status == 400 and (code := _code(text)):
            raise TextRefused(TextStatus(TextFate.FAILED, code))
        if (trouble := self._http.trouble(status, retry_after)) is not None:
            raise trouble
        try:
            return json.loads(text)
        except ValueError as error:
            raise CarrierSilent("Twilio's answer is not JSON") from error


class TextRefused(CarrierRefused):
    """Twilio says no to this message or receiver, with a code of its own."""

    def __init__(self, status: TextStatus) -> None:
        super().__init__(status.cause, 400)
        self.code = status.code
        self.cause = f"{status.code}: {status.cause}"


def _code(text: str) -> str:
    try:
        told = json.loads(text)
    except ValueError:
        return ""
    return str(told.get("code") or "") if isinstance(told, dict) else ""


def _status(told: Any) -> TextStatus:
    if not isinstance(told, dict):
        return TextStatus(TextFate.ON_ITS_WAY)
    code = told.get("error_code")
    return TextStatus(_FATES.get(str(told.get("status", "")), TextFate.ON_ITS_WAY), str(code) if code else "")


def _messages(told: Any) -> list[dict[str, Any]]:
    """Newest first, as Twilio lists them."""
    found = told.get("messages") if isinstance(told, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _time(told: object) -> datetime | None:
    """RFC 2822, as Twilio writes times."""
    try:
        at = email.utils.parsedate_to_datetime(str(told))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
