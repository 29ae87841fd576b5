"""aioimaplib made fit for a daemon.

Its own reader calls itself once a line and breaks at about a thousand lines in one burst, counts the brackets
of all lines again for each line, fails no pending call when the connection is lost, and has no STARTTLS. Here
lines are read in a loop, literals have a limit, and the loss of a connection is told at once.
"""

import asyncio
import base64
import logging
import re
import ssl
from collections.abc import Callable, Sequence
from typing import Any

from aioimaplib import aioimaplib

from gateway.inbound.imap.names import quoted

_CRLF = b"\r\n"
_LONGEST_LINE_BYTES = 4 * 1024 * 1024
_MOST_LINES = 200_000  # of one reply: a server that sends more is broken
_LITERAL = re.compile(rb".*\{(\d+)\}\Z", re.DOTALL)
_LISTED = re.compile(rb'\(([^)]*)\) (?:NIL|"(?:[^"\\]|\\.)*") ("(?:[^"\\]|\\.)*"|\{\d+\}|[^ ]+)\Z')
_FETCH = re.compile(rb"\d+ FETCH \(", re.IGNORECASE)


class Fetch(aioimaplib.Command):
    """A FETCH that keeps its count of open brackets as lines come, literals apart."""

    def __init__(self, tag: str, uid: int, items: str) -> None:
        super().__init__("FETCH", tag, str(uid), items, prefix="UID")
        self._open = 0

    def append_to_resp(self, line: bytes, result: str = "Pending") -> None:
        """Keep a line or a literal (a bytearray) of the reply."""
        if result != "Pending":
            self._open = 0
        elif not isinstance(line, bytearray):
            self._open = (0 if _FETCH.match(line) else self._open) + line.count(b"(") - line.count(b")")
        super().append_to_resp(line, result)

    def wait_data(self) -> bool:
        """Whether the next line still belongs to the reply that began."""
        return self._open > 0 or self.wait_literal_data()


class Authenticate(aioimaplib.Command):
    """A login by a SASL mechanism. `answers` go out one for each `+` of the server; after them, empty lines."""

    def __init__(self, tag: str, mechanism: str, *initial: str, answers: Sequence[str] = ()) -> None:
        super().__init__("AUTHENTICATE", tag, mechanism, *initial)
        self._answers = list(answers)

    def next_answer(self) -> str:
        """What the server's next `+` is answered with."""
        return self._answers.pop(0) if self._answers else ""


