"""Tokens and the identity provider in a real browser, with every page looked at by axe."""

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from gateway.domain.person import Role
from gateway.domain.token import Scope
from gateway.services.access.accounts import By
from tests.rigs.browser import browsing
from tests.rigs.oidc_provider import CLIENT, SECRET, provider
from tests.rigs.site import NAME, PASSWORD, a_site

pytestmark = pytest.mark.slow

AXE = (Path(__file__).parents[1] / "rigs" / "axe" / "axe.min.js").read_text(encoding="utf-8")
_LONG = "Wolfeschlegelsteinhausenbergerdorff-EHR"


def faults(page: Page) -> list[str]:
    """What axe finds on the page; its script is put in by the browser's own debugger, which no policy hinders."""
    page.evaluate(AXE)
    found = page.evaluate("() => axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]]


def log_in(page: Page) -> None:
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def test_a_token_is_made_shown_once_used_and_revoked(tmp_path: Path) -> None:
    with a_site(tmp_path) as site, browsing(site.app) as page:
        site.person()
        page.goto("/people/tokens")
        log_in(page)
        expect(page.get_by_text("No program has a token yet.")).to_be_visible()
        assert faults(page) == []
        page.get_by_label("Name of the program").fill("EHR bridge")
        page.get_by_role("button", name="Make the token").click()
        expect(page.get_by_role("alert")).to_contain_text("choose at least one")
        page.get_by_role("checkbox", name="referrals:read").check()
        page.get_by_role("checkbox", name="documents:read").check()
        page.get_by_role("button", name="Make the token").click()
        secret = page.locator(".token-secret").inner_text()
        assert re.fullmatch(r"rl_[\w-]{43}", secret)
        site.access.tokens.add(_LONG[:40], Role.ADMINISTRATOR, frozenset(Scope), 30, By(NAME))
        assert faults(page) == []
        address = page.url.removesuffix("/people/tokens")
        said = {"authorization": f"Bearer {secret}"}
        assert httpx.get(f"{address}/api/v1/referrals", headers=said, timeout=60).status_code == 200
        page.goto("/people/tokens")
        assert secret not in page.content()
        page.set_viewport_size({"width": 683, "height": 384})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert faults(page) == []
        page.set_viewport_size({"width": 1366, "height": 768})
        page.get_by_role("button", name="Revoke EHR bridge").click()
        expect(page.get_by_role("row", name="EHR bridge")).to_contain_text("revoked")
        assert httpx.get(f"{address}/api/v1/referrals", headers=said, timeout=60).status_code == 401
        page.get_by_role("link", name="HTTP API").click()
        expect(page.get_by_role("heading", name="HTTP API")).to_be_visible()
        page.locator("summary").filter(has_text="Open a referral").click()
        expect(page.get_by_text("Needs the scope referrals:write.").first).to_be_visible()
        assert faults(page) == []


def test_somebody_logs_in_by_the_provider_and_out_again(tmp_path: Path) -> None:
    with provider() as there:
        oidc: dict[str, object] = {"issuer": there.issuer, "client_id": CLIENT, "client_secret": SECRET}
        with a_site(tmp_path, settings={"oidc": oidc | {"staff": ["clinic-staff"]}}) as site:
            site.person()
            there.claims["name"] = "Lena Brandt"
            with browsing(site.app) as page:
                page.goto("/queue")
                assert faults(page) == []
                page.get_by_role("link", name="Log in with your clinic account").click()
                expect(page.get_by_role("heading", name="The provider")).to_be_visible()
                page.get_by_role("link", name="Yes, it is me").click()
                page.wait_for_url("**/queue")
                expect(page.get_by_role("link", name="Lena Brandt staff")).to_be_visible()
                page.get_by_role("button", name="Log out").click()
                page.get_by_role("link", name="log out of your clinic account too").click()
                page.wait_for_url("**/login")
                assert "/logout" in there.asked
                there.fault = "signature"
                page.get_by_role("link", name="Log in with your clinic account").click()
                page.get_by_role("link", name="Yes, it is me").click()
                expect(page.get_by_role("alert")).to_contain_text("does not hold")
                assert faults(page) == []
                log_in(page)
                expect(page.get_by_role("link", name=f"{NAME} administrator")).to_be_visible()
