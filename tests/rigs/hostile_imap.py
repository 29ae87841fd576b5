"""An IMAP server in a script: a model mailbox, and faults taken from a list as connections come."""

import asyncio
import re
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """What goes wrong on one connection."""

    NONE = "none"
    NO_GREETING = "no greeting"
    BYE_GREETING = "BYE as greeting"
    DROP_IN_IDLE = "closes while idle"
    BYE_FOR_PLUS = "BYE instead of the continuation of IDLE, then closes"
    SILENT_BYE = "BYE instead of the continuation of IDLE, then silence"
    IDLE_REFUSED = "NO to IDLE"
    STALL_IN_IDLE = "half-open while idle"
    STALL_IN_SELECT = "half-open at SELECT"
    STALL_IN_FETCH = "half-open in the middle of a literal"
    FLOOD_IN_SELECT = "20,000 untagged lines at SELECT"
    FLOOD_IN_FETCH = "20,000 untagged lines before a FETCH reply"
    FLOOD_IN_IDLE = "20,000 untagged lines while idle"
    FIN_IN_LITERAL = "closes in the middle of a literal"
    LONG_LITERAL = "sends more than the literal announces"
    HUGE_LITERAL = "announces a literal of 2 GB"
    NO_LITERAL = "sends less than the literal announces, then goes on"
    NEW_VALIDITY = "another UIDVALIDITY, UIDs counted anew"
    LOGIN_UNAVAILABLE = "NO [UNAVAILABLE] to LOGIN"
    SEARCH_REFUSED = "NO to SEARCH"
    GARBAGE = "lines that are no IMAP"
    STORE_DROPS = "closes at STORE"
    EXPUNGE_IN_FETCH = "tells of an expunge in a FETCH reply"


_FLOOD = b"".join(b"* %d FETCH (FLAGS (\\Seen))\r\n" % number for number in range(1, 20_001))


