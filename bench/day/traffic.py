"""A clinic's day of traffic in minutes: a real daemon, a real mail server, a fax line, and what goes wrong.

The daemon's clock cannot be hurried, so the day is: its referrals, answers, letters, advertisements, bounces, busy and
cut lines and lost connections come in minutes. Nothing may be lost, come twice or be left lying, and the daemon may not
grow.
"""

import asyncio
import contextlib
import json
import random
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.clinic import intake_of
from bench.day.clinic import (
    ADDRESS,
    BUSY_FAX,
    CLINIC_FAX,
    GONE,
    OFFICE_FAX,
    PASSWORD,
    TOWN,
    fill_directory,
    make_clinic,
)
from bench.day.town import Machine, RealMachine, SimulatedMachine, Town
from bench.day.weighed import Scales, Weight
from bench.figures import Figure
from bench.people import patients
from config.load import load_settings
from config.settings import Settings
from gateway.demo import notes
from gateway.demo.clinic import MailPorts
from gateway.demo.office_hand import fax_back, pages_of
from gateway.demo.office_mail import MailAccount, Mailbox
from gateway.demo.offices import Act, Deed
from gateway.demo.processes import running, wait_for_file
from gateway.desk import Desk, open_desk
from gateway.domain.arrival import ArrivalState
from gateway.domain.referral import Patient
from gateway.domain.transmission import TransmissionState as T
from tests.rigs.fax_line import THEIRS, two_faxes
from tests.rigs.fax_office import FaxOffice

