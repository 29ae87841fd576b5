"""An SNTP server on a loopback port whose clock is as wrong as it is told."""

import asyncio
import struct
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

_NTP_EPOCH_S = 2_208_988_800


class _Server(asyncio.DatagramProtocol):
    def __init__(self, ahead_s: float, *, forges: bool) -> None:
        self._ahead_s, self._forges = ahead_s, forges

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        now = time.time() + self._ahead_s + _NTP_EPOCH_S
        stamp = struct.pack(">II", int(now), int(now % 1 * 2**32))
        originate = bytes(8) if self._forges else data[40:48]
        self._transport.sendto(b"\x24\x02" + bytes(22) + originate + stamp + stamp, addr)


@asynccontextmanager
async def time_server(ahead_s: float = 0.0, *, forges: bool = False) -> AsyncGenerator[int]:
    """Its port. One that `forges` answers what nobody asked."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Server(ahead_s, forges=forges), local_addr=("127.0.0.1", 0)
    )
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