@dataclass
class HostileImap:
    """`mails` maps UID to bytes. Each new connection takes the next fault; with none left it behaves."""

    mails: dict[int, bytes] = field(default_factory=dict[int, bytes])
    faults: deque[Fault] = field(default_factory=deque[Fault])
    validity: int = 1
    connections: int = 0
    seen: set[int] = field(default_factory=set[int])
    port: int = 0
    logins: int = 0
    accepts_login: bool = True
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set[asyncio.StreamWriter])
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set["asyncio.Task[None]"])

    def deliver(self, mail: bytes) -> None:
        """A mail arrives, and whoever is idle hears of it."""
        self.mails[max(self.mails, default=0) + 1] = mail
        self._changed.set()

    def kick(self) -> None:
        """Lose every connection."""
        for writer in self._writers:
            writer.transport.abort()

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator["HostileImap"]:
        """Serve on a loopback port."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        self.connections += 1
        fault = self.faults.popleft() if self.faults else Fault.NONE
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await _Session(self, fault, reader, writer).run()
        writer.close()
        self._tasks.discard(task)
        self._writers.discard(writer)


class _Session:
    def __init__(
        self, server: HostileImap, fault: Fault, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server, self.fault, self.reader, self.writer = server, fault, reader, writer
        if fault is Fault.NEW_VALIDITY:
            server.validity += 1
            server.mails = dict(enumerate(server.mails.values(), 1))
            server.seen.clear()

    async def say(self, *lines: bytes) -> None:
        self.writer.write(b"".join(line + b"\r\n" for line in lines))
        await self.writer.drain()

    async def run(self) -> None:
        if self.fault is Fault.NO_GREETING:
            await asyncio.sleep(3600)
        if self.fault is Fault.BYE_GREETING:
            await self.say(b"* BYE too many connections")
            return
        await self.say(b"* OK ready")
        while line := await self.reader.readline():
            tag, _, rest = line.strip().partition(b" ")
            command = rest.split()[0].upper()
            if command == b"UID":
                command = b"UID " + rest.split()[1].upper()
            handler = getattr(self, "on_" + command.decode().replace(" ", "_").lower(), None)
            if handler is None:
                await self.say(tag + b" BAD unknown")
            elif not await handler(tag, rest):
                return

    async def on_capability(self, tag: bytes, _: bytes) -> bool:
        await self.say(b"* CAPABILITY IMAP4rev1 IDLE UIDPLUS", tag + b" OK done")
        return True

    async def on_login(self, tag: bytes, _: bytes) -> bool:
        self.server.logins += 1
        if self.fault is Fault.LOGIN_UNAVAILABLE:
            await self.say(tag + b" NO [UNAVAILABLE] later")
        else:
            await self.say(tag + (b" OK in" if self.server.accepts_login else b" NO [AUTHENTICATIONFAILED] no"))
        return True

    async def on_select(self, tag: bytes, _: bytes) -> bool:
        if self.fault is Fault.STALL_IN_SELECT:
            await asyncio.sleep(3600)
        if self.fault is Fault.GARBAGE:
            self.writer.write(b"\x00\xff(((\r\n" * 500 + b"Z9 OK what\r\n")
        if self.fault is Fault.FLOOD_IN_SELECT:
            self.writer.write(_FLOOD)
        following = max(self.server.mails, default=0) + 1
        await self.say(
            b"* %d EXISTS" % len(self.server.mails),
            b"* OK [UIDVALIDITY %d] ok" % self.server.validity,
            b"* OK [UIDNEXT %d] ok" % following,
            tag + b" OK [READ-WRITE] selected",
        )
        return True

    async def on_uid_search(self, tag: bytes, rest: bytes) -> bool:
        if self.fault is Fault.SEARCH_REFUSED:
            await self.say(tag + b" NO not now")
            return True
        found = re.search(rb"UID (\d+):(\d+|\*)", rest.replace(b"UID SEARCH ", b""))
        assert found
        last = 2**32 if found[2] == b"*" else int(found[2])
        uids: Iterable[int] = (uid for uid in self.server.mails if int(found[1]) <= uid <= last)
        if rest.endswith(b"UNSEEN"):
            uids = (uid for uid in uids if uid not in self.server.seen)
        await self.say(b" ".join([b"* SEARCH", *(b"%d" % uid for uid in uids)]), tag + b" OK searched")
        return True

    async def on_uid_fetch(self, tag: bytes, rest: bytes) -> bool:
        uid = int(rest.split()[2])
        mail = self.server.mails.get(uid)
        if self.fault is Fault.FLOOD_IN_FETCH:
            self.writer.write(_FLOOD)
        if self.fault is Fault.EXPUNGE_IN_FETCH:
            self.writer.write(b"* 7 EXPUNGE\r\n* 3 EXISTS\r\n")
        if mail is None:
            await self.say(tag + b" OK nothing")
        elif b"BODY.PEEK" not in rest:
            about = b'* 1 FETCH (UID %d RFC822.SIZE %d INTERNALDATE "17-Jul-2026 02:44:25 -0700")' % (uid, len(mail))
            await self.say(about, tag + b" OK fetched")
        else:
            return await self._body(tag, rest, uid, mail)
        return True

    async def _body(self, tag: bytes, rest: bytes, uid: int, mail: bytes) -> bool:
        part = re.search(rb"<(\d+)\.(\d+)>", rest)
        assert part
        piece = mail[int(part[1]) : int(part[1]) + int(part[2])]
        size = len(piece)
        if self.fault is Fault.HUGE_LITERAL:
            size = 2_000_000_000
        elif self.fault is Fault.LONG_LITERAL:
            size = max(1, len(piece) // 2)
        self.writer.write(b"* 1 FETCH (UID %d BODY[]<%s> {%d}\r\n" % (uid, part[1], size))
        if self.fault in (Fault.FIN_IN_LITERAL, Fault.STALL_IN_FETCH, Fault.NO_LITERAL):
            self.writer.write(piece[: len(piece) // 2])
            await self.writer.drain()
            if self.fault is Fault.STALL_IN_FETCH:
                await asyncio.sleep(3600)
            if self.fault is Fault.FIN_IN_LITERAL:
                return False
        else:
            self.writer.write(piece)
        await self.say(b")", tag + b" OK fetched")
        return True

    async def on_uid_store(self, tag: bytes, rest: bytes) -> bool:
        if self.fault is Fault.STORE_DROPS:
            return False
        self.server.seen.add(int(rest.split()[2]))
        await self.say(tag + b" OK stored")
        return True

    async def on_idle(self, tag: bytes, _: bytes) -> bool:
        match self.fault:
            case Fault.BYE_FOR_PLUS:
                await self.say(b"* BYE going down")
                return False
            case Fault.SILENT_BYE:
                await self.say(b"* BYE going down")
                await asyncio.sleep(3600)
            case Fault.IDLE_REFUSED:
                await self.say(tag + b" NO not here")
                return True
            case _:
                await self.say(b"+ idling")
        if self.fault is Fault.DROP_IN_IDLE:
            return False
        if self.fault is Fault.STALL_IN_IDLE:
            await asyncio.sleep(3600)
        if self.fault is Fault.FLOOD_IN_IDLE:
            self.writer.write(_FLOOD)
        return await self._idle(tag)

    async def _idle(self, tag: bytes) -> bool:
        done = asyncio.ensure_future(self.reader.readline())
        while not done.done():
            news = asyncio.ensure_future(self.server._changed.wait())  # pyright: ignore[reportPrivateUsage]
            await asyncio.wait({done, news}, return_when=asyncio.FIRST_COMPLETED)
            if news.done():
                self.server._changed.clear()  # pyright: ignore[reportPrivateUsage]
                await self.say(b"* %d EXISTS" % len(self.server.mails))
            news.cancel()
        if not done.result():
            return False
        await self.say(tag + b" OK idle over")
        return True
