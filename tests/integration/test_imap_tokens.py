"""A mailbox opened by tokens: a real Dovecot that asks a real provider whose token it is."""

import asyncio
import re
from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.inbound.imap import Backoff, ImapAccount, ImapWatcher
from gateway.services.mail_grants import MailGrants
from gateway.storage.store import SqlStore
from gateway.testing import FixedClock
from outbound.oauth import TokenClient
from tests.builders import NOON
from tests.rigs.dovecot import PROGRAM, Dovecot, running_dovecot, taking_tokens
from tests.rigs.fake_door import FakeDoor
from tests.rigs.oauth_server import OWNER, OAuthServer, oauth_server
from tests.rigs.waiting import running, until

pytestmark = pytest.mark.skipif(not Path(PROGRAM).exists(), reason="Dovecot is not installed")


@pytest.fixture
def provider() -> Generator[OAuthServer]:
    with oauth_server() as room:
        yield room


@pytest.fixture
def dovecot(tmp_path: Path, provider: OAuthServer) -> Generator[Dovecot]:
    root = tmp_path / "dovecot"
    with running_dovecot(root, taking_tokens(root, f"{provider.base}/introspect")) as server:
        yield replace(server, user=OWNER)


@pytest.fixture
async def grants(tmp_path: Path, provider: OAuthServer) -> MailGrants:
    """Somebody has logged in to mailbox main."""
    store, clock = SqlStore.open(f"sqlite:///{tmp_path / 'rows.sqlite'}"), FixedClock(NOON)
    client = TokenClient(provider.provider(), clock.now)
    grants = MailGrants(store, clock, b"k" * 48, {"main": client})
    provider.answer = "approved"
    await asyncio.to_thread(grants.keep, "main", await client.wait_device(await client.begin_device()))
    return grants


def account(server: Dovecot, grants: MailGrants, **changes: object) -> ImapAccount:
    by_token = ImapAccount(
        host="127.0.0.1",
        port=server.tls_port,
        username=server.user,
        tokens=grants.source("main"),
        ca_file=server.ca_file,
        backoff=Backoff(first_s=0.05, ceiling_s=0.5, login_s=0.5),
        answer_s=5,
    )
    return replace(by_token, **changes)  # type: ignore[arg-type] - any field


def a_mail(subject: str) -> bytes:
    return f"From: desk@office.example\r\nSubject: {subject}\r\n\r\nHello\r\n".encode()


async def test_mail_is_taken_in_and_idle_works_without_a_password(
    dovecot: Dovecot, grants: MailGrants, provider: OAuthServer
) -> None:
    dovecot.deliver(a_mail("one"))
    door = FakeDoor()
    watcher = ImapWatcher(account(dovecot, grants), door)
    async with running(watcher.run):
        await until(lambda: len(door.taken) == 1)
        await asyncio.to_thread(dovecot.deliver, a_mail("two"))
        await until(lambda: len(door.taken) == 2, 5)
    assert (watcher.trouble, provider.asked_for("refresh_token")) == ("", [])


async def test_a_token_that_was_ended_early_is_replaced_on_the_same_connection(
    dovecot: Dovecot, grants: MailGrants, provider: OAuthServer
) -> None:
    dovecot.deliver(a_mail("one"))
    provider.end_access()
    door = FakeDoor()
    watcher = ImapWatcher(account(dovecot, grants), door)
    async with running(watcher.run):
        await until(lambda: len(door.taken) == 1)
    assert (watcher.trouble, len(provider.asked_for("refresh_token"))) == ("", 1)


async def test_folders_and_their_uses_are_known_after_a_login_by_token(dovecot: Dovecot, grants: MailGrants) -> None:
    dovecot.make_folder("Taken in")
    dovecot.deliver(a_mail("one"))
    door = FakeDoor()
    async with running(ImapWatcher(account(dovecot, grants, move_to="Taken in"), door).run):
        await until(lambda: dovecot.count("Taken in") == 1)
    assert dovecot.count() == 0


async def test_a_revoked_grant_is_told_and_mended_by_logging_in_again(
    dovecot: Dovecot, grants: MailGrants, provider: OAuthServer
) -> None:
    dovecot.deliver(a_mail("one"))
    provider.revoke()
    door = FakeDoor()
    watcher = ImapWatcher(account(dovecot, grants), door)
    async with running(watcher.run):
        await until(lambda: watcher.is_refused)
        await asyncio.sleep(2)
        assert re.search("revoked or has expired.*mail login main", watcher.trouble)
        assert len(provider.asked_for("refresh_token")) == 1
        assert door.contents == []
        client = grants.clients["main"]
        await asyncio.to_thread(grants.keep, "main", await client.wait_device(await client.begin_device()))
        await until(lambda: len(door.taken) == 1 and not watcher.is_refused)  # told when the round has ended
    assert (watcher.trouble, grants.troubles()) == ("", [])


async def test_a_provider_that_is_down_is_a_passing_fault(
    dovecot: Dovecot, grants: MailGrants, provider: OAuthServer
) -> None:
    dovecot.deliver(a_mail("one"))
    provider.status = 503
    assert isinstance(grants.clock, FixedClock)
    grants.clock.advance(timedelta(hours=2))
    door = FakeDoor()
    watcher = ImapWatcher(account(dovecot, grants), door)
    async with running(watcher.run):
        await until(lambda: bool(watcher.trouble))
        assert not watcher.is_refused
        provider.status = 200
        await until(lambda: len(door.taken) == 1)


async def test_another_persons_mailbox_is_refused_with_words_that_help(
    dovecot: Dovecot, grants: MailGrants, provider: OAuthServer
) -> None:
    watcher = ImapWatcher(account(dovecot, grants, username="somebody@clinic.example"), FakeDoor())
    async with running(watcher.run):
        await until(lambda: watcher.is_refused)
    assert "refuses a fresh token" in watcher.trouble


@pytest.mark.parametrize("offered", ["oauthbearer", "xoauth2"])
async def test_either_mechanism_will_do_and_a_server_without_initial_responses_too(
    tmp_path: Path, provider: OAuthServer, grants: MailGrants, offered: str
) -> None:
    root = tmp_path / "one-mechanism"
    extra = taking_tokens(root, f"{provider.base}/introspect").replace(
        "plain login xoauth2 oauthbearer", f"plain {offered}"
    )
    extra += "imap_capability = IMAP4rev1 LITERAL+ IDLE UIDPLUS MOVE SPECIAL-USE\n"
    with running_dovecot(root, extra) as server:
        mine = replace(server, user=OWNER)
        mine.deliver(a_mail("one"))
        for has_ended in (False, True):
            if has_ended:
                provider.end_access()
            door = FakeDoor()
            async with running(ImapWatcher(account(mine, grants), door).run):
                await until(lambda door=door: len(door.taken) == 1)
