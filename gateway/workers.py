"""The pool of reading and drawing processes: the daemon's `Reader` and `PacketBuilder`.

One process a core, started when first needed, kept warm, retired after enough jobs, growth or idleness. The
daemon itself never imports what they import.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from config.settings import Settings
from config.vocabulary import Channel
from gateway.domain.arrival import Envelope
from gateway.errors import NotFound, WorkerFailed
from gateway.mail_keys import smime_of_reader
from gateway.mailboxes import reply_addresses
from gateway.packet_content import describe_packet
from gateway.services.page_pictures import Spot
from gateway.services.ports import PacketRequest
from gateway.worker_process import OnProgress, WorkerLimits, WorkerProcess
from outbound import errors as outbound_errors
from outbound.sender import Packet
from outbound.smime import CertificateOf
from parsers.options import ReadOptions, pages_at_once
from parsers.reading import READING, Reading

Describe = Callable[[PacketRequest], str]
"""Turns a request into the packet's content as JSON: what the drawing process is told."""
AskForKeys = Callable[[Sequence[str]], Awaitable[dict[str, str]]]
"""DKIM key records by DNS name: empty where there is none, left out where nobody could say."""
_PACKET: TypeAdapter[Packet] = TypeAdapter(Packet)
_GRACE_S = 30.0  # between the reader's own patience, which keeps what was read, and the kill


def _unless_refused(reply: dict[str, Any]) -> dict[str, Any]:
    if "refused" in reply:
        kind = getattr(outbound_errors, reply["refused"], outbound_errors.OutboundError)
        raise kind(reply["message"])
    return reply


def _unheard(done: int, total: int) -> None:
    del done, total


