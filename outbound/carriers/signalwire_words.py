"""What SignalWire says of a fax, and what it means: fields of its compatible API and callbacks, states, error texts."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from outbound.carriers.carrier_time import CarrierTime
from outbound.errors import CarrierSilent
from outbound.sender import Cause, DeliveryState, DeliveryStatus, Price

_STATES = {
    "queued": DeliveryState.QUEUED,
    "processing": DeliveryState.QUEUED,
    "sending": DeliveryState.SENDING,
    "delivered": DeliveryState.DELIVERED,
    "no-answer": DeliveryState.FAILED,
    "busy": DeliveryState.FAILED,
    "failed": DeliveryState.FAILED,
    "canceled": DeliveryState.CANCELLED,
}
_BY_STATUS = {"no-answer": Cause.NO_ANSWER, "busy": Cause.BUSY}
_BY_TEXT = (
    ("connection failed", Cause.NO_ANSWER),
    ("far end cannot receive", Cause.REJECTED),
    ("fax transmission not established", Cause.NOT_A_FAX),
    ("waiting for initial communication", Cause.NOT_A_FAX),
    ("invalid number", Cause.WRONG_NUMBER),
    ("not a valid", Cause.WRONG_NUMBER),
    ("document", Cause.OTHER),
    ("log entry", Cause.OTHER),
    ("disconnected after permitted retries", Cause.LINE),
    ("failed to train", Cause.LINE),
    ("invalid ecm", Cause.LINE),
    ("no response", Cause.LINE),
    ("dcn", Cause.LINE),
    ("dcm after", Cause.LINE),  # so spelled in SignalWire's list
    ("dropped prematurely", Cause.LINE),
    ("hdlc", Cause.LINE),
    ("unexpected message", Cause.LINE),
)
"""SignalWire's common error texts, as far as they decide what is done."""


class SignalWireFax(BaseModel):
    """A fax, sent or received."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    sid: str = ""
    direction: str = ""
    sender: str = Field(default="", alias="from")
    to: str = ""
    status: str = ""
    num_pages: int | None = None
    media_url: str = ""
    price: str = ""
    price_unit: str = ""
    error_message: str = ""
    date_created: CarrierTime | None = None
    date_updated: CarrierTime | None = None

    @field_validator(
        "direction", "sender", "to", "status", "media_url", "price", "price_unit", "error_message", mode="before"
    )
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return "" if value is None else str(value)

    @field_validator("num_pages", mode="before")
    @classmethod
    def _no_count(cls, value: Any) -> Any:
        return value or None


class SignalWireFaxes(BaseModel):
    """One page of a list; `next_page_uri` leads to the next."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    faxes: list[SignalWireFax] = Field(default_factory=list[SignalWireFax])
    next_page_uri: str | None = None


def fax_of(answer: Any) -> SignalWireFax:
    """The fax in an answer. Raises CarrierSilent if there is none."""
    try:
        return SignalWireFax.model_validate(answer)
    except ValidationError as error:
        raise CarrierSilent("SignalWire's answer is not a fax") from error


def faxes_of(answer: Any) -> SignalWireFaxes:
    """A page of a list in an answer. Raises CarrierSilent if there is none."""
    try:
        return SignalWireFaxes.model_validate(answer)
    except ValidationError as error:
        raise CarrierSilent("SignalWire's answer is not a list of faxes") from error


def fax_told(fields: Mapping[str, str]) -> SignalWireFax:
    """The fax as a callback's form tells of it."""
    pages = fields.get("NumPages", "")
    told = {
        "sid": fields.get("FaxSid", ""),
        "from": fields.get("From", ""),
        "to": fields.get("To", ""),
        "status": fields.get("FaxStatus", fields.get("Status", "")),
        "num_pages": int(pages) if pages.isascii() and pages.isdigit() else None,
        "media_url": fields.get("MediaUrl", ""),
        "error_message": fields.get("ErrorMessage", ""),
    }
    return SignalWireFax.model_validate(told)


def status_of(fax: SignalWireFax) -> DeliveryStatus:
    """Where a sent fax is. SignalWire counts the pages of the whole fax, and only when it is delivered."""
    state = _STATES.get(fax.status, DeliveryState.SENDING)
    return DeliveryStatus(
        state=state,
        pages_confirmed=fax.num_pages if state is DeliveryState.DELIVERED else 0,
        attempts=int(state not in (DeliveryState.QUEUED, DeliveryState.CANCELLED)),
        cause=_cause(fax) if state is DeliveryState.FAILED else Cause.NONE,
        detail=(fax.error_message or fax.status)[:200] if state is DeliveryState.FAILED else "",
        price=Price(fax.price.removeprefix("-"), fax.price_unit) if fax.price else None,
    )


def _cause(fax: SignalWireFax) -> Cause:
    if known := _BY_STATUS.get(fax.status):
        return known
    text = fax.error_message.casefold()
    return next((cause for part, cause in _BY_TEXT if part in text), Cause.OTHER)
