"""Endpoints that tell how things stand: what this token may, health, and counts; nothing of any patient."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from gateway.domain.person import Role
from gateway.domain.token import Scope
from gateway.services.access.tokens import Bearer
from gateway.web.api.bearer import bearer_of, described, may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.problems import responses
from gateway.web.api.shapes import Told, a_time

Reader = Annotated[Bearer, may(Scope.FIGURES_READ)]


class TokenOut(Told):
    """The token of this request."""

    name: str = Field(description="Its name.", examples=["EHR bridge"])
    role: Role = Field(description="What its role is now; never higher than its maker's.")
    scopes: list[Scope] = Field(description="What it may do.")
    expires_at: datetime = Field(description="Until when.")


class Health(Told):
    """Whether all is well."""

    is_well: bool = Field(description="No complaints.")
    complaints: list[str] = Field(description="What is wrong.")
    heard_seconds_ago: dict[str, float] = Field(description="For each watcher, since its source last answered.")


class Figures(Told):
    """How many rows stand where."""

    at: datetime = Field(description="When it was counted.")
    counts: dict[str, int] = Field(description="Rows by table and state.", examples=[{"referrals.sent": 12}])
    oldest_waits_s: float = Field(description="How long the oldest document waits for a person, in seconds.")


def figure_endpoints(desk: ApiDesk) -> APIRouter:
    """`/token`, `/health` and `/figures`."""
    routes = APIRouter(tags=["figures"], responses=responses())
    pages = desk.referral.desk

    @routes.get("/token", summary="What this token may", dependencies=[Depends(described)])
    async def token(request: Request) -> TokenOut:
        """Any token may ask."""
        bearer = bearer_of(request)
        scopes = sorted(scope for scope in bearer.token.scopes if bearer.may(scope))
        return TokenOut(
            name=bearer.token.name, role=bearer.role, scopes=scopes, expires_at=a_time(bearer.token.expires_at)
        )

    @routes.get("/health", summary="Whether all is well")
    async def health(caller: Reader) -> Health:
        """As monitors of the machine see it."""
        del caller
        said = await pages.complaints()
        return Health(is_well=not said, complaints=said, heard_seconds_ago=dict(desk.heard_seconds_ago()))

    @routes.get("/figures", summary="Counts")
    async def figures(caller: Reader) -> Figures:
        """As Prometheus sees them."""
        del caller
        oldest = await pages.queue_age_s()
        return Figures(at=a_time(desk.clock.now()), counts=await pages.counts(), oldest_waits_s=oldest)

    return routes
