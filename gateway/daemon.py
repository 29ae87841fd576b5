"""The composition root: settings to objects to one task group; plain constructor calls.

Order at start: lock the data folder, open the store, decide what a crash left half sent, and only then
send, watch and serve. At the end each step finishes the row it holds; what takes longer than the grace
period is handed back by its lease.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

from config.fax_settings import address_of
from config.settings import Settings
from gateway.clamd import Clamd
from gateway.desk import Desk, open_desk
from gateway.inbound.drop_folder import DropFolder
from gateway.inbound.fax_notes import nudged_by_notes
from gateway.inbound.fax_poller import FaxPoller
from gateway.inbound.folder import ScanFolder
from gateway.jobs.local import LocalJobs, Step
from gateway.key_records import KeyRecords
from gateway.lines import FaxCarrier, calls_back, fax_carrier, media_shelf, senders
from gateway.lock import only_daemon
from gateway.mail_keys import end_notices, own_ends
from gateway.mail_watchers import mail_notices, mail_watchers
from gateway.notify import Notifier
from gateway.schedule import ticking
from gateway.services.intend import intend_ready
from gateway.services.read_arrival import ReadArrival
from gateway.services.receive_document import ReceiveDocument
from gateway.services.reconcile import Reconcile
from gateway.services.record_delivery import RecordDelivery
from gateway.services.send_packet import SendPacket
from gateway.services.take_callback import TakeCallback
from gateway.text_line import CALLBACK_PATH, text_line
from gateway.web.app import make_app
from gateway.web.callbacks import make_callbacks_app, plain_app
from gateway.web.desk import WebDesk
from gateway.web.house import House
from gateway.web.one_referral import OneReferral
from gateway.web.serve import PlainListener, serve_web
from gateway.web.text_callbacks import text_callback_routes
from gateway.web_desks import entry_desk, review_desk, sign_on
from gateway.workers import WorkerPool

_GRACE_S = 25.0  # of the 30 s systemd gives
_HANDS = 4  # packets on their way at once, on each channel
_log = logging.getLogger(__name__)


async def serve(settings: Settings, ready: "Ready") -> None:
    """Run until SIGTERM or SIGINT. `ready` is told once everything listens.

    Raises:
        AlreadyRunning: if another daemon serves the same data folder.
    """
    settings.storage.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with only_daemon(settings.storage.data_dir), open_desk(settings) as desk:
        async with _stopping_at_signals() as stop, workers(desk) as pool, painters(desk) as painter:
            await _House(desk, pool, painter).run(stop, ready)


@asynccontextmanager
async def workers(desk: Desk) -> AsyncGenerator[WorkerPool, None]:
    """The limited child processes that read and draw."""
    signatures = desk.settings.mail.signatures
    ask = KeyRecords(signatures.dns_servers, signatures.dns_timeout_s).ask if signatures.check else None
    certificate_of = desk.certificates.pem_of
    async with WorkerPool.from_settings(
        desk.settings, desk.code_keys, ask_for_keys=ask, certificate_of=certificate_of
    ) as pool:
        yield pool


@asynccontextmanager
async def painters(desk: Desk) -> AsyncGenerator[WorkerPool, None]:
    """A limited child process that draws pages for people, who must not wait behind a long reading."""
    async with WorkerPool.from_settings(desk.settings, desk.code_keys, processes=1) as pool:
        yield pool


@asynccontextmanager
async def _stopping_at_signals() -> AsyncGenerator[asyncio.Event, None]:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


class _House:
    """The running daemon: steps, watchers, ticks and the web, in one task group."""

    def __init__(self, desk: Desk, pool: WorkerPool, painter: WorkerPool) -> None:
        settings = desk.settings
        self.desk = desk
        self.jobs = LocalJobs()
        self.fax = fax_carrier(settings, desk.clock.now)
        self.senders = senders(settings, self.fax, desk.grants, desk.certificates.pem_of)
        self.mouths = {channel: f"send {channel.value}" for channel in self.senders}
        parts = (desk.store, desk.clock, desk.rules, self.senders)
        self.reconcile = Reconcile(*parts)
        self.delivery = RecordDelivery(*parts)
        self.sending = SendPacket(desk.store, desk.vault, desk.clock, desk.rules, pool, self.senders)
        self.scanner = _scanner(settings)
        self.texts = text_line(settings, desk.store, desk.clock)
        self.reading = ReadArrival(desk.store, desk.vault, desk.clock, pool, self.scanner)
        self.door = ReceiveDocument(desk.store, desk.vault, desk.clock, lambda: self.jobs.ring("read"))
        self.fax_poller = _fax_poller(desk, self.door, self.fax)
        self.own_ends = own_ends(settings)
        self.mail = mail_watchers(settings, desk.grants, self.door, _Places(desk))
        self.watchers = _watchers(desk, self.door, self.fax_poller, lambda: self.jobs.ring("intend")) | self.mail
        self.under_way = pool.under_way
        self.painter = painter
        self.review = review_desk(desk, pool, painter, self._rung_read, self._rung_moved)
        self.started_at = desk.clock.now().timestamp()
        self._add_steps()

    def _add_steps(self) -> None:
        desk, workers_at_once = self.desk, self.desk.settings.reading.workers
        sending = ("intend", *self.mouths.values())
        self.jobs.add(Step("intend", _in_thread(self._intend), rings=(*self.mouths.values(),)))
        for channel, step in self.mouths.items():
            work = partial(self.sending.send_due, channel)
            self.jobs.add(Step(step, work, rings=("poll",), at_once=_HANDS))
        self.jobs.add(Step("poll", self.delivery.poll, rings=sending))
        self.jobs.add(Step("read", self.reading.read_next, rings=("match",), at_once=workers_at_once))
        self.jobs.add(Step("match", desk.matcher.match_all, rings=(*sending, "draw")))
        self.jobs.add(Step("arrange", self.review.rearrange.arrange_next, rings=("draw",)))
        self.jobs.add(Step("draw", self.review.pictures.draw_ahead))
        self.jobs.add(Step("chase", _in_thread(desk.chase.chase), rings=sending))
        self.jobs.add(Step("sweep", self.reconcile.sweep, rings=(*sending, "read", "match")))
        self.jobs.add(Step("purge", _in_thread(desk.purge.purge)))
        for name, work in (self.texts.steps() if self.texts else {}).items():
            self.jobs.add(Step(name, work, rings=("text send",) if name == "text notices" else ()))

    def _rung_read(self) -> None:
        """A person wants a file, or some of its pages, read again."""
        self.jobs.ring("read")
        self.jobs.ring("arrange")

    def _rung_moved(self) -> None:
        """A person settled a document, or took one back: what that makes due is looked at."""
        self.jobs.ring("intend")
        self.jobs.ring("chase")
        self.jobs.ring("draw")

    def _intend(self) -> int:
        return intend_ready(self.desk.store, self.desk.clock, self.desk.rules)

    async def run(self, stop: asyncio.Event, ready: "Ready") -> None:
        """Start in order, work until `stop`, end in order."""
        left_over = await self.reconcile.at_start()
        _log.info("started", extra={"action": "start", "reconciled": left_over})
        loop = self.desk.settings.loop
        every_s = {
            **dict.fromkeys(("intend", *self.mouths.values()), loop.send_seconds),
            "read": loop.sweep_seconds,
            "match": loop.sweep_seconds,
            "arrange": loop.sweep_seconds,
            "draw": loop.sweep_seconds,
            "poll": loop.poll_seconds,
            "chase": loop.chase_seconds,
            "sweep": loop.sweep_seconds,
            "purge": loop.purge_seconds,
        }
        if self.texts:
            every_s |= {"text notices": loop.send_seconds, "text send": loop.send_seconds}
            every_s["text poll"] = self.texts.poll_seconds
        async with asyncio.TaskGroup() as group:
            work = group.create_task(self.jobs.run(), name="steps")
            watching = [group.create_task(watcher.run(), name=name) for name, watcher in self.watchers.items()]
            with Notifier(self.desk.settings.notify_socket, self.desk.settings.watchdog_s) as notifier:
                web = group.create_task(self._serve_web(notifier, ready), name="web")
                if (notes := self.desk.settings.fax.hylafax.notes_dir) and self.fax_poller:
                    watching.append(group.create_task(nudged_by_notes(notes, self.fax_poller), name="fax notes"))
                if self.desk.settings.fax.callbacks.public_url:
                    watching.append(group.create_task(self._serve_callbacks(), name="callbacks"))
                watching.append(group.create_task(notifier.keep_alive(), name="watchdog"))
                async with ticking(self.jobs.ring, every_s):
                    await stop.wait()
                notifier.stopping()
                await self._end([*watching, web], work)

    async def _end(self, listeners: list[asyncio.Task[None]], work: asyncio.Task[None]) -> None:
        for task in listeners:
            task.cancel()
        self.jobs.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(work), _GRACE_S)
        work.cancel()
        _log.info("stopped", extra={"action": "stop"})

    async def _serve_web(self, notifier: Notifier, ready: "Ready") -> None:
        settings, desk = self.desk.settings, self.desk
        is_first_run = await asyncio.to_thread(desk.access.accounts.nobody_yet)

        def listening(address: str) -> None:
            notifier.ready()
            ready(address, is_first_run)

        pages = WebDesk(
            desk.store, desk.clock, desk.rules.zone, settings.storage.data_dir, self.under_way, self._troubles
        )
        if self.texts:
            self.texts.complaints = pages.complaints
        house = House.of(settings, desk.rules.zone)
        referral = OneReferral(pages, desk.change, desk.pause, desk.contact)
        app = make_app(
            referral,
            desk.access,
            house,
            self.review,
            entry_desk(self.desk, self.painter, pages),
            reports=desk.reports,
            heard_seconds_ago=self.heard_seconds_ago,
            step_failures=self.jobs.failures,
            something_is_due=self._ring_sending,
            sign_on=sign_on(desk),
        )
        await serve_web(app, settings.web, listening)

    def _troubles(self) -> tuple[str, ...]:
        """What a person must mend before all flows again."""
        now = self.desk.clock.now().timestamp()
        of_mail = mail_notices(self.mail, self.desk.grants.troubles(), now, self.started_at)
        of_mail += [*end_notices(self.own_ends, self.desk.clock.now()), *self.desk.certificates.ended()]
        return (*of_mail, *(self.scanner.troubles() if self.scanner else ()))

    def _ring_sending(self) -> None:
        for step in ("intend", *self.mouths.values()):
            self.jobs.ring(step)

    async def _serve_callbacks(self) -> None:
        """Listen for the carriers that call back, if there is one."""
        desk, reader, poller = self.desk, calls_back(self.fax), self.fax_poller
        callbacks = desk.settings.fax.callbacks
        app = plain_app()
        if reader is not None and poller is not None and self.fax is not None:
            take = TakeCallback(desk.store, desk.clock, desk.rules, lambda: self.jobs.ring("poll"), poller.nudge)
            shelf = media_shelf(desk.settings, desk.clock.now)
            app = make_callbacks_app(self.fax.name, reader, shelf, callbacks.public_url, take.take)
        elif self.texts is None:
            return
        if self.texts is not None:
            app.include_router(text_callback_routes(CALLBACK_PATH, callbacks.public_url, self.texts.hear))
        await serve_web(app, PlainListener(*address_of(callbacks.listen)), _told_where, key="fax.callbacks.listen")

    def heard_seconds_ago(self) -> dict[str, float]:
        """For each watcher, how long ago its source last answered; since the start if it never did."""
        now = self.desk.clock.now().timestamp()
        return {name: now - max(watcher.last_heard_at, self.started_at) for name, watcher in self.watchers.items()}


class Ready(Protocol):
    """Told once everything listens."""

    def __call__(self, address: str, is_first_run: bool) -> None:
        """The web address, and whether nobody has an account yet."""
        ...


class Watcher(Protocol):
    """What brings arrivals or intakes in; `last_heard_at` is the Unix time its source last answered."""

    last_heard_at: float

    async def run(self) -> None:
        """Watch until cancelled."""
        ...


def _scanner(settings: Settings) -> Clamd | None:
    scanning = settings.scanning
    if not scanning.clamd:
        return None
    return Clamd(
        scanning.clamd,
        waits_when_down=scanning.when_down == "hold",
        timeout_s=scanning.timeout_s,
        most_mb=scanning.most_mb,
    )


def _in_thread(work: Callable[[], int]) -> Callable[[], Awaitable[int]]:
    async def run() -> int:
        return await asyncio.to_thread(work)

    return run


def _told_where(address: str) -> None:
    _log.info("listening for carriers", extra={"action": "start", "address": address})


def _fax_poller(desk: Desk, door: ReceiveDocument, fax: "FaxCarrier | None") -> FaxPoller | None:
    if fax is None:
        return None
    return FaxPoller(fax, door, max(desk.settings.fax.poll_seconds, fax.capabilities.least_poll_s))


def _watchers(
    desk: Desk, door: ReceiveDocument, fax: FaxPoller | None, opened: Callable[[], None]
) -> dict[str, Watcher]:
    """Every source of arrivals and intakes, by name."""
    settings = desk.settings
    watchers: dict[str, Watcher] = {
        "scan folder": ScanFolder(_made(settings.inbox.scan_dir), door),
        "drop folder": DropFolder(_made(settings.inbox.drop_dir), _Opener(desk, opened)),
    }
    if fax is not None:
        watchers["fax"] = fax
    return watchers


class _Places:
    """Watchers' places, kept in the store."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def place(self, source: str) -> str:
        """How far a source was read."""
        return await asyncio.to_thread(self._place, source)

    async def keep_place(self, source: str, value: str) -> None:
        """Remember it."""
        await asyncio.to_thread(self._keep, source, value)

    def _place(self, source: str) -> str:
        with self._desk.store.transaction() as tx:
            return tx.place(source)

    def _keep(self, source: str, value: str) -> None:
        with self._desk.store.transaction() as tx:
            tx.keep_place(source, value)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


class _Opener:
    """Opens what lies in the drop folder, in a thread."""

    def __init__(self, desk: Desk, opened: Callable[[], None]) -> None:
        self._desk = desk
        self._opened = opened

    async def open(self, intake_json: bytes, folder: Path, origin: str) -> str:
        """The number of the referral opened (or already open) for this JSON. Raises InvalidIntake."""
        intake = self._desk.intake
        referral, is_new = await asyncio.to_thread(
            intake.open_json, intake_json, folder, origin=origin, actor="drop folder"
        )
        if is_new:
            self._opened()
        return referral.number
