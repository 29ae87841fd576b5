"""What Sinch says of a fax, and what it means: fields of its API v3, its states and its error numbers."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from outbound.carriers.carrier_time import CarrierTime
from outbound.errors import CarrierSilent
from outbound.sender import Cause, DeliveryState, DeliveryStatus, Price

_STATES = {
    "QUEUED": DeliveryState.QUEUED,
    "IN_PROGRESS": DeliveryState.SENDING,
    "COMPLETED": DeliveryState.DELIVERED,
    "FAILURE": DeliveryState.FAILED,
}
_CALL_CAUSES = {
    11: Cause.LINE,  # dropped
    15: Cause.BUSY,  # congestion
    16: Cause.NO_ANSWER,
    17: Cause.BUSY,
    19: Cause.LINE,  # hung up at once
    30: Cause.NOT_A_FAX,
    32: Cause.REJECTED,  # incompatible
    34: Cause.WRONG_NUMBER,
    43: Cause.LINE,
    49: Cause.WRONG_NUMBER,
}
_FAX_CAUSES = {
    7: Cause.REJECTED,
    13: Cause.NOT_A_FAX,
    14: Cause.NOT_A_FAX,
    25: Cause.REJECTED,
    31: Cause.REJECTED,
    46: Cause.OTHER,  # no money
    48: Cause.NO_ANSWER,
    68: Cause.REJECTED,
    75: Cause.OTHER,  # cancelled by someone at Sinch's dashboard
    113: Cause.OTHER,  # the file is gone
    132: Cause.NOT_A_FAX,
    133: Cause.REJECTED,  # not permitted
}
"""Further numbers of a FAX_ERROR are trouble on the line, which passes."""


class _Sinch(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Money(_Sinch):
    amount: str | float = ""
    currencyCode: str = ""  # noqa: N815 - Sinch's name


class SinchFax(_Sinch):
    """A fax, sent or received."""

    id: str = ""
    direction: str = ""
    sender: str = Field(default="", alias="from")
    to: str = ""
    status: str = ""
    numberOfPages: int | None = None  # noqa: N815
    pagesSentSuccessfully: int | None = None  # noqa: N815
    retryCount: int = 0  # noqa: N815
    errorType: str | None = None  # noqa: N815
    errorCode: int | None = None  # noqa: N815
    errorMessage: str | None = None  # noqa: N815
    labels: dict[str, str] = Field(default_factory=dict[str, str])
    price: _Money | None = None
    hasFile: bool | None = None  # noqa: N815 - documented as true or false, sometimes as text
    createTime: CarrierTime | None = None  # noqa: N815
    completedTime: CarrierTime | None = None  # noqa: N815

    @property
    def has_pages(self) -> bool:
        """Whether it has ended and left something to fetch."""
        if self.status == "COMPLETED":
            return self.hasFile is not False
        return self.status == "FAILURE" and self.hasFile is True


class SinchFaxes(_Sinch):
    """One page of a list."""

    faxes: list[SinchFax] = Field(default_factory=list[SinchFax])
    totalPages: int = 1  # noqa: N815


def fax_of(answer: Any) -> SinchFax:
    """A fax in an answer. Raises CarrierSilent if there is none."""
    try:
        return SinchFax.model_validate(answer)
    except ValidationError as error:
        raise CarrierSilent("Sinch's answer is not a fax") from error


def faxes_of(answer: Any) -> SinchFaxes:
    """A page of a list in an answer. Raises CarrierSilent if there is none."""
    try:
        return SinchFaxes.model_validate(answer)
    except ValidationError as error:
        raise CarrierSilent("Sinch's answer is not a list of faxes") from error


def status_of(fax: SinchFax) -> DeliveryStatus:
    """Where a sent fax is. A state we do not know is one on its way: silence is noticed elsewhere."""
    state = _STATES.get(fax.status, DeliveryState.SENDING)
    return DeliveryStatus(
        state=state,
        pages_confirmed=_pages(fax, state),
        attempts=fax.retryCount + (state is not DeliveryState.QUEUED),
        cause=_cause(fax) if state is DeliveryState.FAILED else Cause.NONE,
        detail=_detail(fax) if state is DeliveryState.FAILED else "",
        price=Price(str(fax.price.amount), fax.price.currencyCode) if fax.price and fax.price.amount != "" else None,
    )


def _pages(fax: SinchFax, state: DeliveryState) -> int | None:
    """A fax that was completed without a count of pages sent has all of those it consists of."""
    if fax.pagesSentSuccessfully is not None or state is not DeliveryState.DELIVERED:
        return fax.pagesSentSuccessfully or 0
    return fax.numberOfPages


def _cause(fax: SinchFax) -> Cause:
    code = fax.errorCode or 0
    match fax.errorType:
        case "CALL_ERROR":
            return _CALL_CAUSES.get(code, Cause.OTHER)
        case "FAX_ERROR":
            return _FAX_CAUSES.get(code, Cause.LINE)
        case "LINE_ERROR":
            return Cause.LINE
        case _:
            return Cause.OTHER


def _detail(fax: SinchFax) -> str:
    told = f"{fax.errorType or 'error'} {fax.errorCode or ''}".strip()
    return f"{told}: {fax.errorMessage[:200]}" if fax.errorMessage else told
