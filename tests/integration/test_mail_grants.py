"""Tokens from a real provider on a loopback port: how they are got, kept, refreshed and lost."""

import asyncio
import logging
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import text

from gateway.services.mail_grants import MailGrants
from gateway.storage.engine import connect
from gateway.storage.store import SqlStore
from gateway.testing import FixedClock
from outbound.errors import AccessRefused, AccessUnavailable
from outbound.oauth import TokenClient
from tests.builders import NOON
from tests.rigs.oauth_server import CLIENT_ID, OAuthServer, oauth_server
from tests.rigs.waiting import until

KEY = b"k" * 48


@pytest.fixture
def provider() -> Generator[OAuthServer]:
    with oauth_server() as room:
        yield room


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def store(tmp_path: Path) -> Generator[SqlStore]:
    opened = SqlStore.open(f"sqlite:///{tmp_path / 'rows.sqlite'}")
    yield opened
    opened.close()


def grants_of(store: SqlStore, clock: FixedClock, provider: OAuthServer, key: bytes = KEY) -> MailGrants:
    return MailGrants(store, clock, key, {"main": TokenClient(provider.provider(), clock.now)})


async def logged_in(grants: MailGrants, provider: OAuthServer) -> MailGrants:
    provider.answer = "approved"
    client = grants.clients["main"]
    await asyncio.to_thread(grants.keep, "main", await client.wait_device(await client.begin_device()))
    return grants


async def test_a_code_is_typed_elsewhere_and_waited_for(provider: OAuthServer, clock: FixedClock) -> None:
    client = TokenClient(provider.provider(), clock.now)
    prompt = await client.begin_device()
    assert (prompt.user_code, prompt.address) == ("WDJB-MJHT", f"{provider.base}/type-it-here")
    waiting = asyncio.ensure_future(client.wait_device(prompt))
    await until(lambda: len(provider.asked_for("device_code")) > 1)
    assert not waiting.done()
    provider.answer = "approved"
    tokens = await waiting
    assert tokens.access in provider.access
    assert tokens.refresh in provider.refresh
    assert tokens.expires_at == NOON + timedelta(hours=1)
    assert "access-" not in repr(tokens)
    assert {one["client_id"] for one in provider.asked} == {CLIENT_ID}


async def test_a_provider_that_says_slow_down_is_asked_less_often(provider: OAuthServer, clock: FixedClock) -> None:
    client = TokenClient(provider.provider(), clock.now)
    provider.answer = "slow_down"
    waiting = asyncio.ensure_future(client.wait_device(await client.begin_device()))
    await until(lambda: bool(provider.asked_for("device_code")))
    provider.answer = "approved"
    await asyncio.sleep(2)
    assert len(provider.asked_for("device_code")) == 1  # 0.2 s became 5.2 s
    waiting.cancel()


@pytest.mark.parametrize(
    ("answer", "words"),
    [("access_denied", "declined"), ("authorization_declined", "declined"), ("expired_token", "not used in time")],
)
async def test_a_person_who_declines_or_never_comes_ends_the_waiting(
    provider: OAuthServer, clock: FixedClock, answer: str, words: str
) -> None:
    client = TokenClient(provider.provider(), clock.now)
    provider.answer = answer
    with pytest.raises(AccessRefused, match=words):
        await client.wait_device(await client.begin_device())


async def test_a_code_whose_time_is_over_is_waited_for_no_more(provider: OAuthServer, clock: FixedClock) -> None:
    client = TokenClient(provider.provider(), clock.now)
    prompt = await client.begin_device()
    waiting = asyncio.ensure_future(client.wait_device(prompt))
    await asyncio.sleep(0.3)
    clock.advance(timedelta(minutes=2))
    with pytest.raises(AccessRefused, match="not used in time"):
        await waiting


async def test_a_browser_logs_in_with_a_proof_that_nobody_else_has(provider: OAuthServer, clock: FixedClock) -> None:
    client = TokenClient(provider.provider(ask={"access_type": "offline"}), clock.now)
    prompt = client.begin_browser("http://127.0.0.1:8471/")
    assert "access_type=offline" in prompt.address
    landed_on = provider.authorize(dict(_question(prompt.address)))
    with pytest.raises(AccessRefused, match="does not answer our question"):
        await client.redeem(prompt, landed_on.replace("state=", "state=x"))
    tokens = await client.redeem(prompt, landed_on)
    assert tokens.access in provider.access
    again = client.begin_browser("http://127.0.0.1:8471/")
    stolen = provider.authorize(dict(_question(prompt.address))).replace(prompt.state, again.state)
    with pytest.raises(AccessRefused, match="revoked or has expired"):
        await client.redeem(again, stolen)
    with pytest.raises(AccessRefused, match="declined"):
        await client.redeem(again, "http://127.0.0.1:8471/?error=access_denied")


