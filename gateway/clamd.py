"""ClamAV's daemon, asked over its INSTREAM command (clamd(8)): the file is streamed, so it needs no right to read it.

Owns one short conversation a document. The clients on PyPI are unkept, and this is thirty lines of protocol.
"""

import asyncio
import contextlib
import struct
from pathlib import Path

from gateway.services.scanning import Clean, Infected, NotScanned, Verdict

_CHUNK = 128 << 10
_CONNECT_S = 5.0
_LONGEST_ANSWER = 4096


_TOO_LARGE = NotScanned(
    "it was not scanned for viruses: larger than the scanner takes (scanning.most_mb)", may_work_later=False
)


class Clamd:
    """A scanner at `unix:/path` or `host:port`. `trouble` is empty, or says what is wrong with it now."""

    def __init__(self, place: str, *, waits_when_down: bool, timeout_s: float = 60.0, most_mb: int = 25) -> None:
        self._place = place
        self._timeout_s = timeout_s
        self._most_bytes = most_mb << 20
        self.waits_when_down = waits_when_down
        self.trouble = ""

    async def scan(self, path: Path) -> Verdict:
        """The verdict on a file. Whatever keeps clamd from giving one is no verdict."""
        if (await asyncio.to_thread(path.stat)).st_size > self._most_bytes:
            return _TOO_LARGE  # clamd would close the line in mid-stream, and its reason would be lost with it
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._answer(path)
        except TimeoutError:
            return self._down(f"did not answer in {self._timeout_s:.0f} s")
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            return self._down(f"cannot be reached ({type(error).__name__})")
        verdict = _verdict(answer)
        if isinstance(verdict, NotScanned) and verdict.may_work_later:
            return self._down(verdict.why)
        self.trouble = ""
        return verdict

    def troubles(self) -> tuple[str, ...]:
        """For the health page."""
        return (self.trouble,) if self.trouble else ()

    def _down(self, why: str) -> NotScanned:
        then = "what comes in waits" if self.waits_when_down else "what comes in is read unscanned"
        self.trouble = f"the virus scanner at scanning.clamd {why}: {then}"
        return NotScanned("it was not scanned for viruses", may_work_later=True)

    async def _answer(self, path: Path) -> str:
        async with asyncio.timeout(min(_CONNECT_S, self._timeout_s)):
            reader, writer = await self._connected()
        try:
            with await asyncio.to_thread(path.open, "rb") as file:
                writer.write(b"zINSTREAM\0")
                try:
                    while chunk := await asyncio.to_thread(file.read, _CHUNK):
                        writer.write(struct.pack(">I", len(chunk)) + chunk)
                        await writer.drain()
                    writer.write(struct.pack(">I", 0))
                    await writer.drain()
                except ConnectionError:
                    pass  # it said why before it closed: that is read below
            return (await reader.readuntil(b"\0"))[:_LONGEST_ANSWER].rstrip(b"\0").decode("utf-8", "replace").strip()
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._place.startswith("unix:"):
            return await asyncio.open_unix_connection(self._place.removeprefix("unix:"))
        host, _, port = self._place.rpartition(":")
        return await asyncio.open_connection(host.strip("[]"), int(port))


def _verdict(answer: str) -> Verdict:
    """`stream: OK`, `stream: NAME FOUND`, or an error."""
    said = answer.removeprefix("stream:").strip()
    if said == "OK":
        return Clean()
    if said.endswith(" FOUND"):
        return Infected(said.removesuffix(" FOUND").strip()[:200] or "something unnamed")
    if "size limit exceeded" in said:
        return _TOO_LARGE
    return NotScanned("answered what makes no sense here", may_work_later=True)
