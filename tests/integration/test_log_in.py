"""Coming in and being sent out: first run, passwords, shut doors, idle desks, the second factor."""

import asyncio
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from pyotp.totp import TOTP

from gateway.domain.person import Role
from gateway.services.access.accounts import By
from gateway.services.access.passwords import first_code
from tests.rigs.site import IDLE, LONGEST, NAME, PASSWORD, Site, a_site

NEW = "seven calm otters"


@pytest.fixture
def site(tmp_path: Path) -> Generator[Site, None, None]:
    with a_site(tmp_path) as opened:
        yield opened


@pytest.fixture
def strict(tmp_path: Path) -> Generator[Site, None, None]:
    """Where administrators need a second factor."""
    with a_site(tmp_path, frozenset({Role.ADMINISTRATOR})) as opened:
        yield opened


def where(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def set_up_second_factor(site: Site, browser: httpx.AsyncClient) -> tuple[TOTP, list[str]]:
    """The app, and the recovery codes."""
    person = next(person for person in site.access.accounts.everybody() if person.name == NAME)
    app = TOTP(site.access.second_factor.offer(person.id))
    form = {"code": app.at(site.clock.now()), "password": PASSWORD}
    page = await browser.post("/account/second-factor", data=form)
    assert page.status_code == 200, page.text
    codes = [line.partition("</li>")[0] for line in page.text.split('<li class="number">')[1:]]
    assert len(codes) == 10
    return app, codes


# first run


@pytest.mark.parametrize("path", ["/", "/login", "/referrals/4K7M-92XQ", "/people", "/audit", "/account", "/nowhere"])
async def test_while_nobody_has_an_account_every_page_leads_to_the_first_run(site: Site, path: str) -> None:
    assert where(await site.browser.get(path)) == "/first-run"
    assert where(await site.browser.post(path)) == "/first-run"


async def test_the_first_code_makes_one_administrator_and_opens_nothing_after(site: Site) -> None:
    code = first_code(site.desk.code_keys[0])
    form = {"code": code, "name": NAME, "password": PASSWORD, "again": PASSWORD}
    assert where(await site.browser.post("/first-run", data=form)) == "/"
    assert (await site.browser.get("/people")).status_code == 200
    stranger = site.a_browser()
    assert where(await stranger.get("/first-run")) == "/login"
    second = await stranger.post("/first-run", data=form | {"name": "Somebody Else"})
    assert second.status_code == 400
    assert [person.name for person in site.access.accounts.everybody()] == [NAME]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"code": "AAAA-BBBB-CCCC-DDDD"}, "not the first code"),
        ({"again": "another one"}, "two passwords differ"),
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"password": "Maria Gomez 2026", "again": "Maria Gomez 2026"}, "little more than a name"),
        ({"password": "aaaaaaaaaaaaaa", "again": "aaaaaaaaaaaaaa"}, "repeats the same"),
        ({"name": "System"}, "the program itself"),
        ({"name": "<b>"}, "begins with a letter"),
    ],
)
async def test_a_first_run_that_will_not_do_says_why_and_makes_nobody(
    site: Site, changed: dict[str, str], said: str
) -> None:
    form = {"code": first_code(site.desk.code_keys[0]), "name": NAME, "password": PASSWORD, "again": PASSWORD}
    answer = await site.browser.post("/first-run", data=form | changed)
    assert answer.status_code == 400
    assert said in answer.text
    assert site.access.accounts.nobody_yet()


async def test_first_codes_cannot_be_guessed_one_after_the_other(site: Site) -> None:
    form = {"code": "x", "name": NAME, "password": PASSWORD, "again": PASSWORD}
    for _ in range(5):
        await site.browser.post("/first-run", data=form)
    answer = await site.browser.post("/first-run", data=form | {"code": first_code(site.desk.code_keys[0])})
    assert "too many tries" in answer.text.lower()
    assert [chained.entry.actor for chained in site.audit("not let in")] == ["somebody"] * 5


# log in, log out


