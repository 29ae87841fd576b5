"""Logging in by the clinic's identity provider: a real one, whose every bad word is refused, and which may fail."""

import re
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from typer.testing import CliRunner

from gateway.cli import app as command_line
from gateway.domain.audit import AuditKind
from gateway.domain.person import Role
from gateway.services.access.accounts import By
from tests.rigs.oidc_provider import CLIENT, SECRET, Provider, provider
from tests.rigs.site import NAME, PASSWORD, Site, a_site


@contextmanager
def a_clinic(folder: Path, there: Provider, **changed: object) -> Generator[Site, None, None]:
    """With the provider in its settings."""
    oidc: dict[str, object] = {
        "issuer": there.issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "label": "Clinic ID",
        "staff": ["clinic-staff"],
        "managers": ["clinic-managers"],
        "administrators": ["clinic-admins"],
    }
    with a_site(folder, settings={"oidc": oidc | changed}) as site:
        site.person("Chief")
        yield site


async def there_and_back(browser: httpx.AsyncClient, onward: str = "/") -> httpx.Response:
    """To the provider, yes there, and what the way back answers."""
    sent = await browser.get(f"/login/provider?next={onward}")
    assert sent.status_code == 303, sent.text
    async with httpx.AsyncClient() as elsewhere:
        page = await elsewhere.get(sent.headers["location"])
    found = re.search(r'href="([^"]+)"', page.text)
    assert found, page.text
    return await browser.get(unescape(found[1]))


async def test_the_first_log_in_makes_an_account_with_the_role_that_the_groups_give(tmp_path: Path) -> None:
    with provider() as there, a_clinic(tmp_path, there) as site:
        assert "Log in with Clinic ID" in (await site.browser.get("/login")).text
        answer = await there_and_back(site.browser, "/queue")
        assert answer.status_code == 200
        assert 'content="0; url=/queue"' in answer.text
        board = await site.browser.get("/")
        assert "Maria Gomez <small>staff" in board.text
        person = next(one for one in site.access.accounts.everybody() if one.name == "Maria Gomez")
        assert (person.role, person.has_password) == (Role.STAFF, False)
        entries = [one.entry.kind for one in site.audit() if one.entry.actor == "Maria Gomez"]
        assert entries[:3] == [AuditKind.VIEWED, AuditKind.LOGGED_IN, AuditKind.PERSON_ADDED]


async def test_a_later_log_in_is_the_same_account_under_its_old_name_and_with_the_role_of_now(tmp_path: Path) -> None:
    with provider() as there, a_clinic(tmp_path, there) as site:
        await there_and_back(site.browser)
        there.claims = {"name": "Maria Gomez-Ruiz", "groups": ["clinic-staff", "clinic-managers"]}
        other = site.a_browser()
        await there_and_back(other)
        assert "Maria Gomez <small>manager" in (await other.get("/")).text
        assert len(site.access.accounts.everybody()) == 2
        assert site.audit(AuditKind.ROLE_CHANGED)


@pytest.mark.parametrize(
    "fault",
    [
        "nonce",
        "no nonce",
        "audience",
        "two audiences",
        "issuer",
        "expired",
        "signature",
        "unsigned",
        "shared secret",
    ],
)
async def test_a_word_of_the_provider_that_does_not_hold_lets_nobody_in(tmp_path: Path, fault: str) -> None:
    with provider() as there, a_clinic(tmp_path, there) as site:
        there.fault = fault
        answer = await there_and_back(site.browser)
        assert answer.status_code == 401, answer.text
        assert "does not hold" in answer.text
        assert (await site.browser.get("/")).headers["location"] == "/login"
        assert [one.name for one in site.access.accounts.everybody()] == ["Chief"]
        assert site.audit(AuditKind.NOT_LET_IN)


async def test_new_keys_of_the_provider_are_fetched_when_a_token_names_one_that_is_not_known(tmp_path: Path) -> None:
    with provider() as there, a_clinic(tmp_path, there) as site:
        await there_and_back(site.browser)
        await there_and_back(site.a_browser())
        assert there.asked.count("/keys") == 1
        assert there.asked.count("/.well-known/openid-configuration") == 1
        there.rotate()
        site.clock.advance(timedelta(minutes=2))
        answer = await there_and_back(site.a_browser())
        assert answer.status_code == 200, answer.text
        assert there.asked.count("/keys") == 2


async def test_a_provider_that_is_down_is_named_and_the_administrator_logs_in_with_a_password(tmp_path: Path) -> None:
    with provider() as there, a_clinic(tmp_path, there, local_passwords="administrators") as site:
        there.fault = "down"
        failed = await site.browser.get("/login/provider")
        assert failed.status_code == 401
        assert "answered 503" in failed.text
        site.person("Lena", Role.STAFF)
        assert (await site.log_in(name="Lena")).status_code == 401
        assert (await site.log_in(name="Chief")).status_code == 303


async def test_a_provider_that_dies_between_the_way_there_and_back_lets_nobody_in(tmp_path: Path) -> None:
    with ExitStack() as running:
        there = running.enter_context(provider())
        with a_clinic(tmp_path, there) as site:
            sent = await site.browser.get("/login/provider")
            state = parse_qs(urlsplit(sent.headers["location"]).query)["state"][0]
            running.close()
            answer = await site.browser.get(f"/login/provider/back?code=c&state={state}")
            assert answer.status_code == 401
            assert "does not answer" in answer.text
            assert (await site.log_in(name="Chief")).status_code == 303


