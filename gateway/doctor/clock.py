"""The machine's clock, against a time server: what is printed, signed and chased goes by it."""

import asyncio
import ctypes
import os
import struct
import time
from dataclasses import dataclass

from gateway.doctor.finding import Finding, Tell, doubt, fault, well

_NTP_EPOCH_S = 2_208_988_800  # from 1900 to 1970
_LITTLE_S, _MUCH_S = 2.0, 60.0
_ANSWER_S = 4.0
_UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
_MEND = "apt-get install chrony (or systemctl enable --now systemd-timesyncd), and let UDP port 123 out"


@dataclass(frozen=True, slots=True)
class ClockCheck:
    """Asks `server` (SNTP, RFC 4330) once; where it is silent, the kernel's own word counts."""

    server: str = "pool.ntp.org"
    port: int = 123
    name: str = "clock"
    limit_s: float = 15.0

    async def run(self, tell: Tell) -> list[Finding]:
        """How far off."""
        tell(f"asking {self.server}")
        off_s = await _offset_s(self.server, self.port)
        if off_s is None:
            return [self._by_kernel()]
        way = "behind" if off_s > 0 else "ahead of"
        what = f"the clock is {abs(off_s):.1f} s {way} {self.server}"
        if abs(off_s) > _MUCH_S:
            return [fault(what + ": carriers refuse signatures, and pages bear a wrong time", _MEND)]
        if abs(off_s) > _LITTLE_S:
            return [doubt(what, _MEND)]
        return [well(f"the clock agrees with {self.server} within {max(abs(off_s), 0.1):.1f} s")]

    def _by_kernel(self) -> Finding:
        if _is_synchronised():
            return well(f"{self.server} does not answer; the kernel says that its clock is kept by a time service")
        return doubt(f"{self.server} does not answer, and no time service keeps this machine's clock", _MEND)


async def _offset_s(server: str, port: int) -> float | None:
    """Seconds that the server is ahead of us; None if it gives no usable answer."""
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[tuple[bytes, float]] = loop.create_future()

    class Client(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            if not answered.done():
                answered.set_result((data, time.time()))

        def error_received(self, exc: Exception) -> None:
            if not answered.done():
                answered.set_exception(exc)

    try:
        async with asyncio.timeout(_ANSWER_S):
            transport, _ = await loop.create_datagram_endpoint(Client, remote_addr=(server, port))
            try:
                token, asked_at = os.urandom(8), time.time()
                transport.sendto(b"\x23" + bytes(39) + token)  # version 4, client; the token comes back as originate
                data, heard_at = await answered
            finally:
                transport.close()
    except (OSError, TimeoutError):
        return None
    if len(data) < 48 or data[24:32] != token or not data[1]:  # stratum 0 is a refusal
        return None
    received, sent = (_unix_s(data[at : at + 8]) for at in (32, 40))
    return ((received - asked_at) + (sent - heard_at)) / 2


def _unix_s(stamp: bytes) -> float:
    seconds, fraction = struct.unpack(">II", stamp)
    return seconds - _NTP_EPOCH_S + fraction / 2**32


def _is_synchronised() -> bool:
    """What adjtimex(2) says, asked without changing anything."""
    state = ctypes.create_string_buffer(512)  # a struct timex whose `modes` is 0
    return ctypes.CDLL(None).adjtimex(state) not in (_UNSYNCHRONISED, -1)
