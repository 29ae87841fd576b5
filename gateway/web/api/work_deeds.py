"""What is done about a thing of the work list, and whose a referral is: the use cases behind the list's buttons."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response, UploadFile
from pydantic import Field

from gateway.domain.task import TaskKind
from gateway.domain.token import Scope
from gateway.services.access.tokens import Bearer
from gateway.services.assign_referral import AssignReferral
from gateway.services.change_referral import find
from gateway.services.log_call import CallOutcome, CallReport, LogCall
from gateway.services.redirect_referral import RedirectReferral
from gateway.services.settle_transmission import SettleTransmission
from gateway.services.snooze_task import SnoozeTask
from gateway.services.verify_number import VerifyNumber
from gateway.web.api.bearer import may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.once import ONCE, doing_once
from gateway.web.api.problems import responses
from gateway.web.api.referral_deeds import ReferralDeeds
from gateway.web.api.referral_models import ReferralOut
from gateway.web.api.shapes import Number, Sent, Time
from gateway.web.api.versions import IfMatch
from gateway.web.enclosing import kept

Writer = Annotated[Bearer, may(Scope.REFERRALS_WRITE)]
Spoken = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$")]


class CallMade(Sent):
    """What came of a call."""

    outcome: CallOutcome = Field(description="In one word; the referral moves as by the same answer on paper.")
    spoke_with: Spoken = Field(default="", description="Who answered; needed unless nobody did.")
    learned: Spoken = Field(default="", description="What they said; needed for needs_information, declined, other.")
    appointment_at: Time | None = Field(default=None, description="Needed for booked.")

    def report(self, task: TaskKind, local: datetime | None) -> CallReport:
        """As the use case takes it, with the appointment as the office says it."""
        return CallReport(self.outcome, self.spoke_with, self.learned, local, task)


class PutOff(Sent):
    """Until when."""

    until: Time | None = Field(default=None, description="Within 92 days; without it, until the next working day.")


class RightNumber(Sent):
    """The fax number of the referral's office."""

    fax: Annotated[str, Field(max_length=60)] = Field(
        default="", description="Another number, from the office itself; empty: the one it has is right."
    )


class Elsewhere(Sent):
    """Another office."""

    office: Annotated[str, Field(min_length=1, max_length=300)] = Field(
        description="Its name in the directory.", examples=["Harbor Heart Group"]
    )


class Which(Sent):
    """One of the referral's enclosures."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] = Field(
        description="As `enclosures` of the referral names it.", examples=["9f86d081884c7d65"]
    )


class Owner(Sent):
    """Whose it is."""

    person: Annotated[str, Field(max_length=60)] = Field(
        description="A person's name; empty for nobody's.", examples=["Maria Gomez"]
    )


def work_deed_endpoints(desk: ApiDesk) -> APIRouter:
    """More of `/referrals/{number}/…`; each answers the referral as it then stands."""
    routes = APIRouter(
        prefix="/referrals/{number}",
        tags=["work"],
        route_class=doing_once(desk.access),
        dependencies=[ONCE],
        responses=responses(404, 409, 412, 422),
    )
    deeds = ReferralDeeds(desk)
    _add_tasks(routes, deeds)
    _add_packets(routes, deeds)
    _add_offices(routes, deeds)
    _add_enclosing(routes, deeds)
    return routes


def _add_tasks(routes: APIRouter, deeds: ReferralDeeds) -> None:
    change, zone = deeds.desk.referral.change, deeds.desk.zone
    calls = LogCall(change.store, change.clock, change.rules)
    snooze = SnoozeTask(change.store, change.clock, change.rules)

    @routes.post("/tasks/{kind}/call", summary="Log what came of a call")
    async def call(
        response: Response, number: Number, kind: TaskKind, caller: Writer, *, told: CallMade, if_match: IfMatch = ""
    ) -> ReferralOut:
        """The task is done, or put off until the next working day where nobody answered."""
        at = told.appointment_at
        said = told.report(kind, at.astimezone(zone).replace(tzinfo=None) if at else None)
        return await deeds.done(response, number, if_match, lambda n: calls.log(n, said, caller.token.actor))

    @routes.post("/tasks/{kind}/later", summary="Put a task off")
    async def later(
        response: Response, number: Number, kind: TaskKind, caller: Writer, *, told: PutOff, if_match: IfMatch = ""
    ) -> ReferralOut:
        """It is off the work list until then; `pause` pauses the chase as well."""
        actor = caller.token.actor

        def put_off(n: str) -> None:
            if told.until is None:
                snooze.until_next_morning(n, kind, actor)
            else:
                snooze.until(n, kind, told.until, actor)

        return await deeds.done(response, number, if_match, put_off)


def _add_packets(routes: APIRouter, deeds: ReferralDeeds) -> None:
    change = deeds.desk.referral.change
    settle = SettleTransmission(change.store, change.clock, change.rules)

    @routes.post("/arrived", summary="The packet that may have arrived did")
    async def arrived(response: Response, number: Number, caller: Writer, if_match: IfMatch = "") -> ReferralOut:
        """By somebody's word who asked the office."""
        return await deeds.done(response, number, if_match, lambda n: settle.arrived(n, caller.token.actor))

    @routes.post("/send-again", summary="The packet never arrived: send it again")
    async def send_again(response: Response, number: Number, caller: Writer, if_match: IfMatch = "") -> ReferralOut:
        """Once more by the usual way; what was uncertain has failed."""
        return await deeds.done(response, number, if_match, lambda n: settle.send_again(n, caller.token.actor))


