"""What systemd is told: ready, stopping, still alive. Nothing without NOTIFY_SOCKET.

Speaks sd_notify's datagrams by itself; a message that cannot be delivered is dropped, as systemd's own library does,
because the work goes on without it.
"""

import asyncio
import contextlib
import socket
from types import TracebackType


class Notifier:
    """Sends sd_notify messages over the datagram socket systemd named."""

    def __init__(self, address: str, watchdog_s: float) -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._watchdog_s = watchdog_s
        self._socket: socket.socket | None = None

    def __enter__(self) -> "Notifier":
        if self._address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)  # a full socket must not stop the loop
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._socket is not None:
            self._socket.close()

    def ready(self) -> None:
        """Everything listens."""
        self._send("READY=1")

    def stopping(self) -> None:
        """The end has begun."""
        self._send("STOPPING=1")

    async def keep_alive(self) -> None:
        """Pet the watchdog from the event loop, at half its interval: a hung loop is restarted."""
        while self._watchdog_s:
            self._send("WATCHDOG=1")
            await asyncio.sleep(self._watchdog_s / 2)

    def _send(self, message: str) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.sendto(message.encode(), self._address)
