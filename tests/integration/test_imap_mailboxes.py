"""Mailboxes as clinics have them: old, huge, moved to other servers, on servers that can little."""

import asyncio
import os
import time
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from gateway.domain.arrival import Arrival, Envelope
from gateway.inbound.imap import Backoff, ImapAccount, ImapWatcher
from tests.rigs.dovecot import PROGRAM, Dovecot, running_dovecot
from tests.rigs.fake_door import FakeDoor, FakePlaces
from tests.rigs.waiting import running, until

pytestmark = pytest.mark.skipif(not Path(PROGRAM).exists(), reason="Dovecot is not installed")
USES = """
namespace inbox {
  mailbox "Unerwünscht" {
    special_use = \\Junk
    auto = create
  }
  mailbox "Alte Post" {
    special_use = \\Archive
    auto = create
  }
}
"""
POOR = "imap_capability = IMAP4rev1\n"


@pytest.fixture(scope="module")
def dovecot(tmp_path_factory: pytest.TempPathFactory) -> Generator[Dovecot]:
    with running_dovecot(tmp_path_factory.mktemp("dovecot"), USES) as server:
        yield server


def account(server: Dovecot, **changes: object) -> ImapAccount:
    plain = ImapAccount(
        host="127.0.0.1",
        port=server.tls_port,
        username=server.user,
        password=server.password,
        ca_file=server.ca_file,
        backoff=Backoff(first_s=0.05, ceiling_s=0.5, login_s=0.5),
        answer_s=20,
        poll_s=1,
    )
    return replace(plain, **changes)  # type: ignore[arg-type] - any field


def a_mail(subject: str, body: bytes = b"Hello") -> bytes:
    return f"From: desk@office.example\r\nSubject: {subject}\r\n\r\n".encode() + body + b"\r\n"


def fill(server: Dovecot, count: int, *, age: timedelta, subject: str = "old") -> None:
    """Mails as they lie on the server's disk, the server not asked."""
    folder = server.root / "mail" / server.user / "cur"
    for one in (folder, folder.parent / "new", folder.parent / "tmp"):
        one.mkdir(parents=True, exist_ok=True)
    at = time.time() - age.total_seconds()
    first = folder / f"{int(at)}.{subject}0.clinic:2,"
    first.write_bytes(a_mail(subject).replace(b"\r\n", b"\n"))
    os.utime(first, (at, at))
    if os.geteuid() == 0:
        owner = (server.root / "mail").stat()
        for path in (folder.parent, folder, folder.parent / "new", folder.parent / "tmp", first):
            os.chown(path, owner.st_uid, owner.st_gid)
    for number in range(1, count):
        os.link(first, folder / f"{int(at)}.{subject}{number}.clinic:2,")


def renumber(server: Dovecot) -> None:
    """Another UIDVALIDITY, as after a restore or a move to another server."""
    home = server.root / "mail" / server.user
    for path in home.glob("dovecot*"):
        path.unlink()


@pytest.mark.slow
async def test_a_mailbox_of_fifty_thousand_old_mails_is_left_alone_and_new_ones_come_at_once(dovecot: Dovecot) -> None:
    box = replace(dovecot, user="old@clinic.example")
    await asyncio.to_thread(fill, box, 50_000, age=timedelta(days=400))
    door, places = FakeDoor(), FakePlaces()
    watcher = ImapWatcher(account(box, since="now", answer_s=60), door, places)
    started = time.monotonic()
    async with running(watcher.run):
        await until(lambda: watcher.last_heard_at > 0, 60)
        took_s = time.monotonic() - started
        await asyncio.to_thread(box.deliver, a_mail("new"))
        await until(lambda: len(door.taken) == 1)
    assert door.contents == [a_mail("new")]
    assert took_s < 30  # 3 s on two idle cores
    with box.session() as imap:
        imap.select(readonly=True)
        assert imap.search(None, "UNSEEN")[1] == [" ".join(map(str, range(1, 50_001))).encode()]


async def test_now_is_the_first_start_even_if_the_mailbox_opens_days_later(dovecot: Dovecot) -> None:
    box = replace(dovecot, user="late@clinic.example")
    fill(box, 3, age=timedelta(days=3), subject="before")
    door, places = FakeDoor(), FakePlaces()
    refused = ImapWatcher(account(box, since="now", password="wrong"), door, places)
    async with running(refused.run):
        await until(lambda: refused.is_refused)
    (source,) = places.kept
    days_ago = datetime.now(UTC) - timedelta(days=2)
    places.kept[source] = f"0:0:{days_ago.isoformat()}"
    fill(box, 2, age=timedelta(days=1), subject="between")
    async with running(ImapWatcher(account(box, since="now"), door, places).run):
        await until(lambda: len(door.taken) == 2)
        await until(lambda: not places.kept[source].startswith("0:"))
    assert all(b"Subject: between" in mail for mail in door.contents)


async def test_from_a_day_on(dovecot: Dovecot) -> None:
    box = replace(dovecot, user="day@clinic.example")
    fill(box, 2, age=timedelta(days=10), subject="before")
    fill(box, 2, age=timedelta(days=2), subject="after")
    door = FakeDoor()
    since = datetime.now(UTC) - timedelta(days=5)
    watcher = ImapWatcher(account(box, since=since), door, FakePlaces())
    async with running(watcher.run):
        await until(lambda: watcher.last_heard_at > 0)
    assert len(door.contents) == 2
    assert all(b"Subject: after" in mail for mail in door.contents)
    assert sum(b"\\Seen" in flags for flags in box.flags()) == 2


