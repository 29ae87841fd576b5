"""HylaFAX: its server lets us in, its scheduler dials, its modems are ready, and what it received may be read."""

import asyncio
import ftplib
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.doctor.finding import Finding, Tell, doubt, fault, well
from outbound.carriers.hylafax_server import HylafaxAccount, HylafaxServer, Modem, logged_in

_ANSWER_S = 10.0
_RESET_S = 20.0  # a modem that has hung up, or was just started, is set up anew for some seconds
_DOWN = (OSError, EOFError, ftplib.Error)


@dataclass(frozen=True, slots=True)
class HylafaxCheck:
    """One server, asked in its own protocol."""

    account: HylafaxAccount
    own_number: str
    reset_s: float = _RESET_S
    name: str = "hylafax"
    limit_s: float = 90.0

    async def run(self, tell: Tell) -> list[Finding]:
        """Log in and look; nothing is dialled."""
        tell(f"logging in at {self.account.host}")
        return await asyncio.to_thread(self._try, tell)

    def _try(self, tell: Tell) -> list[Finding]:
        where = f"{self.account.host}:{self.account.port}"
        found: list[Finding] = []
        try:
            with logged_in(replace(self.account, timeout_s=_ANSWER_S)) as server:
                found.append(well(f"HylaFAX at {where} lets us in as {self.account.username}"))
                tell("asking for its modems")
                found += self._line(server, tell)
                tell("reading what it received")
                found += self._received(server)
                found += self._administrator(server)
        except ftplib.error_perm as error:
            found.append(fault(f"HylaFAX at {where} refuses: {_words(error)}", _LOGIN_MEND))
        except _DOWN as error:
            found.append(fault(f"HylaFAX at {where} does not answer ({_words(error)})", _DOWN_MEND))
        return found

    def _line(self, server: HylafaxServer, tell: Tell) -> list[Finding]:
        status, patience_ends = server.status(), time.monotonic() + self.reset_s
        while not all(modem.is_at_work for modem in status.modems) and time.monotonic() < patience_ends:
            tell("waiting for its modems")
            time.sleep(1)
            status = server.status()
        found = [_modem(modem) for modem in status.modems]
        if not status.schedules:
            found.append(fault("faxq, which dials, does not run", "systemctl restart hylafax (or faxq)"))
        if not status.modems:
            found.append(
                fault("HylaFAX knows no modem", "faxaddmodem DEVICE, then start faxgetty on it: docs/hylafax.md")
            )
        elif (numbers := [_digits(one.number) for one in status.modems if one.number]) and not any(
            _digits(self.own_number).endswith(number[-7:]) for number in numbers
        ):
            mend = f'FAXNumber: "{self.own_number}" in /etc/hylafax/config.DEVICE'
            found.append(doubt(f"no modem calls itself {self.own_number}, the clinic's number", mend))
        return found

    def _received(self, server: HylafaxServer) -> list[Finding]:
        try:
            waiting = [one for one in server.received() if not one.is_coming_in]
        except ftplib.error_perm as error:
            return [fault(f"its receive queue may not be listed: {_words(error)}", _QUEUE_MEND)]
        if not waiting:
            return [well("its receive queue may be listed, and is empty")]
        newest = max(waiting, key=lambda one: one.file)
        try:
            with tempfile.TemporaryDirectory() as folder:
                server.download(newest.file, Path(folder) / "fax.tif")
        except ftplib.error_perm:
            what = f"a fax it received ({newest.file}) may not be read"
            return [fault(what, "RecvFileMode: 0644 in /etc/hylafax/config.DEVICE, and chmod 644 on those there now")]
        return [well(f"{len(waiting)} received faxes lie there and may be read")]

    def _administrator(self, server: HylafaxServer) -> list[Finding]:
        if not self.account.admin_password:
            return []
        try:
            server.become_administrator(self.account.admin_password)
        except ftplib.error_perm:
            mend = "correct credential hylafax_admin, or the fourth field of our line in /etc/hylafax/hosts.hfaxd"
            return [fault("it refuses the administrator's password: no received fax is deleted there", mend)]
        return [well("it takes the administrator's password")]


_LOGIN_MEND = (
    "a line for this machine in /etc/hylafax/hosts.hfaxd (127.0.0.1:21::), and fax.hylafax.username and password"
)
_DOWN_MEND = "systemctl status hylafax; is hfaxd started, and are fax.hylafax.host and port its own?"
_QUEUE_MEND = "PublicRecvQ: true in /etc/hylafax/hfaxd.conf"
_WEDGED_MEND = (
    "is the modem plugged in and on? unplug and plug it in again, see /var/spool/hylafax/log, "
    "and that faxgetty runs on it: systemctl status faxgetty@DEVICE"
)


def _modem(modem: Modem) -> Finding:
    device = modem.device.rpartition("/")[2]
    if modem.is_at_work:
        return well(f"modem {device} ({modem.number or 'no number'}): {modem.words}")
    return fault(f"modem {device} is not ready: {modem.words or 'it says nothing'}", _WEDGED_MEND)


def _digits(number: str) -> str:
    return "".join(char for char in number if char.isdigit())


def _words(error: BaseException) -> str:
    return str(error).partition("\n")[0][:160] or type(error).__name__
