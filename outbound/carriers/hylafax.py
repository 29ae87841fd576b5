"""HylaFAX as a carrier: the clinic's own modems, or fax over IP behind HylaFAX's queue.

HylaFAX dials again by itself and resumes at the unsent page; nobody here retries what it has accepted. A job carries
our key as its tag, so after a crash the queues tell whether it was submitted. Retries, dial rules and modems are
HylaFAX's own settings: docs/hylafax.md.
"""

import asyncio
import ftplib
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

from outbound.carriers.hylafax_received import ReceivedFaxes
from outbound.carriers.hylafax_server import HylafaxAccount, HylafaxServer, Job, logged_in
from outbound.fax_file import count_pages
from outbound.sender import (
    Accepted,
    Capabilities,
    Cause,
    Commit,
    Deferred,
    DeliveryState,
    DeliveryStatus,
    Outcome,
    Packet,
    ReceivedFax,
    Refused,
    Unknown,
)

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_KEY = r"[A-Za-z0-9._-]{1,80}"
_REFERENCE = re.compile(rf"HF-(\d{{1,9}})-({_KEY})", re.ASCII)
_DOWN = (OSError, EOFError, ftplib.Error)
_STATES = {"D": DeliveryState.DELIVERED, "F": DeliveryState.FAILED, "R": DeliveryState.SENDING}
_CAUSES = (
    ("busy signal", Cause.BUSY),
    ("no answer", Cause.NO_ANSWER),
    ("ringback", Cause.NO_ANSWER),
    ("no carrier", Cause.NOT_A_FAX),  # it was answered, or the number is dead: nobody there speaks fax
    ("voice", Cause.NOT_A_FAX),
    ("data connection", Cause.NOT_A_FAX),
    ("invalid dialing", Cause.WRONG_NUMBER),
    ("reject", Cause.REJECTED),
    ("no receiver protocol", Cause.NOT_A_FAX),
    ("phase", Cause.LINE),
    ("failure to", Cause.LINE),  # train, receive silence, transmit clean data
    ("no response to", Cause.LINE),
    ("dcn", Cause.LINE),
    ("disconnected", Cause.LINE),
    ("invalid response", Cause.LINE),
    ("unable to transmit page", Cause.LINE),
    ("rtn", Cause.LINE),
    ("timed out", Cause.LINE),
    ("document preparation", Cause.SERVER),  # as when HylaFAX went down in the middle of it
    ("document file", Cause.SERVER),
    ("no local dialtone", Cause.OTHER),
)
"""HylaFAX's words for a failed call, as far as they decide what is done; the last call's stand in the job."""


