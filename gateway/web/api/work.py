"""The work list: what a person must do now, with the office's number and the words for the telephone."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from config.reference import format_number
from gateway.domain.referral import Referral
from gateway.domain.task import Task, TaskKind
from gateway.domain.token import Scope
from gateway.services.access.tokens import Bearer
from gateway.services.queue_questions import Whose
from gateway.services.work_questions import WorkFilter
from gateway.web.api.bearer import may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.paging import Cursor, Limit, Page, cursor_of, offset_of, page_of
from gateway.web.api.problems import responses
from gateway.web.api.referral_models import ReferralRow, TaskOut
from gateway.web.api.referral_views import row_of, task_out
from gateway.web.api.shapes import Sent, Told, a_time, in_utc
from gateway.web.work_desk import GROUPS, SPOKEN, Known, known_of

Reader = Annotated[Bearer, may(Scope.REFERRALS_READ)]
_SORT_OF = {kind: id_ for id_, _, _, kinds in GROUPS for kind in kinds}


class ScriptOut(Told):
    """What to say on the telephone."""

    ask_for: str = Field(description="Whom to ask for.")
    opening: str = Field(description="Who calls.")
    about: str = Field(description="Which referral.")
    patient: str = Field(description="Said only after the office has named itself.")
    needed: str = Field(description="What the clinic must know.")


class MayHaveArrived(Told):
    """A packet of which nobody knows whether it arrived."""

    destination: str = Field(description="Number or address.")
    sent_at: datetime = Field(description="When.")
    cause: str = Field(description="Why nobody knows.")


class WorkItem(Told):
    """One thing to do, with all that doing it needs."""

    task: TaskOut = Field(description="What is to be done.")
    sort: str = Field(description="Its sort on the list.", examples=["calls"])
    referral: ReferralRow = Field(description="What it is about.")
    patient_phone: str = Field(description="E.164.")
    patient_language: str = Field(description="What the patient speaks best.")
    clinician: str = Field(description="Who referred.")
    clinician_phone: str = Field(description="E.164.")
    office_phone: str = Field(description="E.164.")
    office_fax: str = Field(description="E.164.")
    last_call_at: datetime | None = Field(description="When somebody last called about it.")
    may_have_arrived: MayHaveArrived | None = Field(description="The packet to ask about.")
    script: ScriptOut | None = Field(description="The words, where the office is called.")


class WorkPage(Page[WorkItem]):
    """Part of the work list, and how much there is of each sort."""

    counts: dict[str, int] = Field(description="All there is to do, by sort.", examples=[{"calls": 4}])


class Wanted(Sent):
    """Which part of the list."""

    whose: Whose = Field(default=Whose.ALL, description="Whose referrals; mine: this token's.")
    sort: Literal["tell", "uncertain", "calls", "numbers", "information", "declined", "patients", "reports"] | None = (
        Field(default=None, description="Only of this sort.")
    )
    is_put_off: bool = Field(default=False, description="What is put off until later, instead.")
    limit: Limit = 50
    cursor: Cursor = None

    @property
    def kinds(self) -> frozenset[TaskKind]:
        """Of the tasks that are meant."""
        return frozenset(kind for kind in TaskKind if self.sort in (None, _SORT_OF[kind]))


def work_endpoints(desk: ApiDesk) -> APIRouter:
    """`/work`; what is done about it is done to its referral."""
    routes = APIRouter(tags=["work"])

    @routes.get("/work", summary="What a person must do now", responses=responses(422))
    async def work(caller: Reader, asked: Annotated[Wanted, Query()]) -> WorkPage:
        """Escalated ones first, then the oldest. It moves while it is read: read it from the beginning again."""
        return await asyncio.to_thread(_listed, desk, asked, caller.token.actor)

    return routes


def _listed(desk: ApiDesk, asked: Wanted, person: str) -> WorkPage:
    offset, now = offset_of("work", asked.cursor), desk.clock.now()
    wanted = WorkFilter(person, asked.whose, asked.kinds, is_put_off=asked.is_put_off)
    with desk.reading() as tx:
        found = tx.work(wanted, now, each=asked.limit + 1, offset=offset)
        counted = tx.work_counts(WorkFilter(person, asked.whose, is_put_off=asked.is_put_off), now)
        known = known_of(tx, [referral for _, referral in found])
    items = [_item(desk, one, known, person, now) for one in found]
    page = page_of(items, asked.limit, cursor_of("work", offset + asked.limit))
    counts = {id_: sum(counted.get(kind, 0) for kind in kinds) for id_, _, _, kinds in GROUPS}
    return WorkPage(items=page.items, next=page.next, counts=counts)


def _item(desk: ApiDesk, found: tuple[Task, Referral], known: Known, person: str, now: datetime) -> WorkItem:
    task, referral = found
    intake, office = referral.intake, known.offices[referral.intake.recipient_id]
    sent, called = known.uncertain.get(referral.id), known.called.get(referral.id)
    arrived = (
        MayHaveArrived(
            destination=sent.destination, sent_at=a_time(sent.submitted_at or sent.created_at), cause=sent.cause
        )
        if sent
        else None
    )
    script = desk.work.script(referral, office, person, now) if task.kind in SPOKEN else None
    return WorkItem(
        task=task_out(task, format_number(referral.number)),
        sort=_SORT_OF[task.kind],
        referral=row_of(referral, office.name),
        patient_phone=intake.patient.phone,
        patient_language=intake.patient.language,
        clinician=intake.clinician.name,
        clinician_phone=intake.clinician.phone,
        office_phone=office.phone,
        office_fax=office.fax,
        last_call_at=in_utc(called),
        may_have_arrived=arrived,
        script=ScriptOut.model_validate(script) if script else None,
    )
