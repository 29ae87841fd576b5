"""Every view and every action of a visitor goes into the audit log, whatever page it is: no page can forget it."""

import asyncio
from dataclasses import dataclass

from fastapi import Request, Response

from config.reference import format_number, parse_number
from gateway.domain.audit import REFRESH, AuditEntry, AuditKind
from gateway.services.access.access import Access
from gateway.web.gate import address_of, is_by_itself
from gateway.web.hardening import Next, is_safe
from gateway.web.visitor import Visitor

_TOLD_BY_THEMSELVES = ("/static/", "/live", "/account", "/login", "/logout", "/people", "/audit.csv", "/first-run")
"""Pages without patients, and actions that write a better entry of their own."""


@dataclass(frozen=True, slots=True)
class Auditing:
    """Middleware inside the gate. An answer that cannot be recorded is not given."""

    access: Access

    async def __call__(self, request: Request, call_next: Next) -> Response:
        """The page's answer, once it is recorded."""
        response = await call_next(request)
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        kind = _kind(request, response.status_code)
        if visitor is not None and kind is not None:
            entry = self._entry(request, visitor, kind, response.status_code)
            await asyncio.to_thread(self.access.audit.record, entry)
        return response

    def _entry(self, request: Request, visitor: Visitor, kind: AuditKind, status: int) -> AuditEntry:
        named = request.path_params
        number = parse_number(str(named.get("number", "")))
        return AuditEntry(
            kind,
            self.access.clock.now(),
            visitor.name,
            address_of(request),
            path=request.url.path,
            referral=format_number(number) if number else "",
            item=_whole(named.get("item")),
            status=status,
            detail=REFRESH if is_by_itself(request) else "",
        )


def _kind(request: Request, status: int) -> AuditKind | None:
    if status == 403:
        return AuditKind.REFUSED
    if request.url.path.startswith(_TOLD_BY_THEMSELVES):
        return None
    if is_safe(request):
        return AuditKind.VIEWED if status < 400 else None
    return AuditKind.ACTED


def _whole(value: object) -> int | None:
    text = str(value)
    return int(text) if text.lstrip("-").isdigit() else None
