"""Pages of lists: a cursor says where the next one begins; it is opaque, and holds nothing of any patient."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Generic, TypeVar

from fastapi import HTTPException, Query
from pydantic import BaseModel, Field

T = TypeVar("T")
_DEEPEST = 10_000_000
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[
    str | None,
    Query(
        max_length=200,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="`next` of the page before; without it the list begins.",
    ),
]


class Page(BaseModel, Generic[T]):
    """Part of a list."""

    items: list[T] = Field(description="The rows, in the list's order.")
    next: str | None = Field(default=None, description="Send it as `cursor` for what follows; null at the end.")


def cursor_of(kind: str, *place: int) -> str:
    """A cursor of one kind of list."""
    return urlsafe_b64encode(":".join([kind, *map(str, place)]).encode()).decode().rstrip("=")


def place_of(kind: str, cursor: str | None, numbers: int = 1) -> tuple[int, ...] | None:
    """Where a cursor points to; None without one. Raises 422 for one of another list."""
    if cursor is None:
        return None
    try:
        told, *place = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").split(":")
        found = tuple(int(one) for one in place if len(one) < 18)
    except (ValueError, binascii.Error):
        told, found = "", ()
    if told != kind or len(found) != numbers:
        raise HTTPException(422, "this cursor is not of this list: send `next` of its page before, or none")
    return found


def offset_of(kind: str, cursor: str | None) -> int:
    """How many rows stand before a page of a list whose order moves; 0 without a cursor. Raises 422."""
    place = place_of(kind, cursor)
    return max(0, min(place[0], _DEEPEST)) if place else 0


def page_of(items: list[T], limit: int, cursor: str) -> Page[T]:
    """The first `limit` of items that were asked for with one more; `cursor` is what `next` would be."""
    return Page[T](items=items[:limit], next=cursor if len(items) > limit else None)
