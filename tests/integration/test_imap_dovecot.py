"""The mailbox watcher against a real Dovecot."""

import asyncio
import logging
import secrets
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.inbound.imap import Backoff, ImapAccount, ImapWatcher
from tests.rigs.dovecot import PROGRAM, Dovecot, running_dovecot
from tests.rigs.fake_door import FakeDoor
from tests.rigs.waiting import running, until

pytestmark = pytest.mark.skipif(not Path(PROGRAM).exists(), reason="Dovecot is not installed")
FAST = Backoff(first_s=0.05, ceiling_s=0.5, login_s=0.5)


@pytest.fixture(scope="module")
def dovecot(tmp_path_factory: pytest.TempPathFactory) -> Generator[Dovecot]:
    with running_dovecot(tmp_path_factory.mktemp("dovecot")) as server:
        yield server


def account(server: Dovecot, user: str, **changes: object) -> ImapAccount:
    plain = ImapAccount(
        host="127.0.0.1",
        port=server.tls_port,
        username=user,
        password=server.password,
        ca_file=server.ca_file,
        backoff=FAST,
        answer_s=5,
    )
    return replace(plain, **changes)  # type: ignore[arg-type] - any field


def a_mail(subject: str, body: bytes = b"Hello") -> bytes:
    return f"From: desk@office.example\r\nSubject: {subject}\r\n\r\n".encode() + body + b"\r\n"


async def test_mails_there_and_mails_that_come_are_taken_in_byte_for_byte_and_marked(dovecot: Dovecot) -> None:
    box = replace(dovecot, user="a@clinic.example")
    mails = [a_mail("one"), a_mail("two", b"(unbalanced { \\ brackets {12}\r\nA1 OK x\r\n* 3 EXISTS\r\n)")]
    for mail in mails:
        box.deliver(mail)
    door = FakeDoor()
    watcher = ImapWatcher(account(dovecot, box.user), door)
    async with running(watcher.run):
        await until(lambda: len(door.taken) == 2)
        await until(lambda: watcher.last_heard_at > 0)
        mails.append(a_mail("three", b"x" * 3_000_000))
        await asyncio.to_thread(box.deliver, mails[-1])
        await until(lambda: len(door.taken) == 3, 5)
        await until(lambda: all(b"\\Seen" in flags for flags in box.flags()))
    assert door.contents == sorted(mails)
    assert all(envelope.received_at is not None for envelope in door.envelopes.values())
    assert next(iter(door.taken)).startswith(f"imap:{box.user}@127.0.0.1/INBOX/")


async def test_nothing_is_marked_before_it_is_durable(dovecot: Dovecot) -> None:
    box = replace(dovecot, user="b@clinic.example")
    box.deliver(a_mail("one"))
    door = FakeDoor()
    door.failures_left = 4
    watcher = ImapWatcher(account(dovecot, box.user), door)
    async with running(watcher.run):
        await until(lambda: door.failures_left == 2)
        assert not any(b"\\Seen" in flags for flags in box.flags())
        await until(lambda: len(door.taken) == 1)
        await until(lambda: b"\\Seen" in box.flags()[0])


async def test_a_restart_takes_nothing_twice_and_marks_what_was_left_unmarked(dovecot: Dovecot) -> None:
    box = replace(dovecot, user="c@clinic.example")
    box.deliver(a_mail("one"))
    door = FakeDoor()
    async with running(ImapWatcher(account(dovecot, box.user), door).run):
        await until(lambda: b"\\Seen" in box.flags()[0])
    with box.session() as imap:
        imap.select()
        imap.store("1", "-FLAGS", "(\\Seen)")
    async with running(ImapWatcher(account(dovecot, box.user), door).run):
        await until(lambda: b"\\Seen" in box.flags()[0])
    assert door.received == 1


@pytest.mark.parametrize("folder", ["Fax In", "Télécopies & Post", 'A "quoted\\name', "受信箱"])
async def test_folders_of_any_name_are_watched_and_emptied_into_another(dovecot: Dovecot, folder: str) -> None:
    box = replace(dovecot, user=f"d{secrets.token_hex(4)}@clinic.example")
    box.make_folder(folder)
    box.make_folder("Taken in")
    box.deliver(a_mail("one"), folder)
    door = FakeDoor()
    async with running(ImapWatcher(account(dovecot, box.user, folder=folder, move_to="Taken in"), door).run):
        await until(lambda: box.count("Taken in") == 1)
    assert box.count(folder) == 0
    assert door.contents == [a_mail("one")]


async def test_a_read_only_folder_is_taken_in_all_the_same(dovecot: Dovecot) -> None:
    box = replace(dovecot, user="e@clinic.example")
    box.deliver(a_mail("one"))
    door = FakeDoor()
    watcher = ImapWatcher(account(dovecot, box.user, move_to="No such folder"), door)
    async with running(watcher.run):
        await until(lambda: watcher.last_heard_at > 0)
    assert (door.contents, watcher.trouble) == ([a_mail("one")], "")


async def test_starttls_is_used_and_a_strange_certificate_is_refused(dovecot: Dovecot) -> None:
    box = replace(dovecot, user="f@clinic.example")
    box.deliver(a_mail("one"))
    door = FakeDoor()
    over_starttls = account(dovecot, box.user, port=dovecot.port, security="starttls")
    async with running(ImapWatcher(over_starttls, door).run):
        await until(lambda: len(door.taken) == 1)
    stranger = ImapWatcher(replace(over_starttls, ca_file=None), FakeDoor())
    async with running(stranger.run):
        await until(lambda: bool(stranger.trouble))
    assert stranger.last_heard_at == 0


async def test_a_mail_over_the_limit_leaves_its_header_and_says_so(dovecot: Dovecot) -> None:
    box = replace(dovecot, user="g@clinic.example")
    box.deliver(a_mail("large", b"x" * 200_000))
    door = FakeDoor()
    async with running(ImapWatcher(account(dovecot, box.user, largest_bytes=100_000), door).run):
        await until(lambda: len(door.taken) == 1)
    (data,) = door.contents
    assert data.startswith(b"X-Referloop-Partial: header only")
    assert b"Subject: large" in data
    assert next(iter(door.envelopes.values())).is_partial


async def test_a_wrong_password_is_told_at_once_and_tried_rarely(
    dovecot: Dovecot, caplog: pytest.LogCaptureFixture
) -> None:
    watcher = ImapWatcher(
        account(dovecot, "h@clinic.example", password="wrong", backoff=Backoff(0.01, 0.1, 60)), FakeDoor()
    )
    async with running(watcher.run):
        await until(lambda: bool(watcher.trouble))
        await asyncio.sleep(0.5)
    assert "refuses user or password" in watcher.trouble
    assert sum(record.levelno == logging.ERROR for record in caplog.records) == 1


async def test_a_mailbox_of_thousands_is_read_in_ranges_and_logs_no_word_of_it(
    dovecot: Dovecot, caplog: pytest.LogCaptureFixture
) -> None:
    box = replace(dovecot, user="i@clinic.example")
    with box.session() as imap:
        for number in range(300):
            imap.append("INBOX", "", "", a_mail(f"canary {number}"))
        imap.select()
        imap.store("100:150", "+FLAGS", "\\Deleted")
        imap.expunge()
    door = FakeDoor()
    with caplog.at_level(logging.DEBUG):
        async with running(ImapWatcher(account(dovecot, box.user, range_size=40), door).run):
            await until(lambda: len(door.taken) == 249, 30)
    assert "canary" not in caplog.text
