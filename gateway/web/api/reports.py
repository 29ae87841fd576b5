"""Endpoints of reports: the numbers as JSON and as CSV, and the referrals behind them."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, HTTPException, Path, Query, Response, UploadFile
from pydantic import Field

from config.reference import format_number
from gateway.domain.token import Scope
from gateway.services.access.tokens import Bearer
from gateway.services.reports.closed_loop import LoopReport, listed
from gateway.services.reports.open_loops import OpenReport
from gateway.services.reports.questions import By, Loop, Which
from gateway.services.reports.sheet import Sheet
from gateway.services.reports.turnaround import TurnaroundReport
from gateway.services.reports.volume import VolumeReport
from gateway.web.api.bearer import may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.problems import responses
from gateway.web.api.report_models import (
    ClosedLoopOut,
    FlowOut,
    HandledOut,
    LoopCountsOut,
    LoopOut,
    OpenCountOut,
    OpenLoopsOut,
    OpenRowOut,
    QueueTimeOut,
    SpreadOut,
    TurnaroundOut,
    TurnaroundRowOut,
    VolumeOut,
)
from gateway.web.api.shapes import Day, Sent, a_time, in_utc

T = TypeVar("T")
WhichNumber = Annotated[Which, Path(description="Which of the measure's numbers.")]
Reader = Annotated[Bearer, may(Scope.REPORTS_READ)]
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
_LARGEST_LIST_BYTES = 8 << 20
_MOST_LOOPS = 5000


class OfDay(Sent):
    """At the end of which day."""

    day: Day | None = Field(default=None, description="Today if it is left out.")


class OpenLoopsWanted(OfDay):
    """Which day, and how many rows."""

    limit: int = Field(default=1000, ge=1, le=10_000, description="Rows at most; `total` counts all.")


class Span(Sent):
    """From which day to which, both included, as the clinic counts days."""

    since: Day | None = Field(default=None, description="First day; left out: the report's usual period.")
    until: Day | None = Field(default=None, description="Last day.")

    @property
    def days(self) -> tuple[str, str]:
        """As the reports take them."""
        return (self.since.isoformat() if self.since else ""), (self.until.isoformat() if self.until else "")


class Grouped(Span):
    """A period, and what its rows tell apart."""

    by: By = Field(default=By.SPECIALIST, description="What the rows tell apart.")


class OneGroup(Grouped):
    """One row of turnaround."""

    of: str = Field(min_length=1, max_length=200, description="`key` of the row.")


class Volume(Span):
    """A period, in days or weeks."""

    is_weekly: bool | None = Field(default=None, description="Left out: weeks for more than 62 days.")

    @property
    def per(self) -> str:
        """As the report takes it."""
        return "" if self.is_weekly is None else "week" if self.is_weekly else "day"


def report_endpoints(desk: ApiDesk) -> APIRouter:
    """`/reports/…`."""
    routes = APIRouter(prefix="/reports", tags=["reports"], responses=responses(422))
    for add in (_add_open_loops, _add_turnaround, _add_volume, _add_closed_loop):
        add(routes, desk)
    return routes


def _add_open_loops(routes: APIRouter, desk: ApiDesk) -> None:
    ask = desk.reports.open_loops

    @routes.get("/open-loops", summary="Every loop that is not closed, and why")
    async def open_loops(caller: Reader, asked: Annotated[OpenLoopsWanted, Query()]) -> OpenLoopsOut:
        """The longest waiting first."""
        del caller
        return _open_loops(await asyncio.to_thread(ask.report, _day(asked), asked.limit))

    @routes.get("/open-loops.csv", summary="The same as CSV", response_class=Response, responses=_CSV)
    async def as_csv(caller: Reader, asked: Annotated[OfDay, Query()]) -> Response:
        """All of them; times in the clinic's zone."""
        del caller
        return await _csv(desk, lambda: ask.report(_day(asked)).sheet)


def _add_turnaround(routes: APIRouter, desk: ApiDesk) -> None:
    ask = desk.reports.turnaround

    @routes.get("/turnaround", summary="How long offices take")
    async def turnaround(caller: Reader, asked: Annotated[Grouped, Query()]) -> TurnaroundOut:
        """Of referrals first sent in the period; the last 90 days unless told."""
        del caller
        return _turnaround(await asyncio.to_thread(ask.report, *asked.days, asked.by))

    @routes.get("/turnaround.csv", summary="The same as CSV", response_class=Response, responses=_CSV)
    async def as_csv(caller: Reader, asked: Annotated[Grouped, Query()]) -> Response:
        """A row for each group."""
        del caller
        return await _csv(desk, lambda: ask.report(*asked.days, asked.by).sheet)

    @routes.get("/turnaround/referrals", summary="The referrals behind one row")
    async def behind(caller: Reader, asked: Annotated[OneGroup, Query()]) -> list[LoopOut]:
        """At most 5000."""
        del caller
        first, last = asked.days
        _, loops = await asyncio.to_thread(ask.behind, first, last, asked.by, asked.of, _MOST_LOOPS)
        return _loops(loops)


def _add_volume(routes: APIRouter, desk: ApiDesk) -> None:
    ask = desk.reports.volume

    @routes.get("/volume", summary="What came and went, and how much of it needed no person")
    async def volume(caller: Reader, asked: Annotated[Volume, Query()]) -> VolumeOut:
        """The last four weeks unless told."""
        del caller
        return _volume(await asyncio.to_thread(ask.report, *asked.days, asked.per))

    @routes.get("/volume.csv", summary="The same as CSV", response_class=Response, responses=_CSV)
    async def as_csv(caller: Reader, asked: Annotated[Volume, Query()]) -> Response:
        """A row for each number."""
        del caller
        return await _csv(desk, lambda: ask.report(*asked.days, asked.per).sheet)


