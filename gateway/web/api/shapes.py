"""Shapes that several groups of endpoints share: numbers, times, words."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Path
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _written_as(pattern: re.Pattern[str], example: str) -> Callable[[object], object]:
    """A check before pydantic's own, which would take a bare number for seconds since 1970."""

    def check(value: object) -> object:
        if (isinstance(value, str) and not pattern.fullmatch(value)) or isinstance(value, int | float):
            raise ValueError(f"must be written like {example}")
        return value

    return check


Time = Annotated[
    AwareDatetime,
    BeforeValidator(_written_as(_TIME, "2027-01-15T09:30:00-05:00")),
    Field(description="RFC 3339, with its zone."),
]
Day = Annotated[date, BeforeValidator(_written_as(_DAY, "1961-04-23")), Field(description="YYYY-MM-DD.")]

Words = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$")]
"""What a person would type into a box: no control characters."""

Number = Annotated[
    str,
    Path(
        description="The referral's printed number; hyphen, spaces and case do not matter.",
        examples=["K7QM-2P4X"],
        max_length=40,
    ),
]
Item = Annotated[
    int,
    Path(
        description="A document's id in the queue; below zero for what could not be read.",
        examples=[17],
        ge=-(2**31) + 1,
        le=2**31 - 1,
    ),
]


class Sent(BaseModel):
    """A request's body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class Told(BaseModel):
    """An answer's body."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


def in_utc(at: datetime | None) -> datetime | None:
    """The time in UTC."""
    return at.astimezone(UTC) if at else None


def a_time(at: datetime) -> datetime:
    """As `in_utc`, of a time that is there."""
    return at.astimezone(UTC)