async def test_one_logs_in_where_they_wanted_to_go_and_out_for_good(site: Site) -> None:
    site.person()
    login = where(await site.browser.get("/referrals/4K7M-92XQ"))
    assert login == "/login?next=/referrals/4K7M-92XQ"
    form = {"name": "maria  GOMEZ", "password": PASSWORD, "next": "/referrals/4K7M-92XQ"}
    answer = await site.browser.post("/login", data=form)
    assert where(answer) == "/referrals/4K7M-92XQ"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    stolen = site.browser.cookies["referloop"]
    assert where(await site.browser.post("/logout")) == "/login"
    thief = site.a_browser()
    thief.cookies.set("referloop", stolen)
    assert where(await thief.get("/people")) == "/login?next=/people"


@pytest.mark.parametrize(
    "onward", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
async def test_nobody_is_sent_on_to_another_site(site: Site, onward: str) -> None:
    site.person()
    answer = await site.browser.post("/login", data={"name": NAME, "password": PASSWORD, "next": onward})
    assert where(answer) == "/"


async def test_what_was_searched_for_does_not_get_into_the_log_ins_address(site: Site) -> None:
    site.person()
    assert where(await site.browser.get("/audit?who=Okafor")) == "/login?next=/audit"


async def test_a_known_and_an_unknown_name_are_refused_alike(site: Site) -> None:
    site.person()
    known = await site.log_in(password="wrong wrong wrong")
    unknown = await site.log_in(name="Nobody Here", password="wrong wrong wrong")
    assert (known.status_code, unknown.status_code) == (401, 401)
    assert known.text.replace(NAME, "") == unknown.text.replace("Nobody Here", "")


async def test_a_name_is_shut_after_five_wrong_passwords_and_for_longer_each_time(site: Site) -> None:
    site.person()
    for name in (NAME, "Nobody Here"):  # whether somebody has the name is not told by this either
        for _ in range(5):
            assert "do not go together" in (await site.log_in(name=name, password="wrong")).text
        assert "Too many tries. Try again in 15 seconds" in (await site.log_in(name=name)).text
    site.clock.advance(timedelta(seconds=15))
    assert "do not go together" in (await site.log_in(password="wrong")).text
    assert "Try again in 30 seconds" in (await site.log_in()).text
    site.clock.advance(timedelta(seconds=30))
    assert where(await site.log_in()) == "/"
    assert (await site.log_in(password="wrong")).status_code == 401
    assert where(await site.log_in()) == "/"


async def test_an_address_is_shut_after_twenty_wrong_passwords_whatever_the_names(site: Site) -> None:
    site.person()
    for guess in range(20):
        assert "do not go together" in (await site.log_in(name=f"Guess {guess}", password="wrong")).text
    assert "Too many tries" in (await site.log_in()).text
    elsewhere = site.a_browser(at="127.0.0.9")
    assert where(await site.log_in(elsewhere)) == "/"


async def test_thirty_guesses_at_once_are_five_tries(site: Site) -> None:
    site.person()
    answers = await asyncio.gather(*[site.log_in(password=f"guess {n}") for n in range(30)])
    assert sum("do not go together" in answer.text for answer in answers) == 5
    assert sum("Too many tries" in answer.text for answer in answers) == 25


async def test_wrong_passwords_are_forgotten_after_an_hour(site: Site) -> None:
    site.person()
    for _ in range(4):
        await site.log_in(password="wrong")
    site.clock.advance(timedelta(hours=1))
    assert "do not go together" in (await site.log_in(password="wrong")).text
    assert where(await site.log_in()) == "/"


# how long a stay lasts


async def test_a_desk_nobody_uses_is_logged_out_and_one_in_use_is_not(site: Site) -> None:
    browser = await site.as_role(Role.VIEWER)
    for _ in range(4):
        site.clock.advance(IDLE - timedelta(seconds=1))
        assert (await browser.get("/")).status_code == 200
    site.clock.advance(IDLE)
    assert where(await browser.get("/")) == "/login"


async def test_a_page_that_refreshes_itself_does_not_keep_a_desk_open(site: Site) -> None:
    browser = await site.as_role(Role.VIEWER)
    site.clock.advance(IDLE / 2)
    assert (await browser.get("/?auto")).status_code == 200
    site.clock.advance(IDLE / 2)
    assert where(await browser.get("/?auto")) == "/login"
    answer = await browser.get("/?auto", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login")


async def test_nobody_stays_for_longer_than_a_day_at_work(site: Site) -> None:
    browser = await site.as_role(Role.VIEWER)
    for _ in range(int(LONGEST / timedelta(minutes=10)) - 1):
        site.clock.advance(timedelta(minutes=10))
        assert (await browser.get("/")).status_code == 200
    site.clock.advance(timedelta(minutes=10))
    assert where(await browser.get("/")) == "/login"


async def test_what_was_typed_is_kept_for_its_writer_alone_and_secrets_are_not(site: Site) -> None:
    site.person()
    site.person("Jo Park", Role.ADMINISTRATOR)
    await site.log_in()
    site.clock.advance(IDLE)
    await site.browser.post("/people", data={"name": "Ann Lee", "role": "viewer", "note": "two\nlines & <b>"})
    await site.browser.post("/account/password", data={"old": PASSWORD, "new": NEW, "again": NEW})
    assert where(await site.log_in(name="Jo Park")) == "/"
    assert where(await site.log_in()) == "/draft"
    page = (await site.browser.get("/draft")).text
    assert "two\nlines &amp; &lt;b&gt;" in page
    assert PASSWORD not in page
    draft = site.access.stays.typed(site.access.accounts.everybody()[1])
    assert [one.path for one in draft] == ["/people"]
    sent = await site.browser.post(f"/draft/{draft[0].id}/send", data=dict(draft[0].fields))
    assert (sent.status_code, sent.headers["location"]) == (307, "/people")
    assert where(await site.browser.get("/draft")) == "/"


async def test_another_persons_draft_can_be_neither_seen_nor_thrown_away(site: Site) -> None:
    site.person()
    other = await site.as_role(Role.ADMINISTRATOR)
    await site.log_in()
    site.clock.advance(IDLE - timedelta(minutes=1))
    await other.get("/")
    site.clock.advance(timedelta(minutes=1))
    await site.browser.post("/people", data={"name": "Ann Lee", "role": "viewer"})
    mine = site.access.stays.typed(site.access.accounts.everybody()[0])
    assert where(await other.get("/draft")) == "/"
    await other.post(f"/draft/{mine[0].id}/drop")
    assert site.access.stays.typed(site.access.accounts.everybody()[0]) == mine


async def test_a_broken_form_sent_too_late_leads_to_the_log_in_like_any_other(site: Site) -> None:
    browser = await site.as_role(Role.STAFF)
    site.clock.advance(IDLE)
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = await browser.post("/referrals/4K7M-92XQ/cancel", content=b"--x\r\nno header here", headers=headers)
    assert where(answer) == "/login"
    assert site.access.stays.typed(site.access.accounts.everybody()[0]) == []


async def test_a_strangers_long_form_is_not_even_read(site: Site) -> None:
    site.person()
    answer = await site.browser.post("/login", data={"name": "x" * 300_000, "password": "y"})
    assert answer.status_code == 413


async def test_a_piece_of_a_page_that_is_asked_for_too_late_sends_the_whole_page_to_the_log_in(site: Site) -> None:
    site.person()
    answer = await site.browser.get("/audit", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login?next=/audit")


# passwords


async def test_somebody_elses_password_must_be_changed_first_and_ends_every_stay(site: Site) -> None:
    site.person()
    await site.log_in()
    site.access.accounts.set_password(NAME, "given by another", By("test"))
    assert where(await site.browser.get("/")) == "/login"
    assert where(await site.log_in(password="given by another")) == "/"
    assert where(await site.browser.get("/people")) == "/account/password"
    form = {"old": "given by another", "new": NEW, "again": NEW}
    assert where(await site.browser.post("/account/password", data=form)) == "/account"
    assert (await site.browser.get("/people")).status_code == 200
    assert (await site.log_in(site.a_browser(), password="given by another")).status_code == 401


async def test_a_changed_password_leaves_this_desk_alone_logged_in(site: Site) -> None:
    site.person()
    elsewhere = site.a_browser()
    await site.log_in(elsewhere)
    await site.log_in()
    wrong = await site.browser.post("/account/password", data={"old": "no", "new": NEW, "again": NEW})
    assert "This is not your password" in wrong.text
    assert site.audit("not let in")[0].entry.actor == NAME
    await site.browser.post("/account/password", data={"old": PASSWORD, "new": NEW, "again": NEW})
    assert (await site.browser.get("/people")).status_code == 200
    assert where(await elsewhere.get("/people")) == "/login?next=/people"


# the second factor


async def test_a_password_alone_opens_nothing_where_there_is_a_second_factor(site: Site) -> None:
    site.person()
    await site.log_in()
    app, _ = await set_up_second_factor(site, site.browser)
    browser = site.a_browser()
    assert where(await site.log_in(browser)) == "/login/code?next=/"
    assert where(await browser.get("/people")) == "/login?next=/people"
    used = await browser.post("/login/code", data={"code": app.at(site.clock.now())})
    assert "used already" in used.text
    site.clock.advance(timedelta(seconds=30))
    code = app.at(site.clock.now())
    half = browser.cookies["referloop"]
    assert where(await browser.post("/login/code", data={"code": f"{code[:3]} {code[3:]}"})) == "/"
    assert browser.cookies["referloop"] != half
    assert (await browser.get("/people")).status_code == 200


async def test_codes_cannot_be_guessed_even_with_the_password(site: Site) -> None:
    site.person()
    await site.log_in()
    await set_up_second_factor(site, site.browser)
    browser = site.a_browser()
    for _ in range(5):
        assert where(await site.log_in(browser)) == "/login/code?next=/"
        assert (await browser.post("/login/code", data={"code": "000000"})).status_code == 401
    assert "Too many tries" in (await site.log_in(browser)).text
    assert "Too many tries" in (await browser.post("/login/code", data={"code": "000000"})).text


async def test_a_recovery_code_logs_in_once(site: Site) -> None:
    site.person()
    await site.log_in()
    _, codes = await set_up_second_factor(site, site.browser)
    for expected in (303, 401):
        browser = site.a_browser()
        await site.log_in(browser)
        answer = await browser.post("/login/code", data={"code": codes[3].upper().replace("-", " ")})
        assert answer.status_code == expected
    assert "9 recovery codes left" in (await site.browser.get("/account")).text


async def test_the_step_between_password_and_code_ends_after_five_minutes(site: Site) -> None:
    site.person()
    await site.log_in()
    app, _ = await set_up_second_factor(site, site.browser)
    browser = site.a_browser()
    await site.log_in(browser)
    site.clock.advance(timedelta(minutes=5))
    assert where(await browser.post("/login/code", data={"code": app.at(site.clock.now())})) == "/login"


async def test_a_role_that_needs_a_second_factor_sets_one_up_before_anything_else(strict: Site) -> None:
    strict.person()
    strict.person("Jo Park", Role.STAFF)
    await strict.log_in()
    assert where(await strict.browser.get("/people")) == "/account/second-factor"
    assert "<svg" in (await strict.browser.get("/account/second-factor")).text
    await set_up_second_factor(strict, strict.browser)
    assert (await strict.browser.get("/people")).status_code == 200
    staff = strict.a_browser()
    await strict.log_in(staff, "Jo Park")
    assert (await staff.get("/")).status_code == 200


async def test_a_second_factor_is_not_set_with_a_wrong_code_or_password(site: Site) -> None:
    site.person()
    await site.log_in()
    person = site.access.accounts.everybody()[0]
    app = TOTP(site.access.second_factor.offer(person.id))
    for form in ({"code": "000000", "password": PASSWORD}, {"code": app.at(site.clock.now()), "password": "no"}):
        assert (await site.browser.post("/account/second-factor", data=form)).status_code == 400
    assert not site.access.accounts.everybody()[0].has_second_factor
