"""The audit log for managers: who saw and did what, narrowed down, and as CSV."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response

from config.reference import format_number, parse_number
from gateway.domain.audit import AuditKind, ChainedEntry
from gateway.domain.person import Role
from gateway.services.access.access import Access
from gateway.services.access.ports import AuditQuestion
from gateway.web.gate import by_of
from gateway.web.house import House
from gateway.web.rendering import Rendering
from gateway.web.visitor import needing

_ON_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry as the page shows it; `at` in the clinic's zone."""

    seq: int
    at: str
    actor: str
    kind: str
    referral: str
    what: str
    address: str


def audit_routes(access: Access, house: House, rendering: Rendering) -> APIRouter:
    """`/audit` and `/audit.csv`, which take the same narrowing."""
    routes = APIRouter(dependencies=[Depends(needing(Role.MANAGER))])

    @routes.get("/audit")
    async def audit(request: Request) -> Response:
        asked = request.query_params
        found = await asyncio.to_thread(access.audit.ask, _question(asked, house.zone))
        names = [person.name for person in await asyncio.to_thread(access.accounts.everybody)]
        narrowed = {name: value for name, value in asked.items() if value and name != "before"}
        older = urlencode(narrowed | {"before": found[-1].seq}) if len(found) == _ON_A_PAGE else ""
        values: dict[str, object] = {
            "rows": [_row(chained, house.zone) for chained in found],
            "asked": {name: asked.get(name, "") for name in ("who", "what", "referral", "since", "until", "refreshes")},
            "names": names,
            "kinds": list(AuditKind),
            "export": urlencode(narrowed),
            "older": older,
        }
        return rendering.page(request, "audit.html", **values)

    @routes.get("/audit.csv")
    async def export(request: Request) -> Response:
        question = _question(request.query_params, house.zone)
        text = await asyncio.to_thread(access.audit.export, question, by_of(request))
        name = f"audit-{access.clock.now().astimezone(house.zone):%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(text, media_type="text/csv; charset=utf-8", headers=headers)

    return routes


def _question(asked: Mapping[str, str], zone: ZoneInfo) -> AuditQuestion:
    number = parse_number(asked.get("referral", ""))
    until = _day(asked.get("until", ""), zone)
    before = asked.get("before", "")
    return AuditQuestion(
        actor=asked.get("who", ""),
        kind=asked.get("what", ""),
        referral=format_number(number) if number else asked.get("referral", "").strip(),
        since=_day(asked.get("since", ""), zone),
        until=until + timedelta(days=1) if until else None,
        with_refreshes=bool(asked.get("refreshes")),
        before_seq=int(before) if before.isdigit() else None,
        limit=_ON_A_PAGE,
    )


def _day(text: str, zone: ZoneInfo) -> datetime | None:
    """The day's beginning at the clinic; what is no day does not narrow."""
    try:
        return datetime.combine(date.fromisoformat(text), time(), zone)
    except ValueError:
        return None


def _row(chained: ChainedEntry, zone: ZoneInfo) -> AuditRow:
    entry = chained.entry
    answered = f"answered {entry.status}" if entry.status and entry.status >= 400 else ""
    item = f"item {entry.item}" if entry.item is not None else ""
    return AuditRow(
        seq=chained.seq,
        at=f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        actor=entry.actor,
        kind=entry.kind.value,
        referral=entry.referral,
        what=" · ".join(part for part in (entry.path, item, answered, entry.detail) if part),
        address=entry.address,
    )