class Wire(aioimaplib.IMAP4ClientProtocol):
    """Reads whatever a server sends, however much at once. `lost` is called once, with the reason."""

    def __init__(self, loop: asyncio.AbstractEventLoop, lost: Callable[[str], None], literal_limit_bytes: int) -> None:
        super().__init__(loop)
        self._lost = lost
        self._literal_limit_bytes = literal_limit_bytes
        self._rest = bytearray()
        self._current: Any = None
        self._lines = 0

    def data_received(self, d: bytes) -> None:
        """Feed what came; a server that cannot be understood loses the connection."""
        self._rest += d
        try:
            self._read_all()
        except (aioimaplib.AioImapException, ValueError, AttributeError) as error:
            self.fail(f"the server's reply cannot be understood ({type(error).__name__})")
        if self.pending_sync_command is not None:
            self.pending_sync_command.flush()

    def _read_all(self) -> None:
        data, self._rest = bytes(self._rest), bytearray()
        at = 0
        while at < len(data):
            if self._current is not None and self._current.wait_literal_data():
                at = len(data) - len(self._current.append_literal_data(data[at:]))
                continue
            end = data.find(_CRLF, at)
            if end < 0:
                if len(data) - at > _LONGEST_LINE_BYTES:
                    raise ValueError("line too long")
                self._rest += data[at:]
                return
            self._read_line(data[at:end])
            at = end + len(_CRLF)

    def _read_line(self, line: bytes) -> None:
        self._lines = 0 if aioimaplib.tagged_status_response_re.match(line) else self._lines + 1
        if self._lines > _MOST_LINES:
            raise ValueError("endless reply")
        command: Any = self._handle_line(line, self._current)
        literal = _LITERAL.match(line)
        if literal is None:
            self._current = command if command is not None and command.wait_data() else None
            return
        size = int(literal[1])
        if size > self._literal_limit_bytes:
            raise ValueError("literal too large")
        self._current = command or aioimaplib.Command("NIL", "unused")
        self._current.begin_literal_data(size)

    def _continuation(self, line: bytes) -> None:
        if isinstance(self.pending_sync_command, Authenticate):
            self.send(self.pending_sync_command.next_answer())
        else:
            super()._continuation(line)

    # The library's own is wrapped in a decorator whose type it does not state.
    async def welcome(self, command: bytes) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """As the library, but a server that turns us away is told at once instead of waited for."""
        try:
            await super().welcome(command)
        except (aioimaplib.AioImapException, IndexError, UnicodeDecodeError):
            self.fail("the server turned the connection away")

    def has_unread_bytes(self) -> bool:
        """Whether more came than was understood so far."""
        return bool(self._rest)

    def connection_lost(self, exc: Exception | None) -> None:
        """The peer is gone."""
        self._lost("the server closed the connection" if exc is None else f"connection lost ({type(exc).__name__})")

    def fail(self, reason: str) -> None:
        """Give the connection up."""
        self._lost(reason)
        self.abort()

    def abort(self) -> None:
        """Close without another word."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()


class Client(aioimaplib.IMAP4):
    """aioimaplib's client over our `Wire`. Made inside a running loop, it begins to connect at once."""

    protocol: Wire

    def __init__(
        self,
        host: str,
        port: int,
        context: ssl.SSLContext | None,
        *,
        timeout_s: float,
        lost: Callable[[str], None],
        literal_limit_bytes: int,
    ) -> None:
        self._lost = lost
        self._literal_limit_bytes = literal_limit_bytes
        self._context = context
        super().__init__(host, port, timeout=timeout_s)

    def create_client(self, host: Any, port: Any, loop: Any, conn_lost_cb: Any = None, ssl_context: Any = None) -> None:
        """Called by the library's constructor, which cannot hand over what `Wire` needs."""
        loop = asyncio.get_running_loop()
        self.protocol = Wire(loop, self._lost, self._literal_limit_bytes)
        connecting = loop.create_connection(lambda: self.protocol, host, port, ssl=self._context)
        self._client_task = loop.create_task(connecting)

    # The library's own calls go through asyncio.wait_for, which on Python 3.11 loses a cancellation that comes
    # together with a result; the protocol's do not, and the connection limits every one of them.

    async def greeted(self) -> None:
        """Wait for the connection and the server's greeting."""
        await self._client_task
        await self.protocol.wait("AUTH|NONAUTH")

    async def pushed(self) -> None:
        """Wait until the server tells of something while idle, and take all of it off."""
        queue = self.protocol.idle_queue
        await queue.get()
        while not queue.empty():
            queue.get_nowait()

    async def starttls(self, context: ssl.SSLContext) -> bool:
        """Whether the server agreed and the rest goes over TLS."""
        protocol = self.protocol
        reply = await protocol.execute(aioimaplib.Command("STARTTLS", protocol.new_tag()))
        if reply.result != "OK" or protocol.has_unread_bytes():  # bytes slipped in before TLS began
            return False
        if not isinstance(protocol.transport, asyncio.Transport):
            return False
        loop = asyncio.get_running_loop()
        protocol.transport = await loop.start_tls(protocol.transport, protocol, context, server_hostname=self.host)
        await protocol.capability()
        return True

    async def log_in_with_token(self, username: str, token: str) -> bool:
        """Whether the server takes it: XOAUTH2 where it is offered, else OAUTHBEARER (RFC 7628).

        Raises:
            aioimaplib.Error: it offers neither.
        """
        protocol = self.protocol
        if self.has_capability("AUTH=XOAUTH2"):
            mechanism, told, after_refusal = "XOAUTH2", f"user={username}\1auth=Bearer {token}\1\1", ""
        elif self.has_capability("AUTH=OAUTHBEARER"):
            mechanism, told, after_refusal = "OAUTHBEARER", f"n,a={username},\1auth=Bearer {token}\1\1", "AQ=="
        else:
            raise aioimaplib.Error("no login by token offered")
        packed = base64.b64encode(told.encode()).decode()
        if self.has_capability("SASL-IR"):
            command = Authenticate(protocol.new_tag(), mechanism, packed, answers=[after_refusal])
        else:
            command = Authenticate(protocol.new_tag(), mechanism, answers=[packed, after_refusal])
        if (await protocol.execute(command)).result != "OK":
            return False
        protocol.state = aioimaplib.AUTH
        await protocol.capability()
        return True

    async def folders(self) -> list[tuple[frozenset[str], str]]:
        """Every folder: its attributes in lower case, and its name as the server writes it, quoted."""
        protocol = self.protocol
        asked = ["RETURN", "(SPECIAL-USE)"] if self.has_capability("SPECIAL-USE") else []
        reply = await protocol.execute(aioimaplib.Command("LIST", protocol.new_tag(), '""', "*", *asked))
        if reply.result != "OK":
            raise aioimaplib.Error("LIST refused")
        found: list[tuple[frozenset[str], str]] = []
        for line, after in zip(reply.lines, [*reply.lines[1:], b""], strict=True):
            match = None if isinstance(line, bytearray) else _LISTED.match(line)
            if match is None:
                continue
            name = (bytes(after) if match[2].startswith(b"{") else match[2]).decode("utf-8", "replace")
            attributes = frozenset(match[1].decode("ascii", "replace").lower().split())
            found.append((attributes, name if name.startswith('"') else quoted(name)))
        return found

    async def fetch_one(self, uid: int, items: str) -> list[bytes]:
        """The lines and literals (bytearrays) of the reply to one UID FETCH, without its last line."""
        protocol = self.protocol
        reply = await protocol.execute(Fetch(protocol.new_tag(), uid, items))
        if reply.result != "OK":
            raise aioimaplib.Error("FETCH refused")
        return list(reply.lines[:-1])

    def abort(self) -> None:
        """Close at once and end every task of the library."""
        for task in (*self.tasks, *self.protocol.tasks, self._client_task):
            task.cancel()
        if self._idle_waiter is not None:
            self._idle_waiter.cancel()
        self.protocol.abort()


def quiet_library() -> None:
    """Its log holds whole mails at DEBUG and lines of them at INFO: only warnings pass."""
    logging.getLogger("aioimaplib.aioimaplib").setLevel(logging.WARNING)
