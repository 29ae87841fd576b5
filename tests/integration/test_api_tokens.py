"""Tokens of the HTTP API: told once, kept as a hash, never more than their maker, and a door that shuts on guesses."""

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from config.template import write_clinic_folder
from gateway.cli import app as command_line
from gateway.domain.audit import AuditKind
from gateway.domain.person import Role
from gateway.domain.token import Scope
from gateway.errors import PersonRefused
from gateway.services.access.accounts import By
from gateway.storage.engine import connect
from tests.rigs.site import ORIGIN, Site, a_site

READS = frozenset({Scope.REFERRALS_READ})


def program(site: Site, secret: str = "", at: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
    """One that shows this token; of itself it says nothing that browsers say."""
    shown = {"authorization": f"Bearer {secret}"} if secret else {}
    transport = httpx.ASGITransport(site.app, client=(at, 40000))
    return httpx.AsyncClient(transport=transport, base_url=f"{ORIGIN}/api/v1", headers=shown | headers)


def a_token(site: Site, scopes: frozenset[Scope] = READS, role: Role = Role.STAFF, name: str = "EHR bridge") -> str:
    return site.access.tokens.add(name, role, scopes, 30, By("test"))[1]


async def test_an_administrator_makes_a_token_on_the_page_which_shows_it_once_and_the_api_takes_it(
    tmp_path: Path,
) -> None:
    with a_site(tmp_path) as site:
        browser = await site.as_role(Role.ADMINISTRATOR)
        form = {"name": "EHR bridge", "role": "staff", "days": "90", "scope": ["referrals:read", "directory:read"]}
        made = await browser.post("/people/tokens", data=form)
        found = re.search(r"rl_[\w-]{43}", made.text)
        assert found, made.text
        secret = found[0]
        assert secret not in (await browser.get("/people/tokens")).text
        answer = await program(site, secret).get("/token")
        assert answer.json()["scopes"] == ["directory:read", "referrals:read"]
        page = (await browser.get("/people/tokens")).text
        assert secret[:9] in page
        assert ">never<" not in page
        with connect(f"sqlite:///{site.desk.settings.storage.data_dir / 'referloop.sqlite'}").connect() as rows:
            kept = str(rows.execute(text("SELECT * FROM api_tokens")).all())
        assert secret not in kept
        assert not any(secret in str(one) for one in site.audit())


async def test_a_revoked_expired_or_unknown_token_is_refused_with_how_to_ask(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        secret = a_token(site)
        nothing, wrong = await program(site).get("/referrals"), await program(site, "rl_guess").get("/referrals")
        assert (nothing.status_code, wrong.status_code) == (401, 401)
        assert nothing.headers["www-authenticate"] == 'Bearer realm="Referloop"'
        assert 'error="invalid_token"' in wrong.headers["www-authenticate"]
        assert wrong.headers["content-type"] == "application/problem+json"
        assert (await program(site, secret).get("/referrals")).status_code == 200
        site.clock.advance(timedelta(days=31))
        assert (await program(site, secret).get("/referrals")).status_code == 401
        other = a_token(site, name="another")
        site.access.tokens.revoke("Another", By("test"))
        assert (await program(site, other).get("/referrals")).status_code == 401
        assert [one.entry.actor for one in site.audit(AuditKind.NOT_LET_IN)][:2] == [
            "another (token)",
            "EHR bridge (token)",
        ]


async def test_a_token_without_the_scope_is_refused_and_the_refusal_is_in_the_audit_log(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        number = site.refer("Okafor")
        asking = program(site, a_token(site))
        refused = await asking.post(f"/referrals/{number}/cancel", json={"reason": "no"})
        assert refused.status_code == 403
        assert 'scope="referrals:write"' in refused.headers["www-authenticate"]
        assert (await asking.get(f"/referrals/{number}")).json()["status"] == "ready"
        entries = [one.entry for one in site.audit()]
        assert [(one.kind, one.actor, one.referral, one.status) for one in entries[:2]] == [
            (AuditKind.VIEWED, "EHR bridge (token)", number, 200),
            (AuditKind.REFUSED, "EHR bridge (token)", number, 403),
        ]


async def test_a_token_opens_no_page_and_a_cookie_opens_nothing_of_the_api(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        secret = a_token(site, frozenset(Scope), Role.ADMINISTRATOR)
        site.person()
        await site.log_in()
        assert (await site.browser.get("/api/v1/referrals")).status_code == 401
        sent = await site.browser.post("/api/v1/referrals", json={})
        assert sent.status_code == 401
        stranger = site.a_browser()
        page = await stranger.get("/queue", headers={"authorization": f"Bearer {secret}"})
        assert page.headers["location"] == "/login?next=/queue"


async def test_a_token_may_no_more_than_its_maker_now_and_nothing_once_they_are_shut_out(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        site.person("Chief")
        site.person("Deputy")
        with site.access.accounts.store.transaction() as tx:
            deputy = tx.person_named("Deputy")
        assert deputy
        scopes = frozenset({Scope.PEOPLE_READ, Scope.REFERRALS_READ})
        _, secret = site.access.tokens.add("bridge", Role.ADMINISTRATOR, scopes, 9, By("Deputy"), maker_id=deputy.id)
        asking = program(site, secret)
        assert (await asking.get("/people")).status_code == 200
        site.access.accounts.set_role("Deputy", Role.VIEWER, By("Chief"))
        assert (await asking.get("/people")).status_code == 403
        assert (await asking.get("/referrals")).status_code == 200
        with pytest.raises(PersonRefused, match="no higher role"):
            site.access.tokens.add("more", Role.STAFF, READS, 9, By("Deputy"), maker_id=deputy.id)
        site.access.accounts.disable("Deputy", By("Chief"))
        assert (await asking.get("/referrals")).status_code == 401


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"scope": []}, "choose at least one"),
        ({"scope": ["audit:read"]}, "audit:read needs the role manager"),
        ({"name": "=cmd"}, "a name has 1 to 40 letters"),
        ({"days": "9999"}, "good for 1 to 730 days"),
    ],
)
async def test_a_token_that_will_not_do_is_refused_with_what_was_typed_still_there(
    tmp_path: Path, changed: dict[str, object], told: str
) -> None:
    with a_site(tmp_path) as site:
        browser = await site.as_role(Role.ADMINISTRATOR)
        form = {"name": "EHR bridge", "role": "staff", "days": "90", "scope": ["referrals:read"]} | changed
        refused = await browser.post("/people/tokens", data=form)
        assert refused.status_code == 400
        assert told.lower() in refused.text.lower()
        assert f'value="{form["name"]}"' in refused.text
        assert site.access.tokens.everyone() == []


async def test_only_administrators_see_the_tokens(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        assert (await (await site.as_role(Role.MANAGER)).get("/people/tokens")).status_code == 403


async def test_guessing_shuts_the_door_for_its_address_alone_for_longer_each_time(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        secret = a_token(site)
        answers = [await program(site, f"rl_{n}", at="10.0.0.9").get("/token") for n in range(21)]
        assert [one.status_code for one in answers] == [401] * 20 + [429]
        assert 0 < int(answers[-1].headers["retry-after"]) <= 15
        assert (await program(site, secret, at="10.0.0.9").get("/token")).status_code == 429
        assert (await program(site, secret, at="10.0.0.8").get("/token")).status_code == 200
        site.clock.advance(timedelta(seconds=16))
        assert (await program(site, secret, at="10.0.0.9").get("/token")).status_code == 200
        assert (await program(site, "rl_x", at="10.0.0.9").get("/token")).status_code == 401
        shut = await program(site, secret, at="10.0.0.9").get("/token")
        assert int(shut.headers["retry-after"]) > 15


async def test_a_token_asks_only_so_often_a_minute_and_is_told_how_long_to_wait(tmp_path: Path) -> None:
    with a_site(tmp_path, settings={"web": {"api_per_minute": 5}}) as site:
        asking, other = program(site, a_token(site)), program(site, a_token(site, name="other"))
        answers = [(await asking.get("/token")) for _ in range(6)]
        assert [one.status_code for one in answers] == [200] * 5 + [429]
        assert answers[-1].headers["retry-after"] == "12"
        assert (await other.get("/token")).status_code == 200
        site.clock.advance(timedelta(seconds=12))
        assert (await asking.get("/token")).status_code == 200
        assert (await asking.get("/token")).status_code == 429


def test_the_command_line_makes_lists_and_revokes(tmp_path: Path) -> None:
    config = str(write_clinic_folder(tmp_path / "clinic")[0])
    run = CliRunner()
    made = run.invoke(
        command_line, ["token", "add", "-c", config, "EHR bridge", "--scope", "referrals:read", "--days", "7"]
    )
    assert made.exit_code == 0, made.output
    assert re.fullmatch(r"rl_[\w-]{43}", made.stdout.strip())
    listed = run.invoke(command_line, ["token", "list", "-c", config, "--json"])
    (row,) = json.loads(listed.stdout)
    assert (row["name"], row["scopes"], row["state"]) == ("EHR bridge", "referrals:read", "in force")
    assert made.stdout.strip() not in listed.stdout
    assert run.invoke(command_line, ["token", "revoke", "-c", config, "ehr bridge"]).exit_code == 0
    again = run.invoke(command_line, ["token", "list", "-c", config, "--json"])
    assert json.loads(again.stdout)[0]["state"] == "revoked"
    refused = run.invoke(command_line, ["token", "add", "-c", config, "x", "--scope", "people:write"])
    assert refused.exit_code == 1
    assert "needs the role administrator" in refused.stderr


async def test_two_requests_at_once_under_one_key_are_done_once(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        number = site.refer("Okafor")
        scopes = frozenset({Scope.REFERRALS_WRITE, Scope.REFERRALS_READ})
        asking = program(site, a_token(site, scopes), **{"idempotency-key": "call-1"})
        told = {"spoke_with": "Dana", "learned": "next week"}
        answers = await asyncio.gather(*[asking.post(f"/referrals/{number}/calls", json=told) for _ in range(4)])
        assert sorted({one.status_code for one in answers}) in ([200], [200, 409])
        last = await asking.post(f"/referrals/{number}/calls", json=told)
        assert last.headers["idempotent-replayed"] == "true"
        calls = [one for one in last.json()["timeline"] if one["kind"] == "call_logged"]
        assert len(calls) == 1
        other = await asking.post(f"/referrals/{number}/calls", json=told | {"learned": "never"})
        assert other.status_code == 422
