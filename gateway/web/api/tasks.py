"""Endpoints of tasks: what a person must do. They are ticked off on their referral."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from config.reference import format_number
from gateway.domain.token import Scope
from gateway.services.access.tokens import Bearer
from gateway.web.api.bearer import may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.paging import Cursor, Limit, Page, cursor_of, page_of, place_of
from gateway.web.api.problems import responses
from gateway.web.api.referral_models import TaskOut
from gateway.web.api.referral_views import task_out
from gateway.web.api.shapes import Sent


class Tasks(Sent):
    """How the list is narrowed."""

    with_done: bool = Field(default=False, description="Those that are done, too.")
    limit: Limit = 50
    cursor: Cursor = None


def task_endpoints(desk: ApiDesk) -> APIRouter:
    """`/tasks`."""
    routes = APIRouter(tags=["tasks"])

    @routes.get("/tasks", summary="List tasks", responses=responses(422))
    async def list_(
        caller: Annotated[Bearer, may(Scope.REFERRALS_READ)], asked: Annotated[Tasks, Query()]
    ) -> Page[TaskOut]:
        """Oldest first."""
        del caller
        return await asyncio.to_thread(_listed, desk, asked)

    return routes


def _listed(desk: ApiDesk, asked: Tasks) -> Page[TaskOut]:
    place = place_of("tasks", asked.cursor)
    with desk.store.transaction() as tx:
        found = tx.tasks_behind(place[0] if place else 0, asked.limit + 1, only_open=not asked.with_done)
        rows = [task_out(one, format_number(tx.referral(one.referral_id).number)) for one in found]
    return page_of(rows, asked.limit, cursor_of("tasks", rows[min(len(rows), asked.limit) - 1].id if rows else 0))
