"""Reports for managers: open loops, turnaround, volume, the closed-loop measure, each also as CSV.

Lists of referrals behind a number are patients' data: they are pages of their own, so that the audit log has them.
"""

import asyncio
from collections.abc import Callable
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from fastapi.responses import HTMLResponse

from gateway.domain.person import Role
from gateway.errors import NotFound, NotSaid
from gateway.services.reports.closed_loop import listed
from gateway.services.reports.questions import By, Loop, Milestone, Which
from gateway.services.reports.reports import Reports
from gateway.services.reports.sheet import Sheet
from gateway.web.house import House
from gateway.web.rendering import Rendering
from gateway.web.report_charts import of_closed_loop, of_open_loops, of_turnaround, of_volume
from gateway.web.report_words import BEHIND, HEADS, Said
from gateway.web.visitor import needing

T = TypeVar("T")
_ROWS = 200  # on a page; the CSV has all
_LARGEST_LIST_BYTES = 8 << 20


def report_routes(reports: Reports, house: House, rendering: Rendering) -> APIRouter:
    """`/reports/…`."""
    routes = APIRouter(dependencies=[Depends(needing(Role.MANAGER))])
    for add in (_add_open_loops, _add_turnaround, _add_volume, _add_closed_loop):
        add(routes, reports, house, rendering)

    @routes.get("/reports")
    async def every(request: Request) -> HTMLResponse:
        return rendering.page(request, "reports.html")

    return routes


def _add_open_loops(routes: APIRouter, reports: Reports, house: House, rendering: Rendering) -> None:
    @routes.get("/reports/open-loops")
    async def open_loops(request: Request, day: str = "") -> Response:
        report, fault = await _asked(lambda: reports.open_loops.report(day, _ROWS), reports.open_loops.report)
        return rendering.page(
            request, "report_open_loops.html", report=report, chart=of_open_loops(report), said=Said(house.zone),
            fault=fault, day=report.day.isoformat(), query=urlencode({"day": day} if day else {}),
        )  # fmt: skip

    @routes.get("/reports/open-loops.csv")
    async def open_loops_csv(day: str = "") -> Response:
        return await _csv(lambda: reports.open_loops.report(day).sheet, house)


def _add_turnaround(routes: APIRouter, reports: Reports, house: House, rendering: Rendering) -> None:
    ask = reports.turnaround

    @routes.get("/reports/turnaround")
    async def turnaround(request: Request, since: str = "", until: str = "", by: By = By.SPECIALIST) -> Response:
        report, fault = await _asked(lambda: ask.report(since, until, by), lambda: ask.report(by=by))
        return rendering.page(
            request, "report_turnaround.html", report=report, chart=of_turnaround(report), fault=fault, heads=HEADS,
            milestones=list(Milestone), groups=list(By), said=Said(house.zone), rows=report.rows[:_ROWS],
            query=_query(report.period.first, report.period.last),
        )  # fmt: skip

    @routes.get("/reports/turnaround.csv")
    async def turnaround_csv(since: str = "", until: str = "", by: By = By.SPECIALIST) -> Response:
        return await _csv(lambda: ask.report(since, until, by).sheet, house)

    @routes.get("/reports/turnaround/referrals")
    async def behind(request: Request, of: str, since: str = "", until: str = "", by: By = By.SPECIALIST) -> Response:
        period, loops = await asyncio.to_thread(ask.behind, since, until, by, of, _ROWS)
        back = f"/reports/turnaround?{_query(period.first, period.last)}&by={by.value}"
        title = f"Sent {period}: one {by.value}"
        return _list_page(request, rendering, house, loops, title=title, back=back, csv="")