def _add_enclosing(routes: APIRouter, deeds: ReferralDeeds) -> None:
    enclose = deeds.desk.entry.enclose

    @routes.post("/enclosures", summary="Enclose one more file", responses=responses(413))
    async def add(
        response: Response, number: Number, caller: Writer, file: UploadFile, if_match: IfMatch = ""
    ) -> ReferralOut:
        """It goes with every packet from now on; `send` sends the packet again."""
        await asyncio.to_thread(deeds.refuse_changed, number, if_match)
        await kept(enclose, number, file, caller.token.actor)
        return await deeds.told(response, number)

    @routes.post("/enclosures/take-off", summary="Take an enclosed file off")
    async def take_off(
        response: Response, number: Number, caller: Writer, which: Which, if_match: IfMatch = ""
    ) -> ReferralOut:
        """It goes with no packet from now on; what went out already is as it was."""
        actor = caller.token.actor
        return await deeds.done(response, number, if_match, lambda n: enclose.take_off(n, which.id, actor))


def _add_offices(routes: APIRouter, deeds: ReferralDeeds) -> None:
    change = deeds.desk.referral.change
    verify = VerifyNumber(change.store, change.clock)
    redirecting = RedirectReferral(change.store, change.clock, change.rules)
    assigning = AssignReferral(change.store, change.clock)

    @routes.post("/number", summary="Its office's fax number is right, or another one is")
    async def number_is(
        response: Response, number: Number, caller: Writer, told: RightNumber, if_match: IfMatch = ""
    ) -> ReferralOut:
        """Either way it counts as confirmed, and what waited for it goes out."""
        actor = caller.token.actor

        def settle(n: str) -> None:
            with change.store.transaction() as tx:
                office = find(tx, n).intake.recipient_id
            if told.fax.strip():
                verify.correct(office, told.fax.strip(), actor)
            else:
                verify.confirm(office, actor)

        return await deeds.done(response, number, if_match, settle)

    @routes.post("/redirect", summary="Refer to another office what was declined")
    async def redirect(
        response: Response, number: Number, caller: Writer, to: Elsewhere, if_match: IfMatch = ""
    ) -> ReferralOut:
        """The same referral, asked there anew."""
        actor = caller.token.actor
        return await deeds.done(response, number, if_match, lambda n: redirecting.redirect(n, to.office, actor))

    @routes.post("/assign", summary="Make it somebody's")
    async def assign(
        response: Response, number: Number, caller: Writer, to: Owner, if_match: IfMatch = ""
    ) -> ReferralOut:
        """Or nobody's; whom it is given must have an account that may act."""
        actor = caller.token.actor
        return await deeds.done(response, number, if_match, lambda n: assigning.assign(n, to.person, actor))