class HylafaxFax:
    """Sender and inbox of one HylaFAX server."""

    def __init__(self, account: HylafaxAccount, own_number: str, folder: Path, country: str) -> None:
        """`own_number` in E.164; `folder` holds faxes on their way in; `country` (ISO 3166) reads caller's numbers."""
        self._account = account
        self._own = own_number
        self._inbox = ReceivedFaxes(account, folder, country)

    @property
    def name(self) -> str:
        """As in the settings."""
        return "hylafax"

    @property
    def capabilities(self) -> Capabilities:
        """A job is found by its tag as long as HylaFAX keeps ended jobs; it dials again by itself."""
        return Capabilities(finds_by_key=True, reports_delivery=True, retries_itself=True, receives=True)

    async def submit(self, packet: Packet, to: str, key: str, commit: Commit) -> Outcome:
        """Queue a job; under a key that is queued already, nothing is queued again.

        Raises:
            ValueError: the key would not come back from HylaFAX as it went in.
        """
        if not re.fullmatch(_KEY, key, re.ASCII):
            raise ValueError("a key is letters, digits, dots, underscores and hyphens")
        if not _NUMBER.fullmatch(to):
            return Refused(f"{to!r} is not a fax number in E.164")
        try:
            count_pages(await asyncio.to_thread(packet.path.read_bytes))
        except ValueError as error:
            return Refused(f"the packet is not a fax: {error}")
        except OSError as error:
            return Deferred(f"the packet could not be read: {error.strerror}")
        login = ExitStack()  # opened and closed in threads: a server that is gone may take its time
        try:
            server = await asyncio.to_thread(login.enter_context, logged_in(self._account))
            return await self._queue(server, packet, to, key, commit)
        except _DOWN as error:
            return Deferred(f"HylaFAX did not take it: {_words(error)}")
        finally:
            await asyncio.to_thread(login.close)

    async def _queue(self, server: HylafaxServer, packet: Packet, to: str, key: str, commit: Commit) -> Outcome:
        if (known := await asyncio.to_thread(_tagged, server, key)) is not None:
            await commit(_reference(known.id, key))
            return Accepted(_reference(known.id, key))
        job = await asyncio.to_thread(self._prepare, server, packet.path, to, key)
        reference = _reference(job, key)
        await commit(reference)
        try:
            await asyncio.to_thread(server.submit)
        except _DOWN as error:
            return await self._was_it_queued(reference, key, error)
        return Accepted(reference)

    async def _was_it_queued(self, reference: str, key: str, error: Exception) -> Outcome:
        """The server said no, or nothing, to the last command: its queues know."""
        try:
            found = await self.find(key)
        except _DOWN:
            return Unknown(f"HylaFAX fell silent as the job was handed over: {_words(error)}")
        return Accepted(reference) if found else Deferred(f"HylaFAX did not queue it: {_words(error)}")

    def _prepare(self, server: HylafaxServer, tiff: Path, to: str, key: str) -> int:
        document = server.upload(tiff)
        job = server.new_job()
        account = self._account
        parameters: dict[str, int | str] = {
            "FROMUSER": account.username,
            "DIALSTRING": to,
            "EXTERNAL": to,
            "TSI": self._own,
            "JOBINFO": key,
            "LASTTIME": f"{account.kill_hours // 24:02}{account.kill_hours % 24:02}00",
            "MAXDIALS": account.max_dials,
            "MAXTRIES": account.max_tries,
            "VRES": 196,
            "PAGECHOP": "none",
            "NOTIFY": "none",
            "NOTIFYADDR": account.username,
        }
        for name, value in parameters.items():
            server.set(name, value)
        server.add_document(document)
        return job

    async def status(self, reference: str) -> DeliveryStatus:
        """What the queues say of a job. Raises OSError or ftplib.Error while HylaFAX does not answer."""
        return await asyncio.to_thread(self._status, reference)

    def _status(self, reference: str) -> DeliveryStatus:
        with logged_in(self._account) as server:
            job = _named(server, reference)
        if job is None:
            return DeliveryStatus(DeliveryState.UNKNOWN, detail="HylaFAX does not list this job any more")
        state = _STATES.get(job.state, DeliveryState.QUEUED)
        if state is DeliveryState.FAILED and 0 < job.pages <= job.pages_sent:
            # What 6.0.7 says of a job whose call a crash had cut: sent whole by the next call, then given up.
            told = f"HylaFAX gave it up after all {job.pages} pages were confirmed: {job.words}"
            return DeliveryStatus(DeliveryState.UNKNOWN, job.pages_sent, job.dials, detail=told)
        cause = _cause(job.words) if state is DeliveryState.FAILED else Cause.NONE
        return DeliveryStatus(state, job.pages_sent, job.dials, cause, job.words)

    async def find(self, key: str) -> str | None:
        """The reference of the job tagged with our key. Raises OSError or ftplib.Error if HylaFAX is down."""
        return await asyncio.to_thread(self._find, key)

    def _find(self, key: str) -> str | None:
        with logged_in(self._account) as server:
            job = _tagged(server, key)
        return _reference(job.id, key) if job else None

    async def cancel(self, reference: str) -> bool:
        """Take a job out of the queue if no call for it is under way."""
        return await asyncio.to_thread(self._cancel, reference)

    def _cancel(self, reference: str) -> bool:
        with logged_in(self._account) as server:
            job = _named(server, reference)
            if job is None or job.state in "RDF" or job.pages_sent:
                return False
            server.kill(job.id)
        return True

    async def fetch_received(self) -> AsyncIterator[ReceivedFax]:
        """Whole faxes in the receive queue, oldest first, each fetched into our folder."""
        for waiting in await asyncio.to_thread(self._inbox.waiting):
            yield await asyncio.to_thread(self._inbox.fetch, waiting)

    async def forget(self, source_id: str) -> None:
        """Delete it there if we may, else remember that it is ours; drop our copy."""
        await asyncio.to_thread(self._inbox.forget, source_id)


def _reference(job: int, key: str) -> str:
    """Job numbers begin again at 32,000, so the key is part of the name."""
    return f"HF-{job}-{key}"


def _jobs(server: HylafaxServer) -> Iterator[Job]:
    """The waiting first: a job that moves meanwhile is then found among the ended ones."""
    yield from server.jobs("sendq")
    yield from server.jobs("doneq")


def _tagged(server: HylafaxServer, key: str) -> Job | None:
    return next((job for job in _jobs(server) if job.tag == key), None)


def _named(server: HylafaxServer, reference: str) -> Job | None:
    named = _REFERENCE.fullmatch(reference)
    if named is None:
        return None
    return next((job for job in _jobs(server) if (job.id, job.tag) == (int(named[1]), named[2])), None)


def _cause(words: str) -> Cause:
    return next((cause for part, cause in _CAUSES if part in words.casefold()), Cause.OTHER)


def _words(error: Exception) -> str:
    return str(error).partition("\n")[0][:200] or type(error).__name__
