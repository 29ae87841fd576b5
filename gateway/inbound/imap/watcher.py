"""Takes every mail of a folder through the door, once, in order of arrival; acknowledges only what is durable.

A mail is known by account, folder, UIDVALIDITY and UID. The place (how far the folder was read) only saves
work: what it forgets, the door still knows.
"""

import asyncio
import logging
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from config.vocabulary import Channel
from gateway.domain.arrival import Envelope
from gateway.errors import StorageFailed
from gateway.inbound.imap.account import ImapAccount
from gateway.inbound.imap.connection import Connection, Folder, Size
from gateway.inbound.imap.errors import LoginRefused, MailboxFault
from gateway.inbound.imap.place import Place, place_of
from gateway.services.ports import Door

_MOST_TRIES_IN_ORDER = 3
_WIDEST_RANGE = 2**20
_MARGIN = timedelta(days=1)
_CLOCKS_DIFFER = timedelta(minutes=5)
_HIGHEST_UID = 2**32 - 1
_IN_MEMORY_BYTES = 4 * 1024 * 1024
_log = logging.getLogger(__name__)


class Places(Protocol):
    """Remembers over restarts how far a source was read."""

    async def place(self, source: str) -> str:
        """What was kept for the source, or empty."""
        ...

    async def keep_place(self, source: str, value: str) -> None:
        """Keep it."""
        ...


