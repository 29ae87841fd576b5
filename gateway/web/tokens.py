"""The page of tokens for programs: administrators make them, see when they were used, and revoke them."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from gateway.domain.person import Role
from gateway.domain.token import ApiToken, Scope
from gateway.errors import PersonRefused
from gateway.services.access.access import Access
from gateway.web.gate import by_of, guest_of
from gateway.web.house import House
from gateway.web.rendering import Rendering
from gateway.web.visitor import needing

Text = Annotated[str, Form()]
_DAYS = (30, 90, 180, 365)
_ABOUT = {
    Scope.REFERRALS_READ: "see referrals, their packets, the board and the work list",
    Scope.REFERRALS_WRITE: "draft, open, send, pause, cancel and close referrals; do what the work list asks",
    Scope.DOCUMENTS_READ: "see documents, their pages and what was read",
    Scope.DOCUMENTS_SETTLE: "bring documents in, file them, mark and rearrange them",
    Scope.DIRECTORY_READ: "see the directory",
    Scope.DIRECTORY_WRITE: "add and change offices",
    Scope.DIRECTORY_MERGE: "make two offices one, and part them again",
    Scope.FIGURES_READ: "see health and counts",
    Scope.REPORTS_READ: "see reports, with the referrals behind each number",
    Scope.AUDIT_READ: "read and save the audit log",
    Scope.PEOPLE_READ: "see who has an account",
    Scope.PEOPLE_WRITE: "add people, give roles and passwords, shut out",
    Scope.TOKENS_READ: "see which tokens there are",
    Scope.TOKENS_WRITE: "make tokens that may no more than itself, and revoke any",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One token as the page shows it; times in the clinic's zone."""

    name: str
    prefix: str
    role: str
    scopes: tuple[str, ...]
    made: str
    used: str
    until: str
    state: str


@dataclass(slots=True)
class Wanted:
    """The form of a new token."""

    name: Text = ""
    role: Annotated[Role, Form()] = Role.STAFF
    days: Annotated[int, Form()] = 90
    scope: Annotated[list[Scope] | None, Form()] = None


def token_routes(access: Access, house: House, rendering: Rendering) -> APIRouter:
    """`/people/tokens` and its forms; a token is named in the form, not in the URL."""
    routes = APIRouter(prefix="/people/tokens", dependencies=[Depends(needing(Role.ADMINISTRATOR))])
    page = _Page(access, house, rendering)

    @routes.get("")
    async def tokens(request: Request) -> Response:
        return await page.shown(request, Wanted())

    @routes.post("")
    async def add(request: Request, wanted: Annotated[Wanted, Depends()]) -> Response:
        by, maker = by_of(request), guest_of(request).person.id
        try:
            token, secret = await asyncio.to_thread(
                lambda: access.tokens.add(wanted.name, wanted.role, wanted.scope or (), wanted.days, by, maker_id=maker)
            )
        except PersonRefused as fault:
            return await page.shown(request, wanted, fault=str(fault))
        return await page.shown(request, Wanted(), told=(token.name, secret))

    @routes.post("/revoke")
    async def revoke(request: Request, name: Text) -> Response:
        await asyncio.to_thread(access.tokens.revoke, name, by_of(request))
        return RedirectResponse("/people/tokens", status_code=303)

    return routes


@dataclass(frozen=True, slots=True)
class _Page:
    access: Access
    house: House
    rendering: Rendering

    async def shown(
        self, request: Request, wanted: Wanted, *, fault: str = "", told: tuple[str, str] | None = None
    ) -> Response:
        """All tokens; with why none was made and what was typed, or with a name and its secret, this once."""
        rows = [self._row(token) for token in await asyncio.to_thread(self.access.tokens.everyone)]
        values: dict[str, object] = {
            "tokens": rows,
            "wanted": wanted,
            "roles": list(Role),
            "scopes": [
                (scope.value, _ABOUT[scope], scope.needs.value, scope in (wanted.scope or ())) for scope in Scope
            ],
            "days": _DAYS,
            "fault": fault,
            "told": told,
        }
        return self.rendering.page(request, "tokens.html", 400 if fault else 200, **values)

    def _row(self, token: ApiToken) -> Row:
        zone = self.house.zone
        return Row(
            name=token.name,
            prefix=token.prefix,
            role=token.role.value,
            scopes=tuple(sorted(token.scopes)),
            made=f"{token.made_at.astimezone(zone):%Y-%m-%d} by {token.made_by}",
            used=f"{token.used_at.astimezone(zone):%Y-%m-%d %H:%M}" if token.used_at else "never",
            until=f"{token.expires_at.astimezone(zone):%Y-%m-%d}",
            state=token.state(self.access.clock.now()),
        )