_SEED = 803_000
_SHAPE = (1, 0, 0, 0, 1, 1, 2, 4, 8, 10, 10, 8, 5, 8, 10, 10, 8, 5, 3, 2, 1, 1, 1, 1)  # referrals by the hour, of 100
_EARLY, _LATE = (9 / 24, 12 / 24), (15 / 24, 18 / 24)  # two stretches of the same work, the first after warming up
_DRAIN_S = 300.0
_UNENDED = [T.INTENDED, T.SENDING]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much and how fast. `line` is loopback or hylafax."""

    line: str = "loopback"
    minutes: float = 6.0
    referrals: int = 60


@dataclass(frozen=True, slots=True)
class Day:
    """The stage of one day."""

    config: Path
    settings: Settings
    machine: Machine
    exchange: Path | None
    mail: MailPorts
    offices: tuple[str, ...]


def measure(plan: Plan, folder: Path) -> list[Figure]:
    """Let the day pass."""
    return asyncio.run(_measure(plan, folder))


async def _measure(plan: Plan, folder: Path) -> list[Figure]:
    async with (
        _staged(plan, folder) as day,
        running("daemon", folder, "gateway.cli", "serve", "-c", str(day.config)) as daemon,
    ):
        with open_desk(day.settings) as desk:
            await _serving(day)
            scales = Scales(daemon.pid, time.monotonic(), 60 * plan.minutes)
            weighing = threading.Thread(target=scales.run)
            weighing.start()
            town = _town(day, desk)
            answering = asyncio.ensure_future(town.run())
            try:
                await _pass_the_day(plan, day, desk)
                drained_s = await _drained(desk, town, plan.referrals)
            finally:
                scales.stop()
                answering.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await answering
                weighing.join()
            assert daemon.returncode is None, "the daemon ended by itself: see daemon.log"
            return _figures(plan, desk, town, scales, drained_s)


@asynccontextmanager
async def _staged(plan: Plan, folder: Path) -> AsyncGenerator[Day]:
    async with AsyncExitStack() as stack:
        ready = folder / "post-office.json"
        arguments = ["--folder", str(folder / "post"), "--ready", str(ready), "--password", PASSWORD]
        for address in (ADDRESS, TOWN, GONE):
            arguments += ["--address", address]
        process = await stack.enter_async_context(
            running("post-office", folder, "gateway.demo.post_office", *arguments)
        )
        await wait_for_file(ready, process, "post-office")
        told = json.loads(ready.read_text(encoding="utf-8"))
        mail = MailPorts(told["smtp"], told["imap"], Path(told["ca_file"]))
        if plan.line == "hylafax":
            rules = ("--rule", "01=busy", "--rule", "02=noanswer", "--rule", "04=drop:14")
            two = await stack.enter_async_context(two_faxes(*rules))
            account = {"host": "127.0.0.1", "port": two.clinic.port, "max_dials": 2, "max_tries": 2}
            fax: dict[str, Any] = {"carrier": "hylafax", "poll_seconds": 1, "hylafax": account}
            numbers = {"Bayview": THEIRS, "Busy": f"{THEIRS[:-2]}01", "Cut": f"{THEIRS[:-2]}04"}
            machine: Machine = RealMachine(FaxOffice(two.office))
            exchange = None
        else:
            exchange = folder / "exchange"
            fax = {"carrier": "loopback", "poll_seconds": 1, "loopback_exchange": str(exchange)}
            numbers = {"Bayview": OFFICE_FAX, "Busy": BUSY_FAX}
            machine = SimulatedMachine(exchange, OFFICE_FAX, CLINIC_FAX)
        config = make_clinic(folder / "clinic", mail, fax)
        fill_directory(config, numbers)
        yield Day(config, load_settings(config), machine, exchange, mail, (*numbers, "Harbor", "Away"))


async def _serving(day: Day) -> None:
    told = day.settings.storage.data_dir / "web-address"
    async with asyncio.timeout(180):
        while not told.exists():  # noqa: ASYNC110 - another process's file
            await asyncio.sleep(0.1)


def _town(day: Day, desk: Desk) -> Town:
    def patient_of(number: str) -> Patient:
        with desk.store.transaction() as tx:
            return next(one.intake.patient for one in tx.referrals(limit=100_000) if one.number == number)

    def box(address: str) -> Mailbox:
        return Mailbox(MailAccount(address, PASSWORD, day.mail.smtp, day.mail.imap, day.mail.ca_file))

    keys = (day.settings.code_key.get_secret_value().encode(),)
    return Town(day.machine, box(TOWN), box(GONE), keys, patient_of, random.Random(_SEED))


async def _pass_the_day(plan: Plan, day: Day, desk: Desk) -> None:
    """Hour by hour: what comes from the EHR, what nobody asked for, and what goes wrong with lines."""
    rng, people = random.Random(_SEED), patients(_SEED)
    began_at, hour_s, owed, ordinal = time.monotonic(), 60 * plan.minutes / 24, 0.0, 0
    drop = day.settings.inbox.drop_dir
    for hour, share in enumerate(_SHAPE):
        owed += plan.referrals * share / sum(_SHAPE) + (1e-6 if hour == len(_SHAPE) - 1 else 0)
        weights = [6, *([1] * (len(day.offices) - 3)), 3, 1]
        for _ in range(int(owed)):
            office, ordinal = rng.choices(day.offices, weights)[0], ordinal + 1
            told = json.loads(intake_of(next(people), f"T-{ordinal}")) | {"recipient": office}
            half = drop / f".T-{ordinal}.part"
            half.write_text(json.dumps(told), encoding="utf-8")
            half.rename(drop / f"T-{ordinal}.json")
        owed -= int(owed)
        await asyncio.to_thread(_trouble, day, hour, rng)
        await asyncio.sleep(max(0.0, began_at + (hour + 1) * hour_s - time.monotonic()))


def _trouble(day: Day, hour: int, rng: random.Random) -> None:
    """An advertisement now and then; lines that are busy or cut; every few hours the mail server loses its clients."""
    if day.exchange is not None:
        fates = ("busy = 2", "no_answer = 2", "cut_after_page = 1", "repeat_events = true")
        day.exchange.mkdir(parents=True, exist_ok=True)
        script = f'["{BUSY_FAX}"]\nbusy = 9\n["{OFFICE_FAX}"]\n{fates[hour % len(fates)]}\n'
        (day.exchange / "script.toml").write_text(script, encoding="utf-8")
    if hour % 3 == 0:
        scan = day.settings.inbox.scan_dir
        advert = fax_back(
            pages_of(notes.advertisement()), Deed(Act.NOTE, 0, resolution="standard"), rng.randrange(9999)
        )
        half = scan / f".advert-{hour}.part"
        half.write_bytes(advert)
        half.rename(scan / f"advert-{hour}.tif")
    if hour % 5 == 4:
        for process in psutil.process_iter(["name", "cmdline"]):
            if process.info["name"] == "imap" and _is_of(process, day):
                with contextlib.suppress(psutil.Error):
                    process.kill()


def _is_of(process: psutil.Process, day: Day) -> bool:
    """Whether it is a session of our own mail server."""
    with contextlib.suppress(psutil.Error):
        return any(str(day.mail.ca_file.parent) in " ".join(parent.cmdline()) for parent in process.parents())
    return False


async def _drained(desk: Desk, town: Town, dropped: int) -> float:
    """Until all that was sent is in and decided, and nothing is on its way; seconds it took."""
    began_at = time.monotonic()
    while time.monotonic() - began_at < _DRAIN_S:
        if not _in_hand(desk) and not town.faxes_tried and not _missing(desk, town, dropped):
            before = town.faxes_out, len(town.keys_sent)
            await asyncio.sleep(5)
            if before == (town.faxes_out, len(town.keys_sent)) and not town.faxes_tried and not _in_hand(desk):
                break
        await asyncio.sleep(1)
    return time.monotonic() - began_at


def _in_hand(desk: Desk) -> int:
    with desk.store.transaction() as tx:
        unread = tx.arrivals([ArrivalState.RECEIVED])
        on_line = [row for row in tx.transmissions_in([T.ACCEPTED]) if row.channel.value == "fax"]
        return len(unread) + len(tx.unmatched_parts(100)) + len(tx.transmissions_in(_UNENDED)) + len(on_line)


def _missing(desk: Desk, town: Town, dropped: int) -> int:
    """How much of what the EHR and the town sent has not come in."""
    with desk.store.transaction() as tx:
        arrivals = tx.arrivals(list(ArrivalState), limit=100_000)
        mails = {
            reading.mail.message_id.strip("<>")
            for one in arrivals
            if (reading := tx.reading_of(one.id)) and reading.mail
        }
        never_opened = max(0, dropped - len(tx.referrals(limit=100_000)))
    known = {one.sha256 for one in arrivals} | {f"<{name}>" for name in mails}
    faxes = sum(one.envelope.source_id.startswith("fax:") for one in arrivals)
    return never_opened + sum(key not in known for key in town.keys_sent) + max(0, town.faxes_out - faxes)


def _figures(plan: Plan, desk: Desk, town: Town, scales: Scales, drained_s: float) -> list[Figure]:
    def grown(what: str) -> tuple[float, float]:
        def of(look: Weight) -> float:
            return float(getattr(look, what))

        return scales.between(*_EARLY, of), scales.between(*_LATE, of)

    early, late = grown("resident_mb")
    with desk.store.transaction() as tx:
        counts = tx.counts()
        sent = tx.transmissions_in(list(T), limit=100_000)
        arrived = len(tx.arrivals(list(ArrivalState), limit=100_000))
    group = f"traffic, {plan.line}"
    given_up = town.machine.sent - town.faxes_out
    ends = ", ".join(f"{sum(row.state is state for row in sent)} {state.value}" for state in T)
    filed = f"{counts.get('parts.filed', 0)} filed, {counts.get('parts.review', 0)} to a person"
    filed += f"; {given_up} more the offices' line gave up" if given_up else ""
    figures = [
        Figure(group, "packets sent", "", [float(len(sent))], None, ends),
        Figure(group, "faxes, mails and scans that came in", "", [float(arrived)], None, filed),
        Figure(group, "resident memory", "MB", [look.resident_mb for look in scales.looks]),
        Figure(group, "growth of memory, 9-12 to 15-18 o'clock", "%", [100 * (late - early) / max(early, 1)], 5.0),
        Figure(group, "lost", "", [float(_missing(desk, town, plan.referrals))], 0.0),
        Figure(group, "whole packets that came twice", "", [float(sum(n > 1 for n in town.covers.values()))], 0.0),
        Figure(group, "left on the way or unread", "", [float(_in_hand(desk))], 0.0),
        Figure(group, "seconds until all was decided after the day", "s", [drained_s], _DRAIN_S),
    ]
    for what, name, most in (
        ("files", "open files", 4.0),
        ("threads", "threads", 4.0),
        ("children", "child processes", 1.0),
    ):
        before, after = grown(what)
        peak = max(float(getattr(look, what)) for look in scales.looks)
        figures.append(Figure(group, f"growth of {name}", "", [after - before], most, f"at most {peak:g}"))
    return figures
