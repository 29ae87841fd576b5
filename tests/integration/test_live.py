"""Server-sent events over a real socket: what changed and nothing of any patient, and no longer than the stay."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from config.settings import WebSettings
from gateway.domain.person import Role
from gateway.domain.referral import Status
from gateway.web import live
from gateway.web.live import Live
from gateway.web.serve import serve_web
from tests.rigs.site import IDLE, NAME, PASSWORD, Site, a_site

PATIENCE_S = 30


@pytest.fixture
async def site(tmp_path: Path) -> AsyncGenerator[Site, None]:
    with a_site(tmp_path) as opened:
        opened.person(role=Role.STAFF)
        yield opened


@asynccontextmanager
async def served(site: Site) -> AsyncGenerator[str, None]:
    told = asyncio.Queue[str]()
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(serve_web(site.app, WebSettings(port=0), told.put_nowait))
        try:
            yield (await told.get()).rstrip("/")
        finally:
            serving.cancel()


@asynccontextmanager
async def logged_in(address: str) -> AsyncGenerator[httpx.AsyncClient, None]:
    async with httpx.AsyncClient(
        base_url=address, headers={"sec-fetch-site": "same-origin"}, timeout=PATIENCE_S
    ) as browser:
        assert (await browser.post("/login", data={"name": NAME, "password": PASSWORD})).status_code == 303
        yield browser


async def messages(answer: httpx.Response) -> AsyncIterator[dict[str, str]]:
    """Each message's fields; a comment has the field of the empty name."""
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
        elif fields:
            yield fields
            fields = {}


async def next_of(stream: AsyncIterator[dict[str, str]]) -> dict[str, str]:
    return await asyncio.wait_for(anext(stream), PATIENCE_S)


def live_of(site: Site) -> Live:
    found: Live = site.app.state.live
    return found


async def test_a_change_is_told_with_its_number_and_place_and_no_patient(site: Site) -> None:
    async with served(site) as address, logged_in(address) as browser, browser.stream("GET", "/live?auto") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        stream = messages(answer)
        assert (await next_of(stream))["event"] == "hello"
        number = await asyncio.to_thread(site.refer, "Okafor")
        told = await next_of(stream)
        assert told["event"] == "changed"
        touched = json.loads(told["data"])["touched"]
        assert {"board", "work", f"referral:{number}"} <= set(touched)
        assert "Okafor" not in str(told)
        with site.desk.store.reading() as tx:
            assert int(told["id"]) <= tx.last_seq()
    assert live_of(site).listeners == 0


async def test_a_page_that_comes_back_hears_what_it_missed(site: Site) -> None:
    with site.desk.store.reading() as tx:
        before = tx.last_seq()
    site.refer("Okafor")
    async with served(site) as address, logged_in(address) as browser:
        for asked, headers in ((f"/live?auto&after={before}", {}), ("/live?auto", {"Last-Event-ID": str(before)})):
            async with browser.stream("GET", asked, headers=headers) as answer:
                stream = messages(answer)
                assert (await next_of(stream))["event"] == "hello"
                assert "board" in (await next_of(stream))["data"]
        async with browser.stream("GET", "/live?auto&after=999999999") as answer:
            stream = messages(answer)
            await next_of(stream)
            assert json.loads((await next_of(stream))["data"]) == {"touched": ["everything"]}


async def test_all_open_pages_hear_of_it_from_one_watcher(site: Site) -> None:
    async with (
        served(site) as address,
        logged_in(address) as browser,
        browser.stream("GET", "/live?auto") as one,
        browser.stream("GET", "/live?auto") as two,
    ):
        streams = [messages(one), messages(two)]
        for stream in streams:
            await next_of(stream)
        assert live_of(site).listeners == 2
        await asyncio.to_thread(site.refer, "Okafor")
        heard = [json.loads((await next_of(stream))["data"]) for stream in streams]
        assert heard[0] == heard[1]


