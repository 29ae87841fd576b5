"""What each role may do, which requests are not taken at all, and what the audit log keeps."""

import asyncio
import csv
import io
import json
import ssl
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import httpx
import pytest
import trustme
from fastapi import Depends
from pyotp.totp import TOTP
from sqlalchemy import text

from config.settings import WebSettings
from gateway.domain.person import Role
from gateway.errors import TlsUnusable
from gateway.web.house import House
from gateway.web.serve import serve_web
from gateway.web.visitor import Visitor, needing
from tests.rigs.entry_site import an_office
from tests.rigs.site import NAME, PASSWORD, Site, a_site


@pytest.fixture
def site(tmp_path: Path) -> Generator[Site, None, None]:
    with a_site(tmp_path) as opened:
        yield opened


# roles


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", set(Role)),
        ("/account", set(Role)),
        ("/audit", {Role.MANAGER, Role.ADMINISTRATOR}),
        ("/audit.csv", {Role.MANAGER, Role.ADMINISTRATOR}),
        ("/people", {Role.ADMINISTRATOR}),
    ],
)
async def test_each_role_sees_what_it_may_and_is_led_nowhere_else(site: Site, path: str, allowed: set[Role]) -> None:
    for role in Role:
        browser = await site.as_role(role)
        assert (await browser.get(path)).status_code == (200 if role in allowed else 403), role
        is_linked = f'href="{path}"' in (await browser.get("/")).text
        assert path.endswith(".csv") or is_linked == (role in allowed), role


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF, Role.MANAGER])
@pytest.mark.parametrize("path", ["", "/password", "/role", "/second-factor", "/disable", "/enable"])
async def test_only_administrators_change_people(site: Site, role: Role, path: str) -> None:
    site.person()
    browser = await site.as_role(role)
    before = site.access.accounts.everybody()
    answer = await browser.post(f"/people{path}", data={"name": NAME, "role": "viewer"})
    assert answer.status_code == 403
    assert f"yours is {role}" in answer.text
    assert site.access.accounts.everybody() == before


async def test_a_page_of_others_asks_for_a_role_by_one_word(site: Site) -> None:
    @site.app.post("/queue/{item}/assign")
    async def assign(item: int, visitor: Annotated[Visitor, Depends(needing(Role.STAFF))]) -> str:
        return f"{visitor.name} settled {item}"

    staff, viewer = await site.as_role(Role.STAFF), await site.as_role(Role.VIEWER)
    assert (await staff.post("/queue/-7/assign")).json() == "one staff settled -7"
    assert (await viewer.post("/queue/-7/assign")).status_code == 403
    acted, refused = site.audit("acted")[0].entry, site.audit("refused")[0].entry
    assert (acted.actor, acted.path, acted.item) == ("one staff", "/queue/-7/assign", -7)
    assert (refused.actor, refused.status) == ("one viewer", 403)


# people


async def test_an_administrator_adds_changes_and_shuts_out_at_once(site: Site) -> None:
    boss = await site.as_role(Role.ADMINISTRATOR)
    page = (await boss.post("/people", data={"name": "Ann Lee", "role": "staff"})).text
    password = page.partition('class="number">')[2].partition("<")[0]
    ann = site.a_browser()
    assert (await site.log_in(ann, "Ann Lee", password)).status_code == 303
    own = {"old": password, "new": PASSWORD, "again": PASSWORD}
    await ann.post("/account/password", data=own)
    assert (await ann.get("/audit")).status_code == 403
    await boss.post("/people/role", data={"name": "Ann Lee", "role": "manager"})
    assert (await ann.get("/audit")).status_code == 200
    await boss.post("/people/disable", data={"name": "Ann Lee"})
    assert (await ann.get("/")).headers["location"] == "/login"
    assert (await site.log_in(ann, "Ann Lee")).status_code == 401
    await boss.post("/people/enable", data={"name": "Ann Lee"})
    assert (await site.log_in(ann, "Ann Lee")).status_code == 303


