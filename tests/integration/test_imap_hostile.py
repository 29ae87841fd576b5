"""Whatever the mail server does, what is taken in equals what was in the mailbox."""

import asyncio
import random
import time
from collections import deque

import pytest

from gateway.inbound.imap import Backoff, ImapAccount, ImapWatcher
from tests.rigs.fake_door import FakeDoor
from tests.rigs.hostile_imap import Fault, HostileImap
from tests.rigs.waiting import running, until


def account(port: int, **changes: float) -> ImapAccount:
    return ImapAccount(
        host="127.0.0.1",
        port=port,
        username="referrals@clinic.example",
        password="secret",
        security="none",
        poll_s=changes.get("poll_s", 0.3),
        answer_s=changes.get("answer_s", 0.5),
        chunk_bytes=int(changes.get("chunk_bytes", 20_000)),
        backoff=Backoff(first_s=0.02, ceiling_s=0.2, login_s=changes.get("login_s", 0.2)),
    )


def a_mail(number: int, size: int = 200) -> bytes:
    filler = random.Random(number).randbytes(size).hex().encode()
    return b"Subject: (%d {\r\n\r\n%s\r\n)\r\n" % (number, filler)


@pytest.mark.parametrize("fault", list(Fault))
async def test_what_is_taken_in_is_what_was_in_the_mailbox_after(fault: Fault) -> None:
    async with HostileImap(faults=deque([fault, Fault.NONE, fault])).listening() as server:
        for number in range(3):
            server.deliver(a_mail(number, 30_000 if number == 1 else 200))
        door = FakeDoor()
        watcher = ImapWatcher(account(server.port, answer_s=1.5 if "FLOOD" in fault.name else 0.5), door)
        async with running(watcher.run):
            await until(lambda: len(set(door.taken.values())) == 3, 20)
            late = a_mail(99)
            server.deliver(late)
            await until(lambda: late in door.taken.values(), 20)
            await until(lambda: server.seen == set(server.mails), 20)
        assert set(door.taken.values()) == set(server.mails.values())
        copies = 1 if fault is not Fault.NEW_VALIDITY else 3
        assert len(door.taken) <= copies * 4


async def test_a_new_uidvalidity_takes_in_what_an_old_uid_would_hide() -> None:
    async with HostileImap().listening() as server:
        server.deliver(a_mail(1))
        door = FakeDoor()
        async with running(ImapWatcher(account(server.port), door).run):
            await until(lambda: len(door.taken) == 1)
            server.validity, server.mails = 2, {1: a_mail(2)}
            await until(lambda: len(door.taken) == 2)
        assert door.contents == sorted([a_mail(1), a_mail(2)])


async def test_a_refused_login_is_not_tried_again_soon() -> None:
    async with HostileImap(accepts_login=False).listening() as server:
        watcher = ImapWatcher(account(server.port, login_s=60), FakeDoor())
        async with running(watcher.run):
            await until(lambda: bool(watcher.trouble))
            started = time.monotonic()
            await until(lambda: time.monotonic() - started > 0.5)
        assert server.logins == 1


async def test_one_mail_the_server_cannot_give_does_not_hold_up_the_others() -> None:
    async with HostileImap().listening() as server:
        for number in range(3):
            server.deliver(a_mail(number))
        server.faults.extend([Fault.FIN_IN_LITERAL] * 3)
        door = FakeDoor()
        async with running(ImapWatcher(account(server.port), door).run):
            await until(lambda: len(door.taken) == 3)
        first, *_, last = door.taken
        assert first.endswith("/2")
        assert last.endswith("/1")


async def test_twenty_thousand_lines_at_once_take_no_second() -> None:
    async with HostileImap(faults=deque([Fault.FLOOD_IN_FETCH])).listening() as server:
        server.deliver(a_mail(1))
        door = FakeDoor()
        async with running(ImapWatcher(account(server.port, answer_s=5), door).run):
            started = time.monotonic()
            await until(lambda: len(door.taken) == 1)
            assert server.connections == 1
            assert time.monotonic() - started < 3


@pytest.mark.slow
async def test_random_faults_one_after_the_other_lose_nothing_and_take_nothing_twice() -> None:
    chance = random.Random(7)
    choices = [fault for fault in Fault if fault is not Fault.NEW_VALIDITY]
    async with HostileImap(faults=deque(chance.choices(choices, k=60))).listening() as server:
        door = FakeDoor()
        async with running(ImapWatcher(account(server.port, answer_s=0.3), door).run):
            for number in range(40):
                server.deliver(a_mail(number, chance.randrange(0, 40_000)))
                if number % 2:
                    await asyncio.sleep(chance.random() / 2)
                    server.kick()
            await until(lambda: len(door.taken) == 40, 60)
        assert door.contents == sorted(server.mails.values())
        assert door.received == 40