async def test_the_way_back_is_for_the_browser_that_went_and_only_for_a_while(tmp_path: Path) -> None:
    with provider() as there, a_clinic(tmp_path, there) as site:
        sent = await site.browser.get("/login/provider")
        asked = parse_qs(urlsplit(sent.headers["location"]).query)
        back = f"/login/provider/back?code=x&state={asked['state'][0]}"
        stranger = await site.a_browser().get(back)
        other_state = await site.browser.get("/login/provider/back?code=x&state=another")
        assert "began in another browser" in stranger.text
        assert "began in another browser" in other_state.text
        late = site.a_browser()
        went = await late.get("/login/provider")
        state = parse_qs(urlsplit(went.headers["location"]).query)["state"][0]
        site.clock.advance(timedelta(minutes=11))
        answer = await late.get(f"/login/provider/back?code=x&state={state}")
        assert "took too long" in answer.text
        assert "/token" not in there.asked


@pytest.mark.parametrize(
    ("claims", "settings", "told"),
    [
        ({"name": "Maria Gomez", "groups": ["visitors"]}, {}, "no group of yours"),
        ({"name": "Maria Gomez", "groups": "clinic-staff", "email": "m@elsewhere.example", "email_verified": True},
         {"allowed_domains": ["clinic.example"]}, "no group of yours"),
        ({"name": "Maria Gomez", "groups": ["clinic-staff"], "email": "m@clinic.example"},
         {"allowed_domains": ["clinic.example"]}, "no group of yours"),
        ({"name": "Chief", "groups": ["clinic-admins"]}, {}, "somebody is called Chief here already"),
        ({"name": "<b>", "groups": ["clinic-staff"]}, {}, "will not do here"),
    ],
)  # fmt: skip
async def test_whoever_the_mapping_does_not_admit_stays_out_and_no_account_is_made(
    tmp_path: Path, claims: dict[str, object], settings: dict[str, object], told: str
) -> None:
    with provider() as there, a_clinic(tmp_path, there, **settings) as site:
        there.claims = claims
        answer = await there_and_back(site.browser)
        assert answer.status_code == 403
        assert told.lower() in answer.text.lower()
        assert [one.name for one in site.access.accounts.everybody()] == ["Chief"]


async def test_groups_may_stand_deep_inside_or_in_the_user_info(tmp_path: Path) -> None:
    with provider() as there, a_clinic(tmp_path, there, role_claim="realm_access.roles") as site:
        there.claims = {"name": "Deep", "realm_access": {"roles": ["clinic-managers"]}}
        await there_and_back(site.browser)
        assert "Deep <small>manager" in (await site.browser.get("/")).text
    with provider() as there, a_clinic(tmp_path / "other", there) as site:
        there.claims = {"name": "Info"}
        await there_and_back(site.browser)
        assert "Info <small>manager" in (await site.browser.get("/")).text


async def test_who_is_shut_out_here_stays_out_whatever_the_provider_says(tmp_path: Path) -> None:
    with provider() as there, a_clinic(tmp_path, there) as site:
        await there_and_back(site.browser)
        site.access.accounts.disable("Maria Gomez", By("Chief"))
        assert (await site.browser.get("/")).headers["location"].startswith("/login")
        answer = await there_and_back(site.a_browser())
        assert answer.status_code == 403
        assert "shut out" in answer.text


async def test_an_account_of_the_provider_opens_with_no_password(tmp_path: Path) -> None:
    with provider() as there, a_clinic(tmp_path, there) as site:
        await there_and_back(site.browser)
        for guess in ("", "nobody has this password", PASSWORD):
            assert (await site.log_in(site.a_browser(), "Maria Gomez", guess)).status_code in (401, 422)


async def test_an_administrator_links_an_account_that_was_here_before(tmp_path: Path) -> None:
    with provider() as there, a_clinic(tmp_path, there) as site:
        site.person(NAME, Role.STAFF)
        config = str(tmp_path / "clinic" / "referloop.toml")
        linked = CliRunner().invoke(command_line, ["person", "link", "-c", config, NAME, there.subject])
        assert linked.exit_code == 0, linked.output
        answer = await there_and_back(site.browser)
        assert answer.status_code == 200, answer.text
        assert f"{NAME} <small>staff" in (await site.browser.get("/")).text
        again = CliRunner().invoke(command_line, ["person", "link", "-c", config, "Chief", there.subject])
        assert again.exit_code == 1


async def test_logging_out_offers_to_log_out_there_too(tmp_path: Path) -> None:
    with provider() as there, a_clinic(tmp_path, there) as site:
        await there_and_back(site.browser)
        await site.browser.post("/logout")
        assert "log out of Clinic ID too" in (await site.browser.get("/login")).text
        sent = await site.browser.get("/login/provider/out")
        asked = urlsplit(sent.headers["location"])
        assert f"{asked.scheme}://{asked.netloc}{asked.path}" == f"{there.issuer}/logout"
        assert parse_qs(asked.query)["post_logout_redirect_uri"] == ["http://127.0.0.1:8470/login"]


async def test_without_a_provider_there_is_no_way_to_one(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        site.person()
        assert "provider" not in (await site.browser.get("/login")).text
        assert (await site.browser.get("/login/provider")).status_code == 404