class WorkerPool:
    """Reads and builds in limited processes; they are kept warm within `async with`, and only there."""

    def __init__(
        self,
        options: ReadOptions,
        describe: Describe,
        limits: WorkerLimits | None = None,
        ask_for_keys: AskForKeys | None = None,
        certificate_of: CertificateOf | None = None,
    ) -> None:
        self._options = options
        self._certificate_of = certificate_of
        self._ask_for_keys = ask_for_keys
        self._describe = describe
        self._limits = limits or WorkerLimits()
        self._places = asyncio.Semaphore(self._limits.processes)
        self._idle: list[WorkerProcess] = []
        self._is_open = False
        self._under_way: dict[str, tuple[int, int]] = {}

    @classmethod
    def from_settings(
        cls,
        settings: Settings,
        code_keys: tuple[bytes, ...],
        processes: int | None = None,
        ask_for_keys: AskForKeys | None = None,
        certificate_of: CertificateOf | None = None,
    ) -> "WorkerPool":
        """As configured, or with so many processes; `code_keys` are those that sign page codes, newest first."""
        reading, clinic = settings.reading, settings.clinic
        options = ReadOptions(
            keys=code_keys,
            reply_address=clinic.reply_address,
            more_reply_addresses=reply_addresses(settings)[1:],
            fax_services=tuple(settings.fax.by_email.results_from),
            checked_by=settings.mail.imap.checked_by,
            smime=smime_of_reader(settings),
            zone=clinic.zone,
            max_pages=reading.max_pages,
            seconds=reading.seconds,
            pages_at_once=pages_at_once(reading.workers),
        )
        limits = WorkerLimits(
            processes=processes or reading.workers,
            memory_mb=reading.memory_mb,
            seconds=reading.seconds + _GRACE_S,
            idle_seconds=reading.worker_idle_s,
        )

        def describe(request: PacketRequest) -> str:
            return describe_packet(request, settings, code_keys[0])

        return cls(options, describe, limits, ask_for_keys, certificate_of)

    async def __aenter__(self) -> "WorkerPool":
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        while self._idle:
            await self._idle.pop().retire()

    async def read(self, path: Path, envelope: Envelope, received_at: datetime) -> Reading:
        """The reading of the file at `path`.

        Raises:
            WorkerFailed: the process died, hung or passed a limit; the message says which.
        """
        job: dict[str, Any] = {"op": "read", **self._file(path, envelope, received_at)}
        if envelope.channel is Channel.EMAIL and (self._ask_for_keys or self._certificate_of):
            told = await self._ask({"op": "keys", "path": str(path), "checked_by": self._options.checked_by})
            if self._ask_for_keys is not None:
                job["options"]["key_records"] = await self._ask_for_keys(told["names"]) if told["names"] else {}
            if self._certificate_of is not None and (signer := told["signer"]):
                job["options"]["smime"]["on_file"] = {signer: await asyncio.to_thread(self._certificate_of, signer)}
        return await self._reading(job, envelope, received_at)

    async def arrange(
        self, path: Path, envelope: Envelope, received_at: datetime, groups: Sequence[Sequence[tuple[int, int]]]
    ) -> Reading:
        """Chosen pages, each with the degrees that turn it upright, read as one document a group.

        Raises:
            NotFound: a page is not there, or has no picture.
            WorkerFailed: the process died, hung or passed a limit.
        """
        job = {"op": "arrange", "groups": groups, **self._file(path, envelope, received_at)}
        return await self._reading(job, envelope, received_at)

    def _file(self, path: Path, envelope: Envelope, received_at: datetime) -> dict[str, Any]:
        """What every job that reads is told of the file."""
        written = (envelope.received_at or received_at).astimezone(ZoneInfo(self._options.zone)).date()
        options = asdict(replace(self._options, written=written))
        options["keys"] = [key.hex() for key in self._options.keys]
        options["written"] = written.isoformat()
        return {"path": str(path), "name": envelope.name, "options": options}

    async def _reading(self, job: dict[str, Any], envelope: Envelope, received_at: datetime) -> Reading:
        what = f"{envelope.channel.value} of {received_at.astimezone(ZoneInfo(self._options.zone)):%b %d, %H:%M}"
        try:
            reply = await self._ask(job, lambda done, total: self._hear(what, done, total))
            if "refused" in reply:
                raise NotFound(reply["refused"])
            return await asyncio.to_thread(READING.validate_json, reply["reading"])
        except (ValueError, KeyError):
            raise WorkerFailed("the reader's answer made no sense: look at the original") from None
        finally:
            self._under_way.pop(what, None)

    def _hear(self, what: str, done: int, total: int) -> None:
        self._under_way[what] = (done, total)

    def under_way(self) -> tuple[str, ...]:
        """What is being read just now and how far it is, in words for staff."""
        return tuple(f"{what}: page {done} of {total} read" for what, (done, total) in self._under_way.items())

    async def build(self, request: PacketRequest, into: Path) -> Packet:
        """The packet's file, drawn into a folder.

        Raises:
            OutboundError: an attachment or the content cannot become pages.
            WorkerFailed: the process died, hung or passed a limit.
        """
        reply = await self._ask({"op": "build", "content": self._describe(request), "into": str(into)})
        return _PACKET.validate_json(_unless_refused(reply)["packet"])

    async def preview(self, request: PacketRequest, into: Path) -> tuple[int, float]:
        """A packet's pages as PNG in a folder (`0.png` and on); how many, and for a fax the seconds on the line.

        Raises:
            OutboundError: an attachment or the content cannot become pages.
            WorkerFailed: the process died, hung or passed a limit.
        """
        job = {"op": "preview", "content": self._describe(request), "into": str(into)}
        reply = _unless_refused(await self._ask(job))
        return int(reply["pages"]), float(reply["seconds"])

    async def inspect(self, path: Path, name: str) -> tuple[str, int]:
        """What the file at `path` is by its bytes, and how many pages it becomes.

        Raises:
            OutboundError: it cannot become pages.
            WorkerFailed: the process died, hung or passed a limit.
        """
        reply = _unless_refused(await self._ask({"op": "inspect", "path": str(path), "name": name}))
        return str(reply["media_type"]), int(reply["pages"])

    async def paint(self, path: Path, page: int, degrees: int, into: Path) -> None:
        """One page of the file at `path` as PNG, turned clockwise.

        Raises:
            NotFound: it has no such page, or one without a picture.
            WorkerFailed: the process died, hung or passed a limit.
        """
        job: dict[str, Any] = {"op": "paint", "path": str(path), "page": page, "turn": degrees, "into": str(into)}
        job["smime"] = asdict(self._options.smime)
        if refused := (await self._ask(job)).get("refused"):
            raise NotFound(refused)

    async def cut(self, png: Path, box: Spot, into: Path) -> None:
        """A spot of a painted page as PNG. Raises WorkerFailed."""
        await self._ask({"op": "cut", "path": str(png), "box": list(box), "into": str(into)})

    async def _ask(self, job: dict[str, Any], on_progress: OnProgress = _unheard) -> dict[str, Any]:
        async with self._places:
            worker = self._idle.pop() if self._idle else await WorkerProcess.start(self._limits)
            try:
                reply = await worker.ask(job, on_progress)
            except WorkerFailed:
                await worker.kill()
                raise
            if worker.is_spent or not self._is_open:
                await worker.retire()
            else:
                self._keep(worker)
            return reply

    def _keep(self, worker: WorkerProcess) -> None:
        loop = asyncio.get_running_loop()
        worker.idle_since = loop.time()
        self._idle.append(worker)
        loop.call_later(self._limits.idle_seconds + 0.1, self._drop_idle)

    def _drop_idle(self) -> None:
        """Give memory back when nothing has come for a while."""
        oldest = asyncio.get_running_loop().time() - self._limits.idle_seconds
        for worker in [worker for worker in self._idle if worker.idle_since <= oldest]:
            self._idle.remove(worker)
            worker.dismiss()
