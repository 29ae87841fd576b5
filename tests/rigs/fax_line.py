"""A real fax line on this machine: HylaFAX, its modems and the exchange between them (tests/rigs/faxline)."""

import asyncio
import os
import secrets
import shutil
import signal
import socket
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from outbound.carriers.hylafax import HylafaxFax
from outbound.carriers.hylafax_server import HylafaxAccount

OURS, THEIRS, SECOND = "+15085550100", "+15085550200", "+15085550101"
_KIT = Path(__file__).parent / "faxline"


@dataclass(frozen=True, slots=True)
class FaxLine:
    """HylaFAX that dials from `OURS`; what is faxed to `THEIRS` comes in on the same server's second modem.

    Of two on one line, `number` is its own, and only its own modem's calls come in.
    """

    run: Path
    port: int
    folder: Path
    number: str = OURS
    environment: dict[str, str] = field(default_factory=dict[str, str])

    def carrier(self, folder_of: Path | None = None, **changed: str | int | Path) -> HylafaxFax:
        """A new object with nothing in memory; with the memory of the clinic whose settings lie there."""
        account = HylafaxAccount("127.0.0.1", self.port, timeout_s=10, **changed)  # pyright: ignore[reportArgumentType]
        folder = folder_of.parent / "data" / "hylafax" if folder_of else self.folder
        return HylafaxFax(account, self.number, folder, "US")

    def received(self) -> list[bytes]:
        """Every fax that came in, oldest first."""
        return [path.read_bytes() for path in sorted((self.run / "spool" / "recvq").glob("fax*.tif"))]

    def is_idle(self) -> bool:
        """Whether no job waits or is on the line."""
        return not any((self.run / "spool" / "sendq").glob("q*"))

    def hang_up(self) -> None:
        """Cut the calls in progress."""
        self._signal("exchange", signal.SIGUSR1)

    def pull_the_modems(self) -> None:
        """Both are gone, as if unplugged."""
        self._signal("exchange", signal.SIGKILL)

    def stop_server(self) -> None:
        """hfaxd ends; faxq and the modems go on."""
        self._signal("hfaxd", signal.SIGKILL)

    async def pull_the_plug(self) -> None:
        """Every process of HylaFAX is killed, in whatever it does; the exchange hears the modem fall silent."""
        for line in (self.run / "pids").read_text().splitlines():
            with suppress(ProcessLookupError):
                os.killpg(int(line.split()[0]), signal.SIGKILL)
        (self.run / "pids").unlink()
        await asyncio.sleep(0.3)

    async def start_again(self) -> None:
        """With the spool as it was left."""
        await _run(self.folder.parent / "kit" / "up", environment=self.environment | {"FAXLINE_KEEP": "yes"})

    def _signal(self, name: str, number: int) -> None:
        for line in (self.run / "pids").read_text().splitlines():
            if line.endswith(f" {name}"):
                os.kill(int(line.split()[0]), number)


@asynccontextmanager
async def fax_line(*options: str, faxrcvd: str = "") -> AsyncGenerator[FaxLine]:
    """Up for one test; `options` are the exchange's, like `--rule 01=busy`; `faxrcvd` runs for a received fax."""
    async with _kit() as folder, _up(folder, "run", *options, FAXLINE_FAXRCVD=faxrcvd) as line:
        yield line


@dataclass(frozen=True, slots=True)
class TwoFaxes:
    """The clinic's HylaFAX, with two modems to dial from, and an office's with one, on one exchange."""

    exchange: FaxLine
    clinic: FaxLine
    office: FaxLine

    def calls(self) -> list[str]:
        """The exchange's log."""
        return (self.exchange.run / "exchange.log").read_text().splitlines()

    def hang_up(self) -> None:
        """Cut the calls in progress."""
        self.exchange.hang_up()


@asynccontextmanager
async def two_faxes(*options: str, faxrcvd: str = "") -> AsyncGenerator[TwoFaxes]:
    """Each with a spool and processes of its own."""
    async with _kit() as folder, AsyncExitStack() as up:
        exchange = await up.enter_async_context(_up(folder, "line", *options, FAXLINE_OWN="none"))
        shared = {"FAXLINE_LINE": str(exchange.run)}
        clinic = _up(folder, "clinic", FAXLINE_FAXRCVD=faxrcvd, FAXLINE_OWN="0 2", FAXLINE_DIALS="0 2", **shared)
        office = _up(folder, "office", number=THEIRS, FAXLINE_OWN="1", **shared)
        yield TwoFaxes(exchange, await up.enter_async_context(clinic), await up.enter_async_context(office))


@asynccontextmanager
async def _kit() -> AsyncGenerator[Path]:
    if os.geteuid() != 0:
        pytest.skip("HylaFAX's daemons start only as root")
    with _folder() as folder:
        shutil.copytree(_KIT, folder / "kit")
        yield folder


@asynccontextmanager
async def _up(folder: Path, name: str, *options: str, number: str = OURS, **said: str) -> AsyncGenerator[FaxLine]:
    kit, run, port = folder / "kit", folder / name, _free_port()
    await asyncio.to_thread(run.mkdir)
    environment = {
        "PATH": os.environ["PATH"],  # noqa: TID251 - a program of its own
        "FAXLINE_RUN": str(run),
        "FAXLINE_PORT": str(port),
        "FAXLINE_RETRY": "2",
        "FAXLINE_MODEMS": f"{OURS[1:]} {THEIRS[1:]},1508555020* {SECOND[1:]}",
        **said,
    }
    if "FAXLINE_OWN" not in said:
        environment["FAXLINE_OWN"] = "0 1"
    await _run(kit / "up", "--speed", "0", "--ring-timeout", "3", *options, environment=environment)
    try:
        yield FaxLine(run, port, folder / f"incoming-{name}", number, environment)
    finally:
        await _run(kit / "down", environment=environment)


@contextmanager
def _folder() -> Generator[Path]:
    """A folder without an underscore in its name, which HylaFAX would take for a slash, open to its user uucp."""
    folder = Path(tempfile.gettempdir()) / f"faxline-{secrets.token_hex(6)}"
    folder.mkdir(mode=0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _run(program: Path, *arguments: str, environment: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        program, *arguments, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, out.decode()


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
