"""Shapes that several groups of endpoints share: numbers, times, words."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

Time = Annotated[AwareDatetime, BeforeValidator(lambda at: at), Field(description="UTC, RFC 3339.")]


def _plain(text: str) -> str:
    if any(ord(char) < 32 and char not in "\n\r\t" for char in text):
        raise ValueError("holds control characters: send plain text")
    return text


Words = Annotated[str, AfterValidator(_plain), Field(min_length=1, max_length=2000)]
"""What a person would type into a box."""

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
