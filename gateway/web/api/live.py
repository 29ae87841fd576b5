"""What changes, as it happens: the stream that keeps open pages true, for programs."""

from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Query
from fastapi.responses import StreamingResponse
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from gateway.domain.token import Scope
from gateway.services.access.tokens import Bearer, Tokens
from gateway.web.api.bearer import may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.problems import responses
from gateway.web.live import Live
from gateway.web.live_lines import HEADERS, MEDIA_TYPE, live_lines

Reader = Annotated[Bearer, may(Scope.REFERRALS_READ)]
MOST_OF_A_TOKEN = 4
MOST_OF_PROGRAMS = 50
"""Of all places there are, so that no program leaves open pages without theirs."""
_EXAMPLE = (
    'retry: 3000\nid: 41\nevent: hello\ndata: {}\n\nid: 42\nevent: changed\ndata: {"touched": ["board", "item:17"]}\n\n'
)
_EVENT = {
    "type": "object",
    "description": "Each event of the stream, by its fields.",
    "properties": {
        "event": {"type": "string", "enum": ["hello", "changed", "over"]},
        "id": {"type": "string", "pattern": "^[0-9]+$", "description": "The newest event it speaks of."},
        "retry": {"type": "integer", "description": "How long to wait before listening again, in milliseconds."},
        "data": {"type": "string", "description": 'Of changed: JSON like {"touched": ["board", "item:17"]}; else {}.'},
    },
    "required": ["event", "data"],
}
_STREAM = {200: {"content": {MEDIA_TYPE: {"schema": _EVENT, "example": _EXAMPLE}}}}
_EventId = Annotated[int, Field(ge=0, le=2**53)] | SkipJsonSchema[None]  # neither a header nor a query has a null
Seq = Annotated[_EventId, Query(description="As `Last-Event-ID`, for whoever cannot send that.")]
LastHeard = Annotated[
    _EventId,
    Header(
        alias="Last-Event-ID",
        description="The `id` that was heard last: what happened since is told first. Without it: from now on.",
    ),
]


@dataclass(frozen=True, slots=True)
class Streams:
    """Who listens, and for how long they may."""

    live: Live
    tokens: Tokens
    _of_token: Counter[int] = field(default_factory=Counter[int])

    def refuse_too_many(self, token_id: int) -> None:
        """Raises 429, 503."""
        if self._of_token[token_id] >= MOST_OF_A_TOKEN:
            told = f"this token listens {MOST_OF_A_TOKEN} times already: let one of those streams go first"
            raise HTTPException(429, told, headers={"Retry-After": "15"})
        if self.live.is_full or self._of_token.total() >= MOST_OF_PROGRAMS:
            raise HTTPException(503, "too many listen already: ask /changes from time to time")

    async def of(self, bearer: Bearer, after: int | None) -> AsyncGenerator[str, None]:
        """One stream, counted while it lasts; over once the token may no longer see referrals."""
        token_id = bearer.token.id
        self._of_token[token_id] += 1
        try:
            async for line in live_lines(self.live, after, lambda: self._is_over(token_id)):
                yield line
        finally:
            self._of_token[token_id] -= 1

    def _is_over(self, token_id: int) -> bool:
        bearer = self.tokens.now(token_id)
        return bearer is None or not bearer.may(Scope.REFERRALS_READ)


def live_endpoints(desk: ApiDesk) -> APIRouter:
    """`/live`."""
    routes = APIRouter(tags=["board"])
    streams = Streams(desk.live, desk.access.tokens)

    @routes.get(
        "/live",
        summary="What changes, as it happens",
        response_class=StreamingResponse,
        responses=_STREAM | responses(),
    )
    async def live(caller: Reader, after: Seq = None, last_heard: LastHeard = None) -> StreamingResponse:
        """Server-sent events: `hello`, then `changed` with what was touched, and `over` when the token is.

        Touched are `board`, `work`, `queue`, `referral:NUMBER`, `item:ID`, or `everything`; nothing of any patient. Ask
        for what was touched anew. Every 15 seconds comes a line at least. At most four streams a token.
        """
        streams.refuse_too_many(caller.token.id)
        seen = last_heard if last_heard is not None else after
        return StreamingResponse(streams.of(caller, seen), media_type=MEDIA_TYPE, headers=HEADERS)

    return routes
