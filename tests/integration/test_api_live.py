"""The stream of changes for programs, over a real socket: with a token, as long as it holds, and no patient in it."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from gateway.domain.audit import AuditKind
from gateway.domain.person import Role
from gateway.domain.token import Scope
from gateway.services.access.accounts import By
from gateway.web.api.live import MOST_OF_A_TOKEN
from tests.integration.test_api_tokens import a_token
from tests.integration.test_live import live_of, messages, next_of, served
from tests.rigs.site import Site, a_site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncGenerator[Site, None]:
    with a_site(tmp_path) as opened:
        yield opened


@asynccontextmanager
async def asking(site: Site, secret: str) -> AsyncGenerator[httpx.AsyncClient, None]:
    said = {"authorization": f"Bearer {secret}"}
    async with (
        served(site) as address,
        httpx.AsyncClient(base_url=f"{address}/api/v1", headers=said, timeout=30) as program,
    ):
        yield program


async def test_a_program_hears_what_pages_hear_first_of_all_what_it_missed(site: Site) -> None:
    with site.desk.store.reading() as tx:
        before = tx.last_seq()
    missed = site.refer("Okafor")
    async with asking(site, a_token(site)) as program:
        for path, headers in ((f"/live?after={before}", {}), ("/live", {"last-event-id": str(before)})):
            async with program.stream("GET", path, headers=headers) as answer:
                assert answer.headers["content-type"].startswith("text/event-stream")
                stream = messages(answer)
                assert (await next_of(stream))["event"] == "hello"
                told = json.loads((await next_of(stream))["data"])["touched"]
                assert {"board", "work", f"referral:{missed}"} <= set(told)
        async with program.stream("GET", "/live") as answer:
            stream = messages(answer)
            await next_of(stream)
            number = await asyncio.to_thread(site.refer, "Winter")
            told = await next_of(stream)
            assert f"referral:{number}" in told["data"]
            assert "Winter" not in str(told)
    entry = site.audit(AuditKind.VIEWED)[0].entry
    assert (entry.actor, entry.path, entry.status) == ("EHR bridge (token)", "/api/v1/live", 200)


async def test_a_stream_ends_when_its_token_is_revoked(site: Site) -> None:
    live_of(site).beat_s = 0.1
    async with asking(site, a_token(site)) as program, program.stream("GET", "/live") as answer:
        stream = messages(answer)
        await next_of(stream)
        assert "" in await next_of(stream)
        await asyncio.to_thread(site.access.tokens.revoke, "EHR bridge", By("Chief"))
        events = [fields.get("event", "") async for fields in stream]
        assert events[-1] == "over"
    assert live_of(site).listeners == 0


async def test_a_token_without_the_scope_hears_nothing_and_a_wrong_place_is_refused(site: Site) -> None:
    scopes = frozenset({Scope.FIGURES_READ})
    async with asking(site, a_token(site, scopes, Role.STAFF, "monitor")) as program:
        assert (await program.get("/live")).status_code == 403
    async with asking(site, a_token(site)) as program:
        refused = await program.get("/live", headers={"last-event-id": "soon"})
        assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    assert live_of(site).listeners == 0


async def test_one_token_takes_only_so_many_places_and_gives_them_back(site: Site) -> None:
    live_of(site).beat_s = 0.1
    async with asking(site, a_token(site)) as program:
        async with AsyncExitStack() as open_streams:
            heard: list[AsyncIterator[dict[str, str]]] = []
            for _ in range(MOST_OF_A_TOKEN):
                answer = await open_streams.enter_async_context(program.stream("GET", "/live"))
                heard.append(messages(answer))
                assert (await next_of(heard[-1]))["event"] == "hello"
            refused = await program.get("/live")
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "15")
        async with asyncio.timeout(20):
            while live_of(site).listeners:  # noqa: ASYNC110 - the server notices in its own time that they went
                await asyncio.sleep(0.05)
        async with program.stream("GET", "/live") as answer:
            assert (await next_of(messages(answer)))["event"] == "hello"