def _add_closed_loop(routes: APIRouter, desk: ApiDesk) -> None:
    ask = desk.reports.closed_loop

    @routes.get("/closed-loop", summary="The closed-loop measure CMS50v14")
    async def closed_loop(caller: Reader, asked: Annotated[Span, Query()]) -> ClosedLoopOut:
        """Of the running calendar year unless told; both days in one year."""
        del caller
        return _closed_loop(await asyncio.to_thread(ask.report, *asked.days))

    @routes.post("/closed-loop", summary="The measure over those who had a qualifying visit", responses=responses(413))
    async def with_visits(caller: Reader, visits: UploadFile, asked: Annotated[Span, Query()]) -> ClosedLoopOut:
        """`visits` is a CSV with the columns mrn and date; it is read and kept nowhere."""
        del caller
        data = await visits.read(_LARGEST_LIST_BYTES + 1)
        if len(data) > _LARGEST_LIST_BYTES:
            raise HTTPException(422, f"visits: is larger than {_LARGEST_LIST_BYTES >> 20} MiB: send the period's alone")
        return _closed_loop(await asyncio.to_thread(ask.report, *asked.days, data))

    @routes.get("/closed-loop.csv", summary="The measure as CSV", response_class=Response, responses=_CSV)
    async def as_csv(caller: Reader, asked: Annotated[Span, Query()]) -> Response:
        """A row for each number."""
        del caller
        return await _csv(desk, lambda: ask.report(*asked.days).sheet)

    @routes.get("/closed-loop/{which}.csv", summary="All of them as CSV", response_class=Response, responses=_CSV)
    async def behind_csv(which: WhichNumber, caller: Reader, asked: Annotated[Span, Query()]) -> Response:
        """A row for each referral."""
        del caller

        def sheet() -> Sheet:
            period, loops = ask.behind(*asked.days, which)
            return listed(f"closed-loop-{which}-{period.first}-{period.last}", loops)

        return await _csv(desk, sheet)

    @routes.get("/closed-loop/{which}", summary="The referrals behind one number")
    async def behind(which: WhichNumber, caller: Reader, asked: Annotated[Span, Query()]) -> list[LoopOut]:
        """At most 5000."""
        del caller
        _, loops = await asyncio.to_thread(ask.behind, *asked.days, which, _MOST_LOOPS)
        return _loops(loops)


def _day(asked: OfDay) -> str:
    return asked.day.isoformat() if asked.day else ""


async def _csv(desk: ApiDesk, ask: Callable[[], Sheet]) -> Response:
    sheet = await asyncio.to_thread(ask)
    headers = {"Content-Disposition": f'attachment; filename="{sheet.name}.csv"'}
    return Response(sheet.csv(desk.zone), media_type="text/csv; charset=utf-8", headers=headers)


def _open_loops(report: OpenReport) -> OpenLoopsOut:
    rows = [
        OpenRowOut.model_validate(row).model_copy(
            update={"since": a_time(row.since), "tried_at": in_utc(row.tried_at), "next_at": in_utc(row.next_at)}
        )
        for row in report.rows
    ]
    counts = [OpenCountOut.model_validate(one) for one in report.counts]
    return OpenLoopsOut(day=report.day, is_now=report.is_now, total=report.total, counts=counts, rows=rows)


def _turnaround(report: TurnaroundReport) -> TurnaroundOut:
    rows = [
        TurnaroundRowOut(
            key=row.key,
            name=row.name,
            sent=row.sent,
            judged=row.judged,
            in_time=row.in_time,
            share=row.share,
            is_few=row.is_few,
            spreads={milestone: SpreadOut.model_validate(one) for milestone, one in row.spreads.items()},
        )
        for row in report.rows
    ]
    return TurnaroundOut(first=report.period.first, last=report.period.last, by=report.by, rows=rows)


def _volume(report: VolumeReport) -> VolumeOut:
    queue = QueueTimeOut.model_validate(report.queue)
    return VolumeOut(
        first=report.period.first,
        last=report.period.last,
        is_weekly=report.is_weekly,
        came_in=_each(FlowOut.model_validate, report.came_in),
        went_out=_each(FlowOut.model_validate, report.went_out),
        handled=_each(HandledOut.model_validate, report.handled),
        queue=queue.model_copy(update={"oldest_at": in_utc(report.queue.oldest_at)}),
        decided=report.decided,
        by_itself=report.by_itself,
        share_by_itself=report.share_by_itself,
        share_undone=report.share_undone,
    )


def _closed_loop(report: LoopReport) -> ClosedLoopOut:
    return ClosedLoopOut(
        first=report.period.first,
        last=report.period.last,
        is_whole_year=report.is_whole_year,
        is_over=report.is_over,
        counts=LoopCountsOut.model_validate(report.counts),
        rate=report.rate,
        all_rate=report.all_rate,
        has_visits=report.visits is not None,
        unmatched=report.unmatched,
    )


def _loops(loops: Iterable[Loop]) -> list[LoopOut]:
    return [
        LoopOut(
            number=format_number(loop.number),
            patient=loop.patient,
            recipient=loop.recipient,
            ordered_at=a_time(loop.ordered_at),
            status=loop.status,
            reported_at=in_utc(loop.reported_at),
            report_from=loop.report_from,
        )
        for loop in loops
    ]


def _each(told: Callable[[object], T], values: Iterable[object]) -> list[T]:
    return [told(one) for one in values]
