"""Browsers that are let in without a log-in: a header says who asks, and the real gate sees a real stay of theirs."""

from urllib.parse import unquote

from fastapi import FastAPI, Request, Response
from starlette.middleware.base import RequestResponseEndpoint

from gateway.desk import Desk
from gateway.domain.person import Role
from gateway.services.access.accounts import By
from gateway.web.house import House

SAID = {"sec-fetch-site": "same-origin"}
"""What browsers say of a request from the pages themselves; httpx says nothing."""


def let_in_as_told(app: FastAPI, desk: Desk, roles: dict[str, Role]) -> None:
    """Whoever the header `x-visitor` or a cookie of that name says; else "front desk". All are staff unless told."""
    cookie = House.of(desk.settings, desk.rules.zone).cookie
    secrets: dict[str, str] = {}

    @app.middleware("http")
    async def let_in(request: Request, call_next: RequestResponseEndpoint) -> Response:  # pyright: ignore[reportUnusedFunction]
        name = request.headers.get("x-visitor") or unquote(request.cookies.get("x-visitor", "front desk"))
        if name not in secrets:
            secrets[name] = _stay_of(desk, name, roles.get(name, Role.STAFF))
        request.scope["headers"].append((b"cookie", f"{cookie}={secrets[name]}".encode()))
        return await call_next(request)


def _stay_of(desk: Desk, name: str, role: Role) -> str:
    access = desk.access
    access.accounts.add(name, role, "four quiet herons", By("test"), must_change=False)
    with access.accounts.store.transaction() as tx:
        person = tx.person_named(name)
        assert person is not None
        return access.stays.begin(tx, person, is_whole=True)
