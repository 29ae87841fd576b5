"""What Telnyx says of a fax, and what it means: fields of its API v2, its events, its states and its reasons."""

import base64
import binascii
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from outbound.carriers.carrier_time import CarrierTime
from outbound.errors import CarrierSilent
from outbound.sender import Cause, DeliveryState, DeliveryStatus

_STATES = {
    "queued": DeliveryState.QUEUED,
    "media.processed": DeliveryState.QUEUED,
    "originated": DeliveryState.SENDING,
    "sending": DeliveryState.SENDING,
    "sending.started": DeliveryState.SENDING,  # so in callbacks
    "delivered": DeliveryState.DELIVERED,
    "failed": DeliveryState.FAILED,
    "canceled": DeliveryState.CANCELLED,
}
_CAUSES = {
    "user_busy": Cause.BUSY,
    "service_unavailable": Cause.BUSY,
    "connection_channel_limit_exceeded": Cause.BUSY,
    "outbound_profile_channel_limit_exceeded": Cause.BUSY,
    "user_channel_limit_exceeded": Cause.BUSY,
    "receiver_no_answer": Cause.NO_ANSWER,
    "receiver_no_response": Cause.NO_ANSWER,
    "fax_initial_communication_timeout": Cause.NOT_A_FAX,
    "carrier_lost": Cause.LINE,
    "destination_unreachable": Cause.LINE,
    "fax_signaling_error": Cause.LINE,
    "invalid_ecm_response_from_receiver": Cause.LINE,
    "receiver_call_dropped": Cause.LINE,
    "receiver_communication_error": Cause.LINE,
    "receiver_recovery_on_timer_expire": Cause.LINE,
    "sender_call_dropped": Cause.LINE,
    "sender_communication_error": Cause.LINE,
    "destination_invalid": Cause.WRONG_NUMBER,
    "receiver_invalid_number_format": Cause.WRONG_NUMBER,
    "receiver_unallocated_number": Cause.WRONG_NUMBER,
    "receiver_decline": Cause.REJECTED,
    "receiver_incompatible_destination": Cause.REJECTED,
}
"""Further reasons are ours to mend: the account, the profile, the file."""


class _Telnyx(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Said(_Telnyx):
    """What an event's payload and a fax have in common."""

    direction: str = ""
    sender: str = Field(default="", alias="from")
    to: str = ""
    status: str = ""
    page_count: int | None = None
    partial_content: bool = False
    failure_reason: str = ""
    client_state: str = ""

    @field_validator("sender", "to", "status", "failure_reason", "client_state", "direction", mode="before")
    @classmethod
    def _none_is_empty(cls, value: Any) -> Any:
        return "" if value is None else value

    @property
    def key(self) -> str:
        """Our key, out of the client state; empty if it is none of ours."""
        try:
            return base64.b64decode(self.client_state, validate=True).decode("ascii")
        except (binascii.Error, UnicodeDecodeError):
            return ""


class TelnyxFax(_Said):
    """A fax, sent or received."""

    id: str = ""
    media_url: str | list[str] | None = None
    stored_media_url: str | None = None
    created_at: CarrierTime | None = None
    updated_at: CarrierTime | None = None

    @property
    def media(self) -> str:
        """Where a received fax's pages are, for ten minutes."""
        return self.media_url if isinstance(self.media_url, str) else self.stored_media_url or ""


class _Payload(_Said):
    fax_id: str = ""
    caller_id: str = ""


class TelnyxEvent(_Telnyx):
    """One callback. `payload.status` may be missing where `event_type` says it."""

    event_type: str = ""
    payload: _Payload = Field(default_factory=_Payload)

    def as_fax(self) -> TelnyxFax:
        """The fax as this event shows it."""
        status = self.payload.status or self.event_type.removeprefix("fax.")
        said = self.payload
        return TelnyxFax(id=said.fax_id, status=status, page_count=said.page_count, failure_reason=said.failure_reason)


class _Event(_Telnyx):
    data: TelnyxEvent


class _One(_Telnyx):
    data: TelnyxFax


class _Meta(_Telnyx):
    total_pages: int = 1


class TelnyxFaxes(_Telnyx):
    """One page of a list."""

    data: list[TelnyxFax] = Field(default_factory=list[TelnyxFax])
    meta: _Meta = Field(default_factory=_Meta)


def fax_of(answer: Any) -> TelnyxFax:
    """The fax in an answer. Raises CarrierSilent if there is none."""
    try:
        return _One.model_validate(answer).data
    except ValidationError as error:
        raise CarrierSilent("Telnyx's answer is not a fax") from error


def faxes_of(answer: Any) -> TelnyxFaxes:
    """A page of a list in an answer. Raises CarrierSilent if there is none."""
    try:
        return TelnyxFaxes.model_validate(answer)
    except ValidationError as error:
        raise CarrierSilent("Telnyx's answer is not a list of faxes") from error


def event_of(body: bytes) -> TelnyxEvent | None:
    """The event in a callback's body; None if it is something else."""
    try:
        return _Event.model_validate_json(body).data
    except ValidationError:
        return None


def status_of(fax: TelnyxFax) -> DeliveryStatus:
    """Where a sent fax is. Telnyx counts pages in its callbacks only."""
    state = _STATES.get(fax.status, DeliveryState.SENDING)
    if fax.failure_reason == "sender_canceled":
        state = DeliveryState.CANCELLED
    return DeliveryStatus(
        state=state,
        pages_confirmed=fax.page_count if state is DeliveryState.DELIVERED else 0,
        attempts=int(state not in (DeliveryState.QUEUED, DeliveryState.CANCELLED)),
        cause=_CAUSES.get(fax.failure_reason, Cause.OTHER) if state is DeliveryState.FAILED else Cause.NONE,
        detail=fax.failure_reason[:200],
    )
