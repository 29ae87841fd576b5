"""Versions of what is asked for: an ETag with each answer, and `If-Match` before a change.

The use cases themselves let only one of two change a row; an ETag tells the second one before it tries.
"""

import hashlib
from typing import Annotated

from fastapi import Header, HTTPException

IfMatch = Annotated[
    str,
    Header(
        max_length=200,
        description="The ETag of what you saw; if it has changed since, nothing is done (412).",
        examples=['"r4"'],
    ),
]
Seen = Annotated[
    str,
    Header(
        alias="If-Match",
        min_length=1,
        max_length=200,
        description="The ETag of the document as you saw it, from GET /documents/{item}; if it has changed since, "
        "nothing is done (412).",
        examples=['"d3f0c2"'],
    ),
]


def refuse_changed(now: str, seen: str = "") -> None:
    """Raise 412 if what was seen is no longer so; nothing is refused where nobody says what they saw."""
    if seen in ("", now):
        return
    raise HTTPException(412, "this has changed since you saw it: GET it again, look, and send the new ETag")


def etag_over(*what: object) -> str:
    """An ETag over these values."""
    return '"d' + hashlib.sha256(repr(what).encode("utf-8", "backslashreplace")).hexdigest()[:16] + '"'
