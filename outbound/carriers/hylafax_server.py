# ruff: noqa: S321 - hfaxd speaks FTP, and listens on this machine or behind a tunnel: docs/hylafax.md
"""One login at HylaFAX's server, hfaxd: FTP with further commands (hfaxd(8), port 4559).

Nobody else speaks this protocol. Blocking; meant to be used from a thread. Lists are asked for in our own format,
whose fields are parted by a character that no field may hold.
"""

import ftplib
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

_SAFE = re.compile(r"[A-Za-z0-9+@._ /-]*", re.ASCII)
_PART = "\x1f"
_JOB_FIELDS = "jJapydts"
_MODEM_FIELDS = "mns"  # r ends the connection in 6.0.7
_FAX_FIELDS = "fznpsje"  # j is CallID1, the caller's number; i and q are left out: q ends the connection in 6.0.7

Folder = Literal["sendq", "doneq"]


@dataclass(frozen=True, slots=True)
class HylafaxAccount:
    """Where HylaFAX listens, and how stubbornly it is to dial."""

    host: str = "localhost"
    port: int = 4559
    username: str = "referloop"
    password: str = ""
    admin_password: str = ""  # lets received faxes be deleted there once they are ours
    kill_hours: int = 3
    max_dials: int = 6  # calls in all
    max_tries: int = 3  # calls that were answered by a fax machine
    timeout_s: float = 30.0
    notes: Path | None = None  # where HylaFAX's receive hook leaves its notes


@dataclass(frozen=True, slots=True)
class Job:
    """A job as HylaFAX lists it; `state` is one character of ?TPSBWRDF."""

    id: int
    tag: str
    state: str
    pages_sent: int
    pages: int
    dials: int
    tries: int
    words: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A fax in the receive queue; `error` is empty if all of it came."""

    file: str
    is_coming_in: bool
    size_bytes: int
    pages: int
    station_id: str
    caller: str
    error: str


@dataclass(frozen=True, slots=True)
class Modem:
    """A modem as its own program says it stands, in HylaFAX's words."""

    device: str
    number: str
    words: str

    @property
    def is_at_work(self) -> bool:
        """Whether it waits for calls, or is on the line."""
        return self.words.startswith(("Running and idle", "Sending", "Receiving", "Answering", "Initializing"))


@dataclass(frozen=True, slots=True)
class Status:
    """What HylaFAX says of itself."""

    schedules: bool  # whether faxq runs, which dials
    modems: tuple[Modem, ...]


