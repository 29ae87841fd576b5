"""Sending with tokens, at a measured pace, asking for receipts, from several mailboxes: over real SMTP."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import pytest

from gateway.services.mail_grants import MailGrants
from gateway.storage.store import SqlStore
from gateway.testing import FixedClock
from outbound.mail import SmtpAccount, SmtpSender
from outbound.mail_pace import DomainPace
from outbound.mail_routes import MailRoute, MailRoutes
from outbound.oauth import TokenClient
from outbound.sender import Accepted, Deferred, Outcome, Packet
from tests.builders import NOON
from tests.integration.mail_server import Listening, Mailroom, mail_server
from tests.rigs.oauth_server import OAuthServer, oauth_server


async def committed(reference: str) -> None:
    """Nothing to keep here."""


@pytest.fixture
def packet(tmp_path: Path) -> Packet:
    path = tmp_path / "packet.pdf"
    path.write_bytes(b"%PDF-1.7 a packet")
    return Packet(path, "application/pdf", 2, "7Q2M-KX49", token="RL1.TOKEN-0123456789")


@pytest.fixture
async def provider() -> AsyncGenerator[OAuthServer]:
    with oauth_server() as room:
        room.answer = "approved"
        yield room


@pytest.fixture
async def grants(tmp_path: Path, provider: OAuthServer) -> AsyncGenerator[MailGrants]:
    store, clock = SqlStore.open(f"sqlite:///{tmp_path / 'rows.sqlite'}"), FixedClock(NOON)
    client = TokenClient(provider.provider(), clock.now)
    made = MailGrants(store, clock, b"k" * 48, {"main": client})
    await asyncio.to_thread(made.keep, "main", await client.wait_device(await client.begin_device()))
    yield made
    store.close()


def by_token(server: Listening, grants: MailGrants) -> SmtpAccount:
    return replace(server.account, password="", tokens=grants.source("main"))


async def send(account: SmtpAccount, packet: Packet, to: str = "desk@office.example", key: str = "k1") -> Outcome:
    return await SmtpSender(account).submit(packet, to, key, committed)


async def test_a_packet_goes_out_with_a_token(
    tmp_path: Path, packet: Packet, provider: OAuthServer, grants: MailGrants
) -> None:
    room = Mailroom(tokens=provider.access)
    async with mail_server(tmp_path, room) as server:
        assert isinstance(await send(by_token(server, grants), packet), Accepted)
    assert room.logins == [b"referrals@maple.example"]
    assert len(room.received) == 1


async def test_a_token_refused_is_replaced_once_and_the_packet_goes(
    tmp_path: Path, packet: Packet, provider: OAuthServer, grants: MailGrants
) -> None:
    provider.end_access()
    room = Mailroom(tokens=provider.access)
    async with mail_server(tmp_path, room) as server:
        assert isinstance(await send(by_token(server, grants), packet), Accepted)
    assert len(provider.asked_for("refresh_token")) == 1


async def test_a_revoked_grant_holds_packets_back_and_counts_no_try(
    tmp_path: Path, packet: Packet, provider: OAuthServer, grants: MailGrants
) -> None:
    provider.revoke()
    room = Mailroom(tokens=provider.access)
    async with mail_server(tmp_path, room) as server:
        told = await send(by_token(server, grants), packet)
    assert isinstance(told, Deferred)
    assert "mail login main" in told.cause
    assert (told.counts, told.retry_after_s) == (False, 300.0)
    assert room.received == []


async def test_a_server_that_takes_no_fresh_token_is_a_failed_try_with_a_hint(
    tmp_path: Path, packet: Packet, grants: MailGrants
) -> None:
    async with mail_server(tmp_path, Mailroom()) as server:
        told = await send(by_token(server, grants), packet)
    assert isinstance(told, Deferred)
    assert told.counts
    assert "does the mailbox allow authenticated SMTP?" in told.cause


async def test_mails_to_one_domain_take_turns_and_others_do_not_wait(tmp_path: Path, packet: Packet) -> None:
    room = Mailroom()
    async with mail_server(tmp_path, room) as server:
        sender = SmtpSender(replace(server.account, per_domain_per_minute=60))
        told = [await sender.submit(packet, f"desk{n}@office.example", f"k{n}", committed) for n in range(3)]
        assert isinstance(told[0], Accepted)
        waits = [one.retry_after_s for one in told[1:] if isinstance(one, Deferred) and not one.counts]
        assert [round(wait) for wait in waits] == [1, 2]
        assert isinstance(await sender.submit(packet, "desk@other.example", "k9", committed), Accepted)
        assert isinstance(await sender.submit(packet, "desk1@office.example", "k1", committed), Deferred | Accepted)
        await asyncio.sleep(2)
        for n in (1, 2):
            again = await sender.submit(packet, f"desk{n}@office.example", f"k{n}", committed)
            assert isinstance(again, Accepted)
    assert len(room.received) >= 4


def test_turns_are_evenly_spaced_and_kept() -> None:
    pace = DomainPace(per_minute=30)
    assert [pace.wait_s("Office.example", str(n), 100.0) for n in range(4)] == [0.0, 2.0, 4.0, 6.0]
    assert pace.wait_s("office.example", "2", 101.0) == 3.0
    assert [pace.wait_s("office.example", key, 106.0) for key in ("3", "1", "2")] == [0.0, 0.0, 0.0]
    assert pace.wait_s("office.example", "new", 106.0) == 2.0
    assert pace.wait_s("office.example", "later", 500.0) == 0.0


async def test_receipts_are_asked_for_where_the_settings_say_so(tmp_path: Path, packet: Packet) -> None:
    room = Mailroom()
    async with mail_server(tmp_path, room) as server:
        await send(server.account, packet, key="plain")
        await send(replace(server.account, asks_receipts=True), packet, key="asked")
    plain, asked = (message_from_bytes(one.content or b"") for one in room.received)  # type: ignore[arg-type]
    assert plain["Disposition-Notification-To"] is None
    assert asked["Disposition-Notification-To"] == "referrals@maple.example"
    assert "X-DIRECT-FINAL-DESTINATION-DELIVERY" in asked["Disposition-Notification-Options"]


async def test_each_recipient_is_written_to_from_the_mailbox_of_its_domain(tmp_path: Path, packet: Packet) -> None:
    room = Mailroom()
    async with mail_server(tmp_path, room) as server:
        direct = replace(
            server.account,
            from_address="clinic@direct.maple.example",
            reply_address="clinic@direct.maple.example",
            has_plus=False,
        )
        domains = (".direct.example", "direct.harbor.example")
        routes = MailRoutes(SmtpSender(server.account), [MailRoute(domains, SmtpSender(direct))])
        for n, to in enumerate(
            ["a@office.example", "b@hisp.direct.example", "c@Direct.Harbor.example", "d@direct.example"]
        ):
            assert isinstance(await routes.submit(packet, to, f"k{n}", committed), Accepted)
    senders = [one.mail_from for one in room.received]
    ours, theirs = "referrals@maple.example", "clinic@direct.maple.example"
    assert senders == [ours, theirs, theirs, ours]
    replies = [message_from_bytes(one.content or b"")["Reply-To"] for one in room.received]  # type: ignore[arg-type]
    assert "referrals+rl1.token" in replies[0]
    assert "<clinic@direct.maple.example>" in replies[1]
