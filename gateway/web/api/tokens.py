"""Endpoints of tokens. A new one's secret is told once; no repeat gets it. None may more than the one that made it."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from gateway.domain.person import Role
from gateway.domain.token import ApiToken, Scope
from gateway.services.access.tokens import LONGEST_DAYS, Bearer, Wanted
from gateway.web.api.bearer import by_of, may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.problems import responses
from gateway.web.api.shapes import Sent, Told, a_time, in_utc

Reader = Annotated[Bearer, may(Scope.TOKENS_READ)]
Writer = Annotated[Bearer, may(Scope.TOKENS_WRITE)]
Name = Annotated[str, Field(min_length=1, max_length=60, description="The token's name.", examples=["EHR bridge"])]


class TokenRow(Told):
    """One token; its secret is known to nobody."""

    name: str = Field(description="Its name, which stays its own for good.")
    prefix: str = Field(description="How its secret begins.", examples=["rl_5wQ2xk"])
    role: Role = Field(description="As it was made; it never may more than its maker may now.")
    scopes: list[Scope] = Field(description="What it may do.")
    state: Literal["in force", "expired", "revoked"] = Field(description="Whether it opens anything.")
    made_by: str = Field(description="A person, or a token with `(token)` behind its name.")
    made_at: datetime = Field(description="When.")
    expires_at: datetime = Field(description="Until when.")
    used_at: datetime | None = Field(description="When it was last used, to the minute.")
    revoked_at: datetime | None = Field(description="When it was revoked.")
    revoked_by: str = Field(description="By whom.")


class NewToken(Sent):
    """A token to make."""

    name: Name
    role: Role = Field(default=Role.STAFF, description="No higher than this token's own.")
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope), description="None that this token has not got.")
    days: int = Field(
        default=90, ge=1, le=LONGEST_DAYS, description="For how long; it ends when this token does at the latest."
    )


class NamedToken(Sent):
    """A token, named in the body as people are."""

    name: Name


class FirstTold(Told):
    """A new token and its secret."""

    token: TokenRow = Field(description="The token.")
    secret: str = Field(description="Told this once: Authorization: Bearer …", examples=["rl_5w…"])


def token_endpoints(desk: ApiDesk) -> APIRouter:
    """`/tokens`; what this request's own token may is at `/token`."""
    routes = APIRouter(prefix="/tokens", tags=["people"])
    tokens = desk.access.tokens

    @routes.get("", summary="Every token", responses=responses())
    async def every(caller: Reader) -> list[TokenRow]:
        """The newest first, also those that open nothing any more."""
        del caller
        now = desk.clock.now()
        return [_told(one, now) for one in await asyncio.to_thread(tokens.everyone)]

    @routes.post("", summary="Make a token", status_code=201, responses=responses(422))
    async def add(request: Request, response: Response, caller: Writer, wanted: NewToken) -> FirstTold:
        """Refused if one has the name: sent twice it makes one. Revoking this token revokes those it made."""
        asked = Wanted(wanted.name, wanted.role, frozenset(wanted.scopes), wanted.days)
        added, secret = await asyncio.to_thread(tokens.hand_on, caller.token, asked, by_of(request))
        response.headers["Location"] = "/api/v1/tokens"
        return FirstTold(token=_told(added, desk.clock.now()), secret=secret)

    @routes.post("/revoke", summary="Revoke a token", responses=responses(404, 422))
    async def revoke(request: Request, caller: Writer, which: NamedToken) -> TokenRow:
        """At once, with those it made; also this one. Revoked twice is revoked once."""
        del caller
        revoked = await asyncio.to_thread(tokens.revoke, which.name, by_of(request))
        return _told(revoked, desk.clock.now())

    return routes


def _told(token: ApiToken, now: datetime) -> TokenRow:
    return TokenRow(
        name=token.name,
        prefix=token.prefix,
        role=token.role,
        scopes=sorted(token.scopes),
        state=token.state(now),
        made_by=token.made_by,
        made_at=a_time(token.made_at),
        expires_at=a_time(token.expires_at),
        used_at=in_utc(token.used_at),
        revoked_at=in_utc(token.revoked_at),
        revoked_by=token.revoked_by,
    )