def _question(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


async def test_a_token_is_replaced_before_its_end_and_whoever_waits_gets_the_same(
    store: SqlStore, clock: FixedClock, provider: OAuthServer
) -> None:
    grants = await logged_in(grants_of(store, clock, provider), provider)
    first = await grants.token("main")
    assert provider.asked_for("refresh_token") == []
    clock.advance(timedelta(minutes=56))
    provider.delay_s = 0.3
    got = await asyncio.gather(*[grants.token("main") for _ in range(8)])
    assert len(set(got)) == 1
    assert got[0] != first
    assert (len(provider.asked_for("refresh_token")), provider.most_at_once) == (1, 1)
    again = grants_of(store, clock, provider)  # after a restart
    assert await again.token("main") == got[0]


async def test_a_refused_token_is_replaced_once_however_many_were_refused(
    store: SqlStore, clock: FixedClock, provider: OAuthServer
) -> None:
    grants = await logged_in(grants_of(store, clock, provider), provider)
    first = await grants.token("main")
    got = await asyncio.gather(*[grants.token("main", first) for _ in range(5)])
    assert len(set(got)) == 1
    assert got[0] != first
    assert len(provider.asked_for("refresh_token")) == 1


@pytest.mark.parametrize("rotates", [True, False])
async def test_the_newest_refresh_token_is_used_whether_or_not_the_provider_changes_it(
    store: SqlStore, clock: FixedClock, provider: OAuthServer, *, rotates: bool
) -> None:
    provider.rotates = rotates
    grants = await logged_in(grants_of(store, clock, provider), provider)
    for _ in range(3):
        clock.advance(timedelta(hours=2))
        assert await grants.token("main") in provider.access
    used = [one["refresh_token"] for one in provider.asked_for("refresh_token")]
    assert len(set(used)) == (3 if rotates else 1)


async def test_a_revoked_grant_is_told_and_asked_about_rarely_until_somebody_logs_in_again(
    store: SqlStore, clock: FixedClock, provider: OAuthServer, caplog: pytest.LogCaptureFixture
) -> None:
    grants = await logged_in(grants_of(store, clock, provider), provider)
    provider.revoke()
    clock.advance(timedelta(hours=2))
    for _ in range(5):
        with pytest.raises(
            AccessRefused, match=r"revoked or has expired \(invalid_grant, AADSTS700082\).*mail login main"
        ):
            await grants.token("main")
    assert len(provider.asked_for("refresh_token")) == 1
    assert sum(record.levelno == logging.ERROR for record in caplog.records) == 1
    (told,) = grants.troubles()
    assert told.startswith("mailbox main is shut: the grant was revoked or has expired (invalid_grant, AADSTS700082);")
    assert told.endswith("run `referloop mail login main`")
    clock.advance(timedelta(hours=2))
    with pytest.raises(AccessRefused):
        await grants.token("main")
    assert len(provider.asked_for("refresh_token")) == 2
    await logged_in(grants, provider)
    assert await grants.token("main") in provider.access
    assert grants.troubles() == []


async def test_a_provider_that_is_down_costs_no_grant(
    store: SqlStore, clock: FixedClock, provider: OAuthServer
) -> None:
    grants = await logged_in(grants_of(store, clock, provider), provider)
    clock.advance(timedelta(hours=2))
    provider.status = 503
    with pytest.raises(AccessUnavailable):
        await grants.token("main")
    assert grants.troubles() == []
    provider.status = 200
    assert await grants.token("main") in provider.access
    nowhere = TokenClient(provider.provider(token_url="http://127.0.0.1:9/token"), clock.now)
    with pytest.raises(AccessUnavailable, match="cannot be asked"):
        await nowhere.refresh("x")


async def test_an_application_that_the_provider_does_not_know_is_named(
    provider: OAuthServer, clock: FixedClock
) -> None:
    stranger = TokenClient(provider.provider(client_id="stranger"), clock.now)
    with pytest.raises(AccessRefused, match=r"mail\.oauth\.client_id"):
        await stranger.refresh("x")


async def test_what_is_kept_opens_with_the_clinics_key_alone(
    store: SqlStore, clock: FixedClock, provider: OAuthServer, tmp_path: Path
) -> None:
    grants = await logged_in(grants_of(store, clock, provider), provider)
    token = await grants.token("main")
    engine = connect(f"sqlite:///{tmp_path / 'rows.sqlite'}")
    with engine.connect() as connection:
        kept = str(connection.execute(text("SELECT * FROM mail_grants")).one())
    engine.dispose()
    assert "main" in kept
    assert token not in kept
    assert not any(refresh in kept for refresh in provider.refresh)
    stolen = grants_of(store, clock, provider, key=b"o" * 48)
    with pytest.raises(AccessRefused, match="another code_key"):
        await stolen.token("main")
    with store.transaction() as tx:
        grant = tx.grant("main")
        assert grant is not None
        tx.keep_grant(type(grant)("other", grant.sealed, grant.kept_at))
    moved = MailGrants(store, clock, KEY, {"other": grants.clients["main"]})
    with pytest.raises(AccessRefused):
        await moved.token("other")  # one account's grant does not open another


async def test_nobody_logged_in_yet_is_a_trouble_and_forgetting_is_one_again(
    store: SqlStore, clock: FixedClock, provider: OAuthServer
) -> None:
    grants = grants_of(store, clock, provider)
    with pytest.raises(AccessRefused, match="nobody has logged in to mailbox main yet"):
        await grants.token("main")
    await logged_in(grants, provider)
    assert grants.troubles() == []
    assert grants.forget("main")
    assert not grants.forget("main")
    assert grants.troubles() == ["nobody has logged in to mailbox main yet: run `referloop mail login main`"]