def _add_volume(routes: APIRouter, reports: Reports, house: House, rendering: Rendering) -> None:
    ask = reports.volume

    @routes.get("/reports/volume")
    async def volume(request: Request, since: str = "", until: str = "", per: str = "") -> Response:
        report, fault = await _asked(lambda: ask.report(since, until, per), ask.report)
        return rendering.page(
            request, "report_volume.html", report=report, charts=of_volume(report), fault=fault,
            said=Said(house.zone), query=_query(report.period.first, report.period.last),
        )  # fmt: skip

    @routes.get("/reports/volume.csv")
    async def volume_csv(since: str = "", until: str = "", per: str = "") -> Response:
        return await _csv(lambda: ask.report(since, until, per).sheet, house)


def _add_closed_loop(routes: APIRouter, reports: Reports, house: House, rendering: Rendering) -> None:
    ask = reports.closed_loop

    async def page(request: Request, since: str, until: str, visits: bytes | None) -> Response:
        report, fault = await _asked(lambda: ask.report(since, until, visits), ask.report)
        return rendering.page(
            request, "report_closed_loop.html", 422 if fault and visits is not None else 200, report=report,
            chart=of_closed_loop(report), fault=fault, said=Said(house.zone), behind=BEHIND,
            query=_query(report.period.first, report.period.last),
        )  # fmt: skip

    @routes.get("/reports/closed-loop")
    async def closed_loop(request: Request, since: str = "", until: str = "") -> Response:
        return await page(request, since, until, None)

    @routes.post("/reports/closed-loop")
    async def with_visits(
        request: Request,
        visits: Annotated[UploadFile | str, File()] = "",
        since: Annotated[str, Form()] = "",
        until: Annotated[str, Form()] = "",
    ) -> Response:
        is_chosen = not isinstance(visits, str)
        return await page(request, since, until, await visits.read(_LARGEST_LIST_BYTES) if is_chosen else b"")

    @routes.get("/reports/closed-loop.csv")
    async def closed_loop_csv(since: str = "", until: str = "") -> Response:
        return await _csv(lambda: ask.report(since, until).sheet, house)

    @routes.get("/reports/closed-loop/{which}.csv")
    async def behind_csv(which: str, since: str = "", until: str = "") -> Response:
        def sheet() -> Sheet:
            period, loops = ask.behind(since, until, _which(which))
            return listed(f"closed-loop-{which}-{period.first}-{period.last}", loops)

        return await _csv(sheet, house)

    @routes.get("/reports/closed-loop/{which}")
    async def behind(request: Request, which: str, since: str = "", until: str = "") -> Response:
        period, loops = await asyncio.to_thread(ask.behind, since, until, _which(which), _ROWS)
        query = _query(period.first, period.last)
        title = f"{BEHIND[_which(which)]}, {period}"
        csv = f"/reports/closed-loop/{which}.csv?{query}"
        return _list_page(request, rendering, house, loops, title=title, back=f"/reports/closed-loop?{query}", csv=csv)


def _list_page(
    request: Request, rendering: Rendering, house: House, loops: list[Loop], *, title: str, back: str, csv: str
) -> HTMLResponse:
    return rendering.page(
        request, "report_referrals.html", title=title, loops=loops, back=back, csv=csv, said=Said(house.zone),
        is_cut=len(loops) == _ROWS,
    )  # fmt: skip


async def _asked(ask: Callable[[], T], otherwise: Callable[[], T]) -> tuple[T, str]:
    """The report as asked for, or the usual one and what was wrong with the question."""
    try:
        return await asyncio.to_thread(ask), ""
    except NotSaid as error:
        return await asyncio.to_thread(otherwise), str(error)


async def _csv(ask: Callable[[], Sheet], house: House) -> Response:
    sheet = await asyncio.to_thread(ask)
    headers = {"Content-Disposition": f'attachment; filename="{sheet.name}.csv"'}
    return Response(sheet.csv(house.zone), media_type="text/csv; charset=utf-8", headers=headers)


def _query(first: object, last: object) -> str:
    return urlencode({"since": str(first), "until": str(last)})


def _which(text: str) -> Which:
    if text not in list(Which):
        raise NotFound("there is no such list: go back to the report")
    return Which(text)