async def test_a_mail_moved_in_later_counts_however_old_it_is(dovecot: Dovecot) -> None:
    box = replace(dovecot, user="moved@clinic.example")
    door, places = FakeDoor(), FakePlaces()
    watcher = ImapWatcher(account(box, since="now"), door, places)
    async with running(watcher.run):
        await until(lambda: watcher.last_heard_at > 0)
        await asyncio.to_thread(fill, box, 1, age=timedelta(days=100), subject="found again")
        await until(lambda: len(door.taken) == 1)


async def test_a_folder_that_numbers_its_mails_anew_loses_nothing_and_fetches_nothing_old(dovecot: Dovecot) -> None:
    box = replace(dovecot, user="renumbered@clinic.example")
    fill(box, 300, age=timedelta(days=30))
    door, places = FakeDoor(), FakePlaces()
    box.deliver(a_mail("first"))
    async with running(ImapWatcher(account(box, since="now"), door, places).run):
        await until(lambda: len(door.taken) == 1)
        await until(lambda: next(iter(places.kept.values())).partition(":")[2].startswith("301:"))
    await asyncio.sleep(1.1)  # Dovecot numbers by the second
    renumber(box)
    box.deliver(a_mail("meanwhile"))
    async with running(ImapWatcher(account(box, since="now"), door, places).run):
        await until(lambda: a_mail("meanwhile") in door.contents)
    assert set(door.contents) == {a_mail("first"), a_mail("meanwhile")}
    assert len({source.rsplit("/", 2)[1] for source in door.taken}) == 2


async def test_folders_are_found_by_their_use_whatever_they_are_called(dovecot: Dovecot) -> None:
    box = replace(dovecot, user="uses@clinic.example")
    box.deliver(a_mail("taken for junk"), "Unerwünscht")
    door = FakeDoor()
    async with running(ImapWatcher(account(box, folder="\\Junk", move_to="\\Archive"), door).run):
        await until(lambda: box.count("Alte Post") == 1)
    assert door.contents == [a_mail("taken for junk")]
    assert next(iter(door.taken)).startswith("imap:uses@clinic.example@127.0.0.1/\\Junk/")
    lost = ImapWatcher(account(box, folder="\\Flagged"), FakeDoor())
    async with running(lost.run):
        await until(lambda: bool(lost.trouble))
    assert "marks 0 folders as \\Flagged: write the folder's name instead" in lost.trouble


async def test_a_server_without_idle_move_and_uidplus_is_polled_and_nobody_elses_mail_is_removed(
    tmp_path: Path,
) -> None:
    with running_dovecot(tmp_path / "poor", POOR) as server:
        server.make_folder("Taken in")
        server.deliver(a_mail("somebody's own"))
        with server.session() as imap:
            imap.select()
            imap.store("1", "+FLAGS", "(\\Deleted)")  # its owner's, not yet expunged
        server.deliver(a_mail("one"))
        door, places = FakeDoor(), FakePlaces()
        async with running(ImapWatcher(account(server, move_to="Taken in"), door, places).run):
            await until(lambda: server.count("Taken in") == 1)
            await asyncio.to_thread(server.deliver, a_mail("two"))
            await until(lambda: sum(b"\\Deleted" in flags for flags in server.flags()) == 3)
        places.kept.clear()  # the worst case: how far it was read is forgotten
        async with running(ImapWatcher(account(server, move_to="Taken in"), door, places).run):
            await until(lambda: bool(places.kept))
        assert server.count("Taken in") == 2
        assert server.count() == 3  # marked as deleted, for the owner's program to remove
        assert sum(b"\\Deleted" in flags for flags in server.flags()) == 3
    assert door.contents == [a_mail("one"), a_mail("two")]


class Weighing(FakeDoor):
    """Keeps no bytes, only how many came."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    async def receive(self, source: bytes | Path, envelope: Envelope) -> Arrival:
        self.sizes.append(source.stat().st_size if isinstance(source, Path) else len(source))  # noqa: ASYNC240
        return await super().receive(b"", envelope)


@pytest.mark.slow
async def test_a_mail_of_a_hundred_megabytes_goes_through_the_disk_not_through_memory(dovecot: Dovecot) -> None:
    box = replace(dovecot, user="huge@clinic.example")
    folder = box.root / "mail" / box.user / "cur"
    fill(box, 1, age=timedelta(0), subject="huge")
    (file,) = folder.iterdir()
    line = b"x" * 75 + b"\n"
    with file.open("ab") as grown:
        for _ in range(100):
            grown.write(line * (2**20 // len(line)))
    door = Weighing()
    process, heaviest = psutil.Process(), 0
    before = process.memory_info().rss
    watcher = ImapWatcher(account(box, largest_bytes=200 * 2**20), door)
    async with running(watcher.run):
        while not door.taken:
            heaviest = max(heaviest, process.memory_info().rss)
            await asyncio.sleep(0.02)
    assert door.sizes[0] > 100 * 2**20
    assert (heaviest - before) >> 20 < 60