class HylafaxServer:
    """What one login can do. Every call raises OSError or ftplib.Error when the server is gone or says no."""

    def __init__(self, ftp: ftplib.FTP) -> None:
        self._ftp = ftp

    def upload(self, tiff: Path) -> str:
        """Store a fax TIFF; returns the server's name for it."""
        self._ftp.sendcmd("FORM TIFF")
        self._ftp.sendcmd("TYPE I")
        with tiff.open("rb") as file, self._ftp.transfercmd("STOT") as connection:
            while chunk := file.read(1 << 16):
                connection.sendall(chunk)
        found = re.search(r"FILE: (/tmp/[\w.-]+)", self._ftp.voidresp())
        if found is None:
            raise ftplib.error_reply("the server did not say where it put the document")
        return found[1]

    def new_job(self) -> int:
        """Start a job. It is not in the queue, and gone with this login, until `submit`."""
        found = re.search(r"jobid: (\d+)", self._ftp.sendcmd("JNEW"))
        if found is None:
            raise ftplib.error_reply("the server did not say which job it made")
        return int(found[1])

    def set(self, name: str, value: int | str) -> None:
        """A parameter of the job. Raises ValueError for text that could end the quotes it is put in."""
        if isinstance(value, str) and not _SAFE.fullmatch(value):
            raise ValueError(f"{name} holds a character that does not go into a fax job")
        self._ftp.sendcmd(f"JPARM {name} {value}" if isinstance(value, int) else f'JPARM {name} "{value}"')

    def add_document(self, name: str) -> None:
        """What the job is to send: a name from `upload`."""
        self._ftp.sendcmd(f"JPARM DOCUMENT {name}")

    def submit(self) -> None:
        """From here on HylaFAX may dial."""
        self._ftp.sendcmd("JSUBM")

    def jobs(self, folder: Folder) -> list[Job]:
        """Every job of a queue."""
        fields = _PART.join(f"%{field}" for field in _JOB_FIELDS)
        self._ftp.sendcmd(f'JOBFMT "{fields}"')
        return [_job(line) for line in self._list(folder, len(_JOB_FIELDS))]

    def kill(self, job: int) -> None:
        """Take a job out of the queue for good; one on the line is hung up on."""
        self._ftp.sendcmd(f"JSUSP {job}")
        self._ftp.sendcmd(f"JKILL {job}")

    def status(self) -> Status:
        """The scheduler and every modem."""
        fields = _PART.join(f"%{field}" for field in _MODEM_FIELDS)
        self._ftp.sendcmd(f'MDMFMT "{fields}"')
        lines: list[str] = []
        self._ftp.retrlines("LIST status", lines.append)
        parted = [[part.strip() for part in line.split(_PART)] for line in lines]
        modems = tuple(Modem(*parts) for parts in parted if len(parts) == len(_MODEM_FIELDS))
        return Status(any("scheduler" in line and line.endswith("Running") for line in lines), modems)

    def received(self) -> list[Waiting]:
        """Every fax in the receive queue."""
        fields = _PART.join(f"%{field}" for field in _FAX_FIELDS)
        self._ftp.sendcmd(f'RCVFMT "{fields}"')
        return [_waiting(line) for line in self._list("recvq", len(_FAX_FIELDS))]

    def received_at(self, file: str) -> datetime:
        """When a received fax was last written to, to the second, UTC."""
        self._ftp.sendcmd("TZONE GMT")
        said = self._ftp.sendcmd(f"MDTM recvq/{file}")
        return datetime.strptime(said.split()[-1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)

    def download(self, file: str, to: Path) -> None:
        """Fetch a received fax, all of it."""
        self._ftp.sendcmd("FORM TIFF")
        with to.open("wb") as out:
            self._ftp.retrbinary(f"RETR recvq/{file}", out.write)

    def become_administrator(self, password: str) -> None:
        """What deleting a received fax asks for."""
        self._ftp.sendcmd(f"ADMIN {password}")

    def delete(self, file: str) -> None:
        """Remove a received fax from the server."""
        self._ftp.sendcmd(f"DELE recvq/{file}")

    def _list(self, folder: str, fields: int) -> list[list[str]]:
        lines: list[str] = []
        self._ftp.retrlines(f"LIST {folder}", lines.append)
        found = [line.split(_PART) for line in lines]
        return [parts for parts in found if len(parts) == fields]


@contextmanager
def logged_in(account: HylafaxAccount) -> Generator[HylafaxServer]:
    """A login for some commands; the connection is closed whatever happens.

    Raises:
        OSError, ftplib.Error: the server does not answer or does not let us in.
    """
    with ftplib.FTP(timeout=account.timeout_s, encoding="latin-1") as ftp:
        ftp.connect(account.host, account.port)
        if ftp.sendcmd(f"USER {account.username}").startswith("3"):
            ftp.sendcmd(f"PASS {account.password}")
        yield HylafaxServer(ftp)


def _job(parts: list[str]) -> Job:
    job, tag, state, sent, pages, dials, tries, words = (part.strip() for part in parts)
    return Job(int(job), tag, state, int(sent), int(pages), int(dials), int(tries), words)


def _waiting(parts: list[str]) -> Waiting:
    file, coming, size, pages, station, caller, error = (part.strip() for part in parts)
    return Waiting(file, coming == "*", int(size), int(pages), station, caller, error)