@pytest.mark.parametrize("form", [{"path": "disable"}, {"path": "role", "role": "manager"}])
async def test_the_last_administrator_stays_one(site: Site, form: dict[str, str]) -> None:
    boss = await site.as_role(Role.ADMINISTRATOR)
    answer = await boss.post(f"/people/{form['path']}", data={"name": "one administrator", **form})
    assert answer.status_code == 400
    assert "the only administrator" in answer.text
    assert (await boss.get("/people")).status_code == 200


async def test_a_name_is_given_once_however_it_is_written(site: Site) -> None:
    boss = await site.as_role(Role.ADMINISTRATOR)
    site.person("Ann Lee", Role.STAFF)
    answer = await boss.post("/people", data={"name": "ann  LEE", "role": "viewer"})
    assert "is called ann LEE already" in answer.text
    assert (await boss.post("/people/password", data={"name": "Nobody"})).status_code == 404


async def test_whoever_lost_the_second_factor_gets_in_without_it_again(site: Site) -> None:
    site.person()
    await site.log_in()
    person = site.access.accounts.everybody()[0]
    code = TOTP(site.access.second_factor.offer(person.id)).at(site.clock.now())
    await site.browser.post("/account/second-factor", data={"code": code, "password": PASSWORD})
    boss = await site.as_role(Role.ADMINISTRATOR)
    await boss.post("/people/second-factor", data={"name": NAME})
    assert (await site.log_in(site.a_browser())).headers["location"] == "/"


