"""The gate of the API: a token in every request, no more requests a minute than allowed, each in the audit log."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Annotated, cast

from fastapi import Depends, HTTPException, Request, Response, Security
from fastapi.security import HTTPBearer

from config.reference import format_number, parse_number
from gateway.domain.audit import AuditEntry, AuditKind
from gateway.domain.token import Scope
from gateway.services.access.access import Access
from gateway.services.access.accounts import By
from gateway.services.access.log_in import Shut
from gateway.services.access.tokens import Bearer
from gateway.web.api.problems import problem
from gateway.web.gate import address_of
from gateway.web.hardening import Next, is_safe

_OPEN = ("/openapi.json", "/docs")
_MOST_BYTES = 60 * 2**20
_SAYS = {"WWW-Authenticate": 'Bearer realm="Referloop"'}
described = HTTPBearer(
    auto_error=False, scheme_name="token", description="A token that an administrator made: Authorization: Bearer rl_…"
)


@dataclass(slots=True)
class Pace:
    """How many requests a token has left: a bucket of a minute's worth that fills all the time."""

    per_minute: int
    _left: dict[int, tuple[float, datetime]] = field(default_factory=dict[int, tuple[float, datetime]])

    def wait_s(self, token_id: int, now: datetime) -> float:
        """Take one; else how many seconds until there is one."""
        left, at = self._left.get(token_id, (float(self.per_minute), now))
        a_second = self.per_minute / 60
        left = min(float(self.per_minute), left + max(0.0, (now - at).total_seconds()) * a_second)
        if left < 1:
            return (1 - left) / a_second
        self._left[token_id] = (left - 1, now)
        return 0.0


@dataclass(frozen=True, slots=True)
class ApiGate:
    """Middleware around the whole API. A cookie opens nothing here."""

    access: Access
    pace: Pace

    async def __call__(self, request: Request, call_next: Next) -> Response:
        """The answer, once it is recorded; an answer that cannot be recorded is not given."""
        if path_of(request) in _OPEN and is_safe(request):
            return await call_next(request)
        bearer = await self._bearer(request)
        if isinstance(bearer, Response):
            return bearer
        request.state.bearer = bearer
        now = self.access.clock.now()
        if wait_s := self.pace.wait_s(bearer.token.id, now):
            told = f"this token may ask {self.pace.per_minute} times a minute: wait, then send it again"
            response: Response = problem(429, told, headers={"Retry-After": str(ceil(wait_s))})
        elif _is_too_long(request):
            response = problem(413, f"at most {_MOST_BYTES >> 20} MiB may be sent, with their Content-Length")
        else:
            response = await call_next(request)
        await asyncio.to_thread(self.access.audit.record, self._entry(request, bearer, response.status_code))
        return response

    async def _bearer(self, request: Request) -> Bearer | Response:
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not secret.strip():
            told = "send a token: Authorization: Bearer rl_…; an administrator makes one on the page Tokens"
            return problem(401, told, headers=_SAYS)
        found = await asyncio.to_thread(self.access.tokens.bearer, secret.strip(), address_of(request))
        if isinstance(found, Bearer):
            return found
        if isinstance(found, Shut):
            wait_s = ceil((found.until - self.access.clock.now()).total_seconds())
            told = "too many wrong tokens came from this address: wait, then send a right one"
            return problem(429, told, headers={"Retry-After": str(max(1, wait_s))})
        says = {"WWW-Authenticate": f'{_SAYS["WWW-Authenticate"]}, error="invalid_token"'}
        return problem(401, "this token is wrong, expired or revoked: ask an administrator for a new one", headers=says)

    def _entry(self, request: Request, bearer: Bearer, status: int) -> AuditEntry:
        named = request.path_params
        number = parse_number(str(named.get("number", "")))
        item = str(named.get("item", ""))
        asks = is_safe(request) or path_of(request).endswith("/search")
        kind = AuditKind.REFUSED if status == 403 else AuditKind.VIEWED if asks else AuditKind.ACTED
        return AuditEntry(
            kind,
            self.access.clock.now(),
            bearer.token.actor,
            address_of(request),
            path=request.url.path[:300],
            referral=format_number(number) if number else "",
            item=int(item) if item.lstrip("-").isascii() and item.lstrip("-").isdigit() and len(item) < 18 else None,
            status=status,
        )


def path_of(request: Request) -> str:
    """The path below where the API is mounted."""
    return request.url.path.removeprefix(request.scope.get("root_path", ""))


def bearer_of(request: Request) -> Bearer:
    """Whose request it is; the gate lets none through without."""
    return cast("Bearer", request.state.bearer)


def by_of(request: Request) -> By:
    """The token and its address, as the audit log names them."""
    return By(bearer_of(request).token.actor, address_of(request))


def needing(scope: Scope) -> Callable[[Request, object], Bearer]:
    """A dependency that refuses with 403 a token without this scope."""

    def allowed(request: Request, _: Annotated[object, Security(described, scopes=[scope.value])]) -> Bearer:
        bearer = bearer_of(request)
        if not bearer.may(scope):
            says = {"WWW-Authenticate": f'{_SAYS["WWW-Authenticate"]}, error="insufficient_scope", scope="{scope}"'}
            told = f"this token has not the scope {scope}, or its role no longer allows it: ask for one that has"
            raise HTTPException(403, told, headers=says)
        return bearer

    return allowed


def _is_too_long(request: Request) -> bool:
    if is_safe(request):
        return False
    length = request.headers.get("content-length", "0" if "transfer-encoding" not in request.headers else "")
    return not (length.isascii() and length.isdigit()) or int(length) > _MOST_BYTES


def may(scope: Scope) -> object:
    """What `needing` makes, ready to stand in an annotation of the caller."""
    return Depends(needing(scope))
