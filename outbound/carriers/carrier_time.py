"""Times as carriers write them: ISO 8601 or as in mail, with an offset, or without one and then UTC."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator


def _from_mail(told: Any) -> Any:
    if not isinstance(told, str) or not told[:1].isalpha():
        return told
    try:
        return parsedate_to_datetime(told)
    except ValueError:
        return told


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


CarrierTime = Annotated[datetime, BeforeValidator(_from_mail), AfterValidator(_aware)]
"""An aware time in a carrier's answer."""