class ImapWatcher:
    """Watches one folder.

    For health: `last_heard_at` is the Unix time of the last round that went well, `trouble` is empty or says
    what is wrong now, in words for staff.
    """

    def __init__(self, account: ImapAccount, door: Door, places: Places | None = None) -> None:
        self.account = account
        self.door = door
        self.places = places
        self.last_heard_at = 0.0
        self.trouble = ""
        self.is_refused = False  # the trouble is a login that only a person can mend
        self._source = f"imap:{account.name}/{account.folder}"
        self._validity = 0
        self._read_to = 0  # every UID up to this one was taken in
        self._taken: set[int] = set()  # beyond it
        self._owed: set[int] = set()  # taken in, the server not yet told
        self._not_before: datetime | None = (
            None  # what the server got earlier is left alone, until the first round ends
        )
        self._failures: Counter[int] = Counter()
        self._try_again_at: dict[int, float] = {}  # mails that failed again and again: tried last, and rarely

    async def run(self) -> None:
        """Watch until cancelled; after every fault a new connection, ever more patiently."""
        failures = 0
        while True:
            heard_at, started = self.last_heard_at, time.monotonic()
            try:
                await self._remember_first_start()
                async with Connection(self.account) as connection:
                    await self._watch(connection)
            except LoginRefused as error:
                self._note(error, logging.ERROR)
                await asyncio.sleep(self.account.backoff.login_s)
                continue
            except (MailboxFault, StorageFailed) as error:
                self._note(error, logging.WARNING)
            except Exception as error:  # noqa: BLE001 - the watcher's one broad catch: the mail stays in its mailbox
                self._note(error, logging.ERROR)
            lived_long = time.monotonic() - started >= self.account.poll_s
            failures = 1 if lived_long else failures + 1
            wait_s = self.account.backoff.wait_s(failures)
            is_heard = self.last_heard_at > heard_at
            await asyncio.sleep(min(wait_s, self.account.poll_s) if is_heard else wait_s)

    def _note(self, error: Exception, level: int) -> None:
        is_ours = isinstance(error, MailboxFault | StorageFailed)
        self.is_refused = isinstance(error, LoginRefused)
        self.trouble = str(error) if is_ours else f"mailbox cannot be read ({type(error).__name__})"
        _log.log(level, "mailbox fault", extra={"action": "imap_fault", "error": type(error).__name__})

    async def _watch(self, connection: Connection) -> None:
        while True:
            await self.round(connection)
            await connection.wait_for_news()

    async def round(self, connection: Connection) -> None:
        """Take in all that is new in the folder.

        Raises:
            MailboxFault, StorageFailed: what was not taken in is still in the mailbox.
        """
        folder = await connection.select()
        await self._find_place(folder)
        stubborn = await self._take_in_order(connection, folder)
        for uid in sorted(self._owed):
            await self._acknowledge(connection, uid)
        self.last_heard_at = time.time()
        self.is_refused = False
        self.trouble = f"{len(stubborn)} mails cannot be fetched from the server" if stubborn else ""
        await self._take_stubborn(connection, stubborn)
        if not stubborn:
            self._read_to = max(self._read_to, max(self._taken, default=0), folder.next_uid - 1)
            self._taken.clear()
            await self._keep_place()

    async def _take_stubborn(self, connection: Connection, uids: list[int]) -> None:
        for uid in uids:
            if self._try_again_at.get(uid, 0.0) <= time.monotonic():
                self._try_again_at[uid] = time.monotonic() + self.account.backoff.ceiling_s
                await self._take(connection, uid)

    async def _find_place(self, folder: Folder) -> None:
        if folder.validity == self._validity:
            return
        kept = place_of(await self.places.place(self._source)) if self.places else Place()
        is_same = kept.validity == folder.validity
        self._validity = folder.validity
        self._read_to = kept.read_to if is_same else 0
        self._not_before = None if is_same else self._horizon(kept)
        self._taken.clear()
        self._owed.clear()
        self._failures.clear()
        self._try_again_at.clear()

    def _horizon(self, kept: Place) -> datetime | None:
        """From when on mails count in a folder that is new to us, or that numbers its mails anew.

        In the latter all UIDs are strangers; what came before the last good round was taken in, and of the day
        around it the door knows the bytes.
        """
        if kept.at is not None:
            return kept.at - (_MARGIN if kept.validity else _CLOCKS_DIFFER)
        return self.account.since if isinstance(self.account.since, datetime) else None

    async def _remember_first_start(self) -> None:
        """Before anything can go wrong: "now" stays this moment, however late the mailbox is first opened."""
        if self.places is not None and self.account.since == "now" and not await self.places.place(self._source):
            await self.places.keep_place(self._source, Place(at=datetime.now(UTC)).kept())

    async def _keep_place(self) -> None:
        if self.places is not None and not self._owed:
            place = Place(self._validity, self._read_to, datetime.now(UTC))
            await self.places.keep_place(self._source, place.kept())
        self._not_before = None

    async def _take_in_order(self, connection: Connection, folder: Folder) -> list[int]:
        """Range by range, so that no reply is long. Returns the UIDs left for last, because they failed before."""
        stubborn: list[int] = []
        first, width = self._read_to + 1, self.account.range_size
        end = folder.next_uid - 1 if folder.next_uid else None
        while first <= (_HIGHEST_UID if end is None else end):
            last = None if end is None else min(first + width - 1, end)
            since = (self._not_before - timedelta(days=1)).date() if self._not_before else None
            found = await connection.uids(first, last, since=since)
            is_asked = bool(found) and not self.account.move_to
            unseen = set(await connection.uids(first, last, only_unseen=True, since=since)) if is_asked else set(found)
            for uid in found:
                if uid in self._taken:
                    continue
                if self._failures[uid] >= _MOST_TRIES_IN_ORDER:
                    stubborn.append(uid)
                else:
                    await self._take(connection, uid, is_owed=uid in unseen)
            if not stubborn and last is not None:
                self._read_to = last
                self._taken.clear()
            if last is None:
                break
            first = last + 1
            width = self.account.range_size if found else min(2 * width, _WIDEST_RANGE)
        return stubborn

    async def _take(self, connection: Connection, uid: int, *, is_owed: bool = True) -> None:
        source_id = f"{self._source}/{self._validity}/{uid}"
        is_ours = True
        if not await self.door.knows(source_id):
            try:
                is_ours = await self._receive(connection, uid, source_id)
            except MailboxFault:
                self._failures[uid] += 1
                raise
        self._taken.add(uid)
        if is_owed and is_ours:
            self._owed.add(uid)
            await self._acknowledge(connection, uid)

    async def _receive(self, connection: Connection, uid: int, source_id: str) -> bool:
        """False if it is older than what counts here: then it is nobody's business, marks included."""
        size = await connection.size_of(uid)
        if size is None:
            return True  # expunged by someone meanwhile
        if self._not_before and size.arrived_at and size.arrived_at < self._not_before:
            return False
        if size.size_bytes > self.account.largest_bytes:
            await self._receive_header(connection, uid, source_id, size)
        else:
            await self._receive_whole(connection, uid, source_id, size)
        return True

    async def _receive_whole(self, connection: Connection, uid: int, source_id: str, size: Size) -> None:
        with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as spool:
            pieces = 0
            async for piece in connection.chunks_of(uid):
                pieces += 1
                await asyncio.to_thread(spool.write, piece)
                if spool.tell() > self.account.largest_bytes:
                    await self._receive_header(connection, uid, source_id, size)
                    return
            if pieces:
                source = await asyncio.to_thread(_written, spool)
                await self.door.receive(source, self._envelope(source_id, size))

    async def _receive_header(self, connection: Connection, uid: int, source_id: str, size: Size) -> None:
        header = await connection.header_of(uid)
        if header is None:
            return
        limit = self.account.largest_bytes // 2**20
        note = (
            f"X-Referloop-Partial: header only; the mail has {size.size_bytes} bytes, more than the {limit} MiB "
            "taken in; open it in its mailbox\r\n"
        )
        await self.door.receive(note.encode() + header, self._envelope(source_id, size, is_partial=True))

    def _envelope(self, source_id: str, size: Size, *, is_partial: bool = False) -> Envelope:
        return Envelope(
            source_id=source_id,
            channel=Channel.EMAIL,
            called=self.account.username if "@" in self.account.username else "",
            name="mail.eml",
            received_at=size.arrived_at,
            is_partial=is_partial,
        )

    async def _acknowledge(self, connection: Connection, uid: int) -> None:
        """Tell the server; a refusal is tried again next round, and harms nothing."""
        if await connection.acknowledge(uid):
            self._owed.discard(uid)
        else:
            _log.info("mail could not be marked", extra={"action": "imap_acknowledge", "uid": uid})


def _written(spool: "tempfile.SpooledTemporaryFile[bytes]") -> bytes | Path:
    """What was spooled: in memory, or for a large mail as the path of its nameless file."""
    if spool.tell() > _IN_MEMORY_BYTES:
        spool.flush()
        return Path(f"/proc/self/fd/{spool.fileno()}")
    spool.seek(0)
    return spool.read()
