"""People and tokens over the API: a program hands on no more than it has, and what it made goes when it goes."""

import asyncio
from datetime import datetime
from pathlib import Path

import pytest

from gateway.domain.audit import AuditKind
from gateway.domain.person import Role
from gateway.domain.token import Scope
from gateway.services.access.accounts import By
from tests.integration.test_api_tokens import a_token, program
from tests.rigs.site import NAME, a_site

MAKES = frozenset({Scope.TOKENS_READ, Scope.TOKENS_WRITE, Scope.REFERRALS_READ})


def wanted(name: object = "child", **changes: object) -> dict[str, object]:
    return {"name": name, "role": "viewer", "scopes": ["referrals:read"], "days": 9} | changes


async def test_a_program_makes_a_token_whose_secret_is_told_once_and_lists_and_revokes_it(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        asking = program(site, a_token(site, MAKES, Role.ADMINISTRATOR))
        made = await asking.post("/tokens", json=wanted())
        assert made.status_code == 201, made.text
        child = program(site, made.json()["secret"])
        assert (await child.get("/referrals")).status_code == 200
        listed = await asking.get("/tokens")
        assert made.json()["secret"] not in listed.text
        rows = {row["name"]: row for row in listed.json()}
        assert (rows["child"]["made_by"], rows["child"]["state"]) == ("EHR bridge (token)", "in force")
        again = await asking.post("/tokens", json=wanted(), headers={"idempotency-key": "one"})
        assert (again.status_code, "called child already" in again.text) == (422, True)
        gone = await asking.post("/tokens/revoke", json={"name": "Child"})
        assert (gone.json()["state"], gone.json()["revoked_by"]) == ("revoked", "EHR bridge (token)")
        assert (await child.get("/referrals")).status_code == 401
        assert (await asking.post("/tokens/revoke", json={"name": "nobody's"})).status_code == 404
        assert site.audit(AuditKind.TOKEN_ADDED)[0].entry.actor == "EHR bridge (token)"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"scopes": ["referrals:read", "documents:read"]}, "leave documents:read out"),
        ({"scopes": ["people:write"], "role": "administrator"}, "leave people:write out"),
        ({"scopes": ["tokens:write"]}, "needs the role administrator"),
        ({"name": "=cmd"}, "a name has 1 to 40 letters"),
    ],
)
async def test_a_token_never_makes_one_with_more_than_its_own(
    tmp_path: Path, changed: dict[str, object], told: str
) -> None:
    with a_site(tmp_path) as site:
        asking = program(site, a_token(site, MAKES, Role.ADMINISTRATOR))
        refused = await asking.post("/tokens", json=wanted(**changed))
        assert refused.status_code == 422, refused.text
        assert told in refused.json()["detail"]
        assert len(site.access.tokens.everyone()) == 1


async def test_without_the_scope_nothing_is_made_seen_or_revoked(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        all_else = frozenset(Scope) - {Scope.TOKENS_READ, Scope.TOKENS_WRITE}
        asking = program(site, a_token(site, all_else, Role.ADMINISTRATOR))
        answers = [
            await asking.get("/tokens"),
            await asking.post("/tokens", json=wanted()),
            await asking.post("/tokens/revoke", json={"name": "EHR bridge"}),
        ]
        assert [one.status_code for one in answers] == [403] * 3


async def test_what_a_token_made_ends_with_it_hangs_on_its_maker_and_goes_when_it_is_revoked(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        site.person("Chief")
        site.person("Deputy")
        with site.access.accounts.store.transaction() as tx:
            deputy = tx.person_named("Deputy")
        assert deputy
        mother, secret = site.access.tokens.add(
            "mother", Role.ADMINISTRATOR, MAKES, 5, By("Deputy"), maker_id=deputy.id
        )
        scopes = ["tokens:write", "referrals:read"]
        made = await program(site, secret).post(
            "/tokens", json=wanted("daughter", role="administrator", scopes=scopes, days=700)
        )
        assert datetime.fromisoformat(made.json()["token"]["expires_at"]) == mother.expires_at
        daughter = program(site, made.json()["secret"])
        granddaughter = await daughter.post("/tokens", json=wanted("granddaughter"))
        last = program(site, granddaughter.json()["secret"])
        assert (await last.get("/referrals")).status_code == 200
        site.access.accounts.set_role("Deputy", Role.MANAGER, By("Chief"))
        refused = await daughter.post("/tokens", json=wanted("another"))
        assert refused.status_code == 403, "its maker's maker may no longer do that"
        site.access.tokens.revoke("mother", By("Chief"))
        assert (await last.get("/referrals")).status_code == 401
        revoked = [one.entry.detail for one in site.audit(AuditKind.TOKEN_REVOKED)]
        assert sorted(revoked) == ["daughter", "granddaughter", "mother"]


async def test_a_token_that_is_revoked_while_it_asks_hands_nothing_on(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        tokens = site.access.tokens
        asking = program(site, a_token(site, MAKES, Role.ADMINISTRATOR))
        answers = await asyncio.gather(
            *[asking.post("/tokens", json=wanted(f"child {n}")) for n in range(4)],
            asyncio.to_thread(tokens.revoke, "EHR bridge", By("Chief")),
        )
        assert len(answers) == 5
        assert {one.state(site.clock.now()) for one in tokens.everyone()} == {"revoked"}


async def test_a_persons_stays_are_ended_over_the_api_and_on_the_page_and_they_may_come_back(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        site.person()
        await site.log_in()
        chief = await site.as_role(Role.ADMINISTRATOR)
        asking = program(site, a_token(site, frozenset({Scope.PEOPLE_WRITE}), Role.ADMINISTRATOR))
        assert (await site.browser.get("/work")).status_code == 200
        ended = await asking.post("/people/log-out", json={"name": NAME})
        assert (ended.status_code, ended.json()["is_disabled"]) == (200, False)
        assert (await site.browser.get("/work")).headers["location"] == "/login?next=/work"
        await site.log_in()
        assert (await site.browser.get("/work")).status_code == 200
        assert (await chief.post("/people/log-out", data={"name": NAME})).status_code == 303
        assert (await site.browser.get("/work")).status_code == 303
        assert [one.entry.detail for one in site.audit(AuditKind.STAYS_ENDED)] == [NAME, NAME]
        assert (await asking.post("/people/log-out", json={"name": "Nobody"})).status_code == 404
