"""Endpoints of people: who has an account. First passwords are drawn and told once; no repeat gets them."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from gateway.domain.person import Person, Role
from gateway.domain.token import Scope
from gateway.errors import NotFound
from gateway.services.access.passwords import drawn
from gateway.services.access.tokens import Bearer
from gateway.web.api.bearer import by_of, may
from gateway.web.api.desk import ApiDesk
from gateway.web.api.problems import responses
from gateway.web.api.shapes import Sent, Told, a_time

Reader = Annotated[Bearer, may(Scope.PEOPLE_READ)]
Writer = Annotated[Bearer, may(Scope.PEOPLE_WRITE)]
Name = Annotated[str, Field(min_length=1, max_length=60, description="The account's name.", examples=["Maria Gomez"])]
_GROUPS = 4  # of four letters: 79 bits


class PersonOut(Told):
    """One account."""

    name: str = Field(description="Its name, which stays its owner's.")
    role: Role = Field(description="What they may do.")
    has_second_factor: bool = Field(description="Whether a password alone does not let them in.")
    has_password: bool = Field(description="False: they come by the identity provider alone.")
    must_change_password: bool = Field(description="At the next log-in they choose their own.")
    is_disabled: bool = Field(description="Whether they are shut out.")
    since: datetime = Field(description="When it was made.")


class Newcomer(Sent):
    """A new account."""

    name: Name
    role: Role = Field(default=Role.STAFF, description="What they may do.")


class Somebody(Sent):
    """An account, named in the body: names do not belong in URLs."""

    name: Name


class NewRole(Somebody):
    """Another role."""

    role: Role = Field(description="What they may do from now on.")


class FirstPassword(Told):
    """An account and the password it begins with."""

    person: PersonOut = Field(description="The account.")
    password: str = Field(description="Told this once; its owner must change it at the next log-in.")


def people_endpoints(desk: ApiDesk) -> APIRouter:
    """`/people`."""
    routes = APIRouter(prefix="/people", tags=["people"])
    accounts = desk.access.accounts

    @routes.get("", summary="Everybody", responses=responses())
    async def everybody(caller: Reader) -> list[PersonOut]:
        """By name."""
        del caller
        return [_told(person) for person in await asyncio.to_thread(accounts.everybody)]

    @routes.post("", summary="Make an account", status_code=201, responses=responses(422))
    async def add(request: Request, response: Response, caller: Writer, wanted: Newcomer) -> FirstPassword:
        """Refused if somebody has the name: sent twice it makes one account."""
        del caller
        password = drawn(_GROUPS)
        by = by_of(request)
        person = await asyncio.to_thread(accounts.add, wanted.name, wanted.role, password, by)
        response.headers["Location"] = "/api/v1/people"
        return FirstPassword(person=_told(person), password=password)

    @routes.post("/password", summary="Give a new password", responses=responses(404, 422))
    async def password(request: Request, caller: Writer, who: Somebody) -> FirstPassword:
        """For one who forgot theirs; ends their stays."""
        del caller
        drawn_now = drawn(_GROUPS)
        by = by_of(request)
        person = await _changed(desk, who.name, lambda: accounts.set_password(who.name, drawn_now, by))
        return FirstPassword(person=person, password=drawn_now)

    _add_changes(routes, desk)
    return routes


def _add_changes(routes: APIRouter, desk: ApiDesk) -> None:
    accounts, told = desk.access.accounts, responses(404, 422)

    @routes.post("/role", summary="Give another role", responses=told)
    async def role(request: Request, caller: Writer, wanted: NewRole) -> PersonOut:
        """The last administrator keeps theirs."""
        del caller
        by = by_of(request)
        return await _changed(desk, wanted.name, lambda: accounts.set_role(wanted.name, wanted.role, by))

    @routes.post("/log-out", summary="End their stays", responses=told)
    async def log_out(request: Request, caller: Writer, who: Somebody) -> PersonOut:
        """In every browser, at once; they may log in again."""
        del caller
        by = by_of(request)
        return await _changed(desk, who.name, lambda: accounts.end_stays(who.name, by))

    @routes.post("/disable", summary="Shut out", responses=told)
    async def disable(request: Request, caller: Writer, who: Somebody) -> PersonOut:
        """At once and everywhere; the tokens they made too."""
        del caller
        by = by_of(request)
        return await _changed(desk, who.name, lambda: accounts.disable(who.name, by))

    @routes.post("/enable", summary="Let in again", responses=told)
    async def enable(request: Request, caller: Writer, who: Somebody) -> PersonOut:
        """With the password they had."""
        del caller
        by = by_of(request)
        return await _changed(desk, who.name, lambda: accounts.enable(who.name, by))

    @routes.post("/second-factor/reset", summary="Take a lost second factor away", responses=told)
    async def reset(request: Request, caller: Writer, who: Somebody) -> PersonOut:
        """Ends their stays."""
        del caller
        by = by_of(request)
        return await _changed(desk, who.name, lambda: accounts.reset_second_factor(who.name, by))


async def _changed(desk: ApiDesk, name: str, change: Callable[[], None]) -> PersonOut:
    """The account after the change."""
    await asyncio.to_thread(change)
    return await asyncio.to_thread(_one, desk, name)


def _one(desk: ApiDesk, name: str) -> PersonOut:
    with desk.access.accounts.store.transaction() as tx:
        person = tx.person_named(name)
    if person is None:
        raise NotFound(f"nobody is called {name}: GET /people names everybody")
    return _told(person)


def _told(person: Person) -> PersonOut:
    return PersonOut(
        name=person.name,
        role=person.role,
        has_second_factor=person.has_second_factor,
        has_password=person.has_password,
        must_change_password=person.must_change_password,
        is_disabled=person.is_disabled,
        since=a_time(person.created_at),
    )
