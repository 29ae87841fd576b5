"""A wire between a client and a server that can be held at a chosen word, and then cut."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

Side = Literal["client", "server"]


@dataclass
class Hold:
    """Stops the wire once `side` has said `words` and so many bytes more; `reached` tells that it did."""

    side: Side
    words: bytes
    more_bytes: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Wiretap:
    """Carries bytes to `upstream` and back, on a loopback port of its own."""

    upstream: int
    port: int = 0
    heard: dict[Side, bytearray] = field(default_factory=lambda: {"client": bytearray(), "server": bytearray()})
    _hold: Hold | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set[asyncio.StreamWriter])

    def hold(self, side: Side, words: bytes, more_bytes: int = 0) -> Hold:
        """Hold at what is said from now on."""
        self.heard = {"client": bytearray(), "server": bytearray()}
        self._hold = Hold(side, words, more_bytes)
        return self._hold

    def cut(self) -> None:
        """End every connection, and hold nothing any more."""
        self._hold = None
        for writer in self._writers:
            writer.transport.abort()

    async def until(self, side: Side, words: bytes, seconds: float = 30) -> None:
        """Wait until it is said."""
        async with asyncio.timeout(seconds):
            while words not in self.heard[side]:  # noqa: ASYNC110 - said by another process
                await asyncio.sleep(0.02)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        self._writers.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            writer.transport.abort()
            return
        self._writers.add(far_writer)
        with contextlib.suppress(OSError):
            await asyncio.gather(self._pump("client", reader, far_writer), self._pump("server", far_reader, writer))
        for one in (writer, far_writer):
            self._writers.discard(one)
            one.transport.abort()

    async def _pump(self, side: Side, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(16 * 1024):
            self.heard[side] += data
            while self._holds(side):  # noqa: ASYNC110 - let go by the test
                await asyncio.sleep(0.02)
            writer.write(data)
            await writer.drain()
        writer.transport.abort()

    def _holds(self, side: Side) -> bool:
        hold = self._hold
        if hold is None or (hold.side != side and not hold.reached.is_set()):
            return False
        at = self.heard[hold.side].find(hold.words)
        if at >= 0 and len(self.heard[hold.side]) >= at + len(hold.words) + hold.more_bytes:
            hold.reached.set()
        return hold.reached.is_set()


@asynccontextmanager
async def wiretap(upstream: int) -> AsyncGenerator[Wiretap]:
    """Listen until the block ends."""
    tap = Wiretap(upstream)
    server = await asyncio.start_server(tap.carry, "127.0.0.1", 0, limit=64 * 1024)
    tap.port = server.sockets[0].getsockname()[1]
    try:
        yield tap
    finally:
        server.close()
        tap.cut()
        await asyncio.sleep(0.1)