async def test_a_stream_beats_but_does_not_keep_an_idle_stay_alive_and_ends_with_it(site: Site) -> None:
    live_of(site).beat_s = 0.1
    async with served(site) as address, logged_in(address) as browser:
        async with browser.stream("GET", "/live?auto") as answer:
            stream = messages(answer)
            await next_of(stream)
            assert "" in await next_of(stream)
            site.clock.advance(IDLE / 2)
            assert "" in await next_of(stream)
            site.clock.advance(IDLE / 2)
            events = [fields.get("event", "") async for fields in stream]
            assert events[-1] == "over"
        assert (await browser.get("/")).headers["location"] == "/login"


async def test_logging_out_elsewhere_ends_the_stream(site: Site) -> None:
    live_of(site).beat_s = 0.1
    async with served(site) as address, logged_in(address) as browser:
        async with browser.stream("GET", "/live?auto") as answer:
            stream = messages(answer)
            await next_of(stream)
            assert (await browser.post("/logout")).status_code == 303
            seen = [fields.get("event") async for fields in stream]
        assert seen[-1] == "over"


async def test_strangers_hear_nothing(site: Site) -> None:
    async with served(site) as address, httpx.AsyncClient(base_url=address) as browser:
        assert (await browser.get("/live?auto")).status_code == 303
        assert live_of(site).listeners == 0


async def test_a_shutdown_does_not_wait_for_open_pages(site: Site) -> None:
    async with asyncio.timeout(PATIENCE_S):
        async with served(site) as address, logged_in(address) as browser:
            async with browser.stream("GET", "/live?auto") as answer:
                stream = messages(answer)
                await next_of(stream)
                live_of(site).end()
                began = time.monotonic()
                assert [fields async for fields in stream] == []
                assert time.monotonic() - began < live_of(site).beat_s
            assert (await browser.get("/live?auto")).status_code == 503


async def test_no_more_pages_listen_than_can_be_borne(site: Site) -> None:
    async with AsyncExitStack() as open_pages:
        for _ in range(live.MOST_LISTENERS):
            await open_pages.enter_async_context(live_of(site).listening(None))
        async with served(site) as address, logged_in(address) as browser:
            assert (await browser.get("/live?auto")).status_code == 503
    assert live_of(site).listeners == 0


async def test_a_flood_of_changes_is_one_message_to_look_anew(site: Site) -> None:
    numbers = [site.refer(f"Family{n}") for n in range(30)]
    async with (
        served(site) as address,
        logged_in(address) as browser,
        browser.stream("GET", "/live?auto&after=0") as answer,
    ):
        stream = messages(answer)
        await next_of(stream)
        first = json.loads((await next_of(stream))["data"])["touched"]
        assert len(first) <= live.MOST_LISTENERS
        for number in numbers:
            await asyncio.to_thread(site.move, number, Status.SENT)
        told = json.loads((await next_of(stream))["data"])["touched"]
        assert "everything" in told or "board" in told


async def test_a_refresh_of_a_search_and_of_an_open_document_is_no_sign_of_anybody(site: Site) -> None:
    await site.log_in()
    site.refer("Okafor")
    half = IDLE / 2
    site.clock.advance(half)
    assert "Okafor" in (await site.browser.post("/?auto", data={"q": "oka"})).text
    assert (await site.browser.post("/queue?auto", data={"q": "oka"})).status_code == 200
    site.clock.advance(half)
    answer = await site.browser.post("/?auto", data={"q": "oka"}, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    with site.desk.store.transaction() as tx:
        person = tx.person_named(NAME)
        assert person is not None
        assert tx.drafts_of(person.id) == []


async def test_a_deed_is_never_taken_for_a_refresh(site: Site) -> None:
    await site.log_in()
    number = site.refer("Okafor")
    await site.browser.post(f"/referrals/{number}/cancel?auto", data={"reason": "double"})
    entry = site.audit("acted")[0].entry
    assert (entry.path, entry.detail) == (f"/referrals/{number}/cancel", "")