# requests that are not taken


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8470"}, 403),
        ({"origin": "http://127.0.0.1:8470"}, 303),
        ({"origin": "http://127.0.0.1:9999"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_a_change_is_taken_from_our_own_pages_only(site: Site, headers: dict[str, str], status: int) -> None:
    browser = await site.as_role(Role.ADMINISTRATOR)
    site.person("Ann Lee", Role.STAFF)
    del browser.headers["sec-fetch-site"]
    answer = await browser.post("/people/disable", data={"name": "Ann Lee"}, headers=headers)
    assert answer.status_code == status
    assert site.access.accounts.everybody()[0].is_disabled == (status == 303)


async def test_only_names_of_the_settings_are_answered_to(site: Site) -> None:
    site.person()
    house = House("Maple", site.desk.rules.zone, frozenset({"desk.example"}), is_secure=True)
    app = site.built(house)
    browser = site.a_browser(app, at="10.0.0.9", origin="https://desk.example")
    assert (await browser.get("/login")).status_code == 200
    assert (await browser.get("/login", headers={"host": "DESK.example:443"})).status_code == 200
    assert (await browser.get("/login", headers={"host": "evil.example"})).status_code == 421


async def test_over_https_the_cookie_keeps_to_this_host_and_browsers_to_https(site: Site) -> None:
    site.person()
    app = site.built(House("Maple", site.desk.rules.zone, frozenset({"desk.example"}), is_secure=True))
    browser = site.a_browser(app, origin="https://desk.example")
    answer = await site.log_in(browser)
    assert answer.headers["set-cookie"].startswith("__Host-referloop=")
    assert "; Secure" in answer.headers["set-cookie"]
    assert "Domain" not in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert (await browser.get("/")).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
async def test_a_monitor_of_this_machine_needs_no_log_in_and_nobody_else_gets_past_it(site: Site, path: str) -> None:
    assert (await site.browser.get(path)).status_code == 200
    site.person()
    assert (await site.browser.get(path)).status_code == 200
    app = site.built(House("Maple", site.desk.rules.zone, frozenset({"desk.example"}), is_secure=True))
    through_a_proxy = site.a_browser(app, origin="https://desk.example")
    from_elsewhere = site.a_browser(app, at="10.0.0.9")
    for browser in (through_a_proxy, from_elsewhere):
        assert (await browser.get(path)).headers["location"].startswith("/login")


async def test_a_certificate_of_the_settings_is_served_and_a_wrong_one_named(site: Site, tmp_path: Path) -> None:
    authority = trustme.CA()
    own = authority.issue_cert("localhost", "127.0.0.1")
    certificate, key, ca = (tmp_path / name for name in ("c.pem", "k.pem", "ca.pem"))
    own.cert_chain_pems[0].write_to_path(str(certificate))
    own.private_key_pem.write_to_path(str(key))
    authority.cert_pem.write_to_path(str(ca))
    settings = WebSettings(port=0, tls_certificate=certificate, tls_key=key)
    told = asyncio.Queue[str]()
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(serve_web(site.app, settings, told.put_nowait))
        address = await told.get()
        assert address.startswith("https://127.0.0.1:")
        async with httpx.AsyncClient(verify=ssl.create_default_context(cafile=ca)) as browser:
            assert (await browser.get(address + "healthz")).status_code == 200
        serving.cancel()
    wrong = WebSettings(port=0, tls_certificate=ca, tls_key=key)
    with pytest.raises(TlsUnusable, match=r"web\.tls_certificate or web\.tls_key cannot be used"):
        await serve_web(site.app, wrong, print)


async def test_only_a_proxy_of_the_settings_is_believed_about_who_asks(site: Site) -> None:
    site.person()
    for proxies, address in (([], "127.0.0.1"), (["127.0.0.1"], "10.9.8.7")):
        told = asyncio.Queue[str]()
        async with asyncio.TaskGroup() as group:
            settings = WebSettings(port=0, tls_proxies=proxies)
            serving = group.create_task(serve_web(site.app, settings, told.put_nowait))
            async with httpx.AsyncClient(base_url=await told.get()) as browser:
                headers = {"sec-fetch-site": "same-origin", "x-forwarded-for": "10.9.8.7"}
                await browser.post("/login", data={"name": NAME, "password": PASSWORD}, headers=headers)
            serving.cancel()
        assert site.audit("logged in")[0].entry.address == address


# the audit log


async def test_every_view_and_every_refusal_is_in_the_log_with_who_where_and_which_referral(site: Site) -> None:
    number = site.refer("Okafor")
    browser = await site.as_role(Role.VIEWER)
    for path in ("/", f"/referrals/{number}", f"/referrals/{number.lower().replace('-', '')}", "/?auto"):
        assert (await browser.get(path)).status_code == 200
    assert (await browser.get("/referrals/AAAA-AAAA")).status_code == 404
    assert (await browser.get("/audit")).status_code == 403
    seen = [(e.entry.actor, e.entry.kind, e.entry.path, e.entry.referral) for e in reversed(site.audit())][2:]
    who = "one viewer"
    assert seen == [
        (who, "viewed", "/", ""),
        (who, "viewed", f"/referrals/{number}", number),
        (who, "viewed", f"/referrals/{number.lower().replace('-', '')}", number),
        (who, "viewed", "/", ""),
        (who, "refused", "/audit", ""),
    ]
    assert {e.entry.address for e in site.audit("viewed")} == {"127.0.0.1"}
    assert site.audit("viewed")[0].entry.detail == "the page refreshed itself"


async def test_only_documents_of_the_queue_are_items_of_the_log(site: Site) -> None:
    office = an_office(site)
    browser = await site.as_role(Role.STAFF)
    assert (await browser.get(f"/directory/{office.id}")).status_code == 200
    saved = await browser.post("/new/0/save", data={"whole": "1", "patient.family": "Okafor"})
    assert (await browser.get(saved.headers["location"])).status_code == 200
    looked = [one.entry for one in site.audit("viewed")]
    assert {one.path for one in looked} >= {f"/directory/{office.id}", saved.headers["location"]}
    assert all(one.item is None for one in looked)


async def test_what_cannot_be_recorded_is_not_shown(site: Site) -> None:
    number = site.refer("Okafor")
    browser = await site.as_role(Role.VIEWER)
    with site.desk.store.transaction() as tx:
        tx._connection.execute(text("DROP TABLE audit"))  # pyright: ignore[reportPrivateUsage]
    answer = await browser.get(f"/referrals/{number}")
    assert answer.status_code == 503
    assert answer.headers["cache-control"] == "no-store"
    assert "Okafor" not in answer.text


async def test_the_log_holds_no_secret_whatever_is_typed_where(site: Site) -> None:
    site.person()
    await site.log_in(name=PASSWORD, password=NAME)
    await site.log_in(password="a wrong secret of mine")
    await site.log_in()
    new = "seven calm otters"
    await site.browser.post("/account/password", data={"old": PASSWORD, "new": new, "again": new})
    page = (await site.browser.post("/people/password", data={"name": NAME})).text
    drawn = page.partition('class="number">')[2].partition("<")[0]
    kept = json.dumps([str(chained) for chained in site.audit()])
    assert len(site.audit()) >= 5
    for secret in (PASSWORD, "a wrong secret of mine", new, drawn, site.browser.cookies["referloop"]):
        assert secret not in kept


async def test_the_log_is_narrowed_by_who_what_referral_and_day(site: Site) -> None:
    one, two = site.refer("Okafor"), site.refer("Winter")
    manager, viewer = await site.as_role(Role.MANAGER), await site.as_role(Role.VIEWER)
    await viewer.get(f"/referrals/{one}")
    await manager.get(f"/referrals/{two}")
    await viewer.get("/?auto")
    local = site.clock.now().astimezone(site.desk.rules.zone).date()
    expected = {
        "who=one+viewer&what=viewed": (f"/referrals/{one}", f"/referrals/{two}"),
        f"referral={two.lower()}": (f"/referrals/{two}", f"/referrals/{one}"),
        f"since={local}&until={local}&who=one+viewer": (f"/referrals/{one}", f"/referrals/{two}"),
    }
    for question, (there, missing) in expected.items():
        page = (await manager.get(f"/audit?{question}")).text
        assert f'<td class="long">{there}</td>' in page, question
        assert f'<td class="long">{missing}</td>' not in page, question
        assert "refreshed itself" not in page
    tomorrow = local + timedelta(days=1)
    assert "Nothing was recorded that fits" in (await manager.get(f"/audit?since={tomorrow}")).text
    assert "refreshed itself" in (await manager.get("/audit?refreshes=1")).text
    assert (await manager.get("/audit?since=yesterday&before=x")).status_code == 200


async def test_older_entries_are_a_page_further_on(site: Site) -> None:
    manager = await site.as_role(Role.MANAGER)
    added = site.audit("person added")[0].entry
    for _ in range(105):
        site.access.audit.record(added)
    page = (await manager.get("/audit?who=test")).text
    older = page.partition('<a href="/audit?')[2].partition('"')[0].replace("&amp;", "&")
    assert page.count("<tr>") == 101
    assert (await manager.get(f"/audit?{older}")).text.count("<tr>") == 1 + 106 - 100


async def test_the_log_is_saved_as_csv_which_is_in_the_log_itself(site: Site) -> None:
    manager = await site.as_role(Role.MANAGER)
    site.person("Ann Lee", Role.STAFF)
    answer = await manager.get(f"/audit.csv?what={quote('person added')}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["detail"] for row in rows] == ["one manager: role manager", "Ann Lee: role staff"]
    newest = site.audit()[0].entry
    assert (newest.kind, newest.actor, newest.detail) == ("exported", "one manager", "2 entries of the audit log")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE audit SET actor = 'nobody' WHERE seq = 2", "audit entry 2 was changed after it was written"),
        ("DELETE FROM audit WHERE seq = 2", "audit entry 3 does not follow entry 1"),
        ("DELETE FROM audit WHERE seq = 3", "the audit log ends at entry 2, which is not the last one written"),
        ("UPDATE audit SET kind = 'x' WHERE seq = 1", "audit entry 1 was changed after it was written"),
    ],
)
async def test_a_changed_or_removed_entry_shows(site: Site, damage: str, said: str) -> None:
    for name in ("Ann Lee", "Bo Li", "Cy Fox"):
        site.person(name, Role.STAFF)
    assert list(site.desk.store.verify_chain()) == []
    with site.desk.store.transaction() as tx:
        tx._connection.execute(text(damage))  # pyright: ignore[reportPrivateUsage]
    assert any(said in line for line in site.desk.store.verify_chain())
