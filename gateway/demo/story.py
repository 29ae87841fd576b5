"""The demo told from start to end: post office, clinic, daemon and offices, each a process of its own.

The daemon is the real one, `referloop serve`, on the embedded default. What is simulated is only whom it
talks to.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from config.load import load_settings
from gateway.demo import notes
from gateway.demo.cast import CASES, CLINIC_ADDRESS, CLINIC_FAX, JUNK_FROM
from gateway.demo.clinic import PASSWORD, MailPorts, add_person, drop_referrals, fill_directory, write_clinic
from gateway.demo.ledger import Sent, append, read_ledger
from gateway.demo.office import Place, write_place
from gateway.demo.office_mail import MailAccount
from gateway.demo.offices import OFFICES, Act, Office
from gateway.demo.processes import ChildDied, running, wait_for_file
from gateway.demo.tally import Tally, take_tally
from gateway.desk import Desk, open_desk
from gateway.domain.arrival import ArrivalState
from gateway.domain.referral import Status
from gateway.domain.transmission import TransmissionState
from outbound.carriers.loopback import send_fax

_LONGEST_S = 175.0
_SETTLED_S = 3.0


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story plays."""

    folder: Path
    config: Path
    ledger: Path
    exchange: Path


@asynccontextmanager
async def staged(folder: Path) -> AsyncGenerator[Stage, None]:
    """Post office and offices running, the clinic's folder and directory written; the daemon is not started."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - nothing else runs yet
    async with AsyncExitStack() as stack:
        mail = await _post_office(stack, folder)
        stage = Stage(folder, write_clinic(folder / "clinic", mail), folder / "ledger.jsonl", folder / "exchange")
        with open_desk(load_settings(stage.config)) as desk:
            fill_directory(desk)
            add_person(desk)
        _script_lines(stage.exchange)
        for seed, office in enumerate(OFFICES):
            place = folder / f"office-{office.slug}.json"
            write_place(place, _place(stage, office, mail, seed))
            await stack.enter_async_context(running(f"office-{office.slug}", folder, "gateway.demo.office", str(place)))
        yield stage


async def _post_office(stack: AsyncExitStack, folder: Path) -> MailPorts:
    ready = folder / "post-office.json"
    accounts = [CLINIC_ADDRESS, *[office.email for office in OFFICES if office.email]]
    arguments = ["--folder", str(folder / "post"), "--ready", str(ready), "--password", PASSWORD]
    for address in accounts:
        arguments += ["--address", address]
    process = await stack.enter_async_context(running("post-office", folder, "gateway.demo.post_office", *arguments))
    await wait_for_file(ready, process, "post-office")
    told = json.loads(ready.read_text(encoding="utf-8"))
    return MailPorts(told["smtp"], told["imap"], Path(told["ca_file"]))


def _place(stage: Stage, office: Office, mail: MailPorts, seed: int) -> Place:
    account = MailAccount(office.email, PASSWORD, mail.smtp, mail.imap, mail.ca_file) if office.email else None
    head = notes.Letterhead(office.name, office.doctor, office.specialty, office.phone, office.fax)
    return Place(office, stage.exchange, stage.ledger, account, seed, head)


def _script_lines(exchange: Path) -> None:
    """What the exchange does to calls to each office's number."""
    exchange.mkdir(parents=True, exist_ok=True)
    lines = [f'["{office.fax}"]\n{office.line}\n' for office in OFFICES if office.line]
    (exchange / "script.toml").write_text("\n".join(lines), encoding="utf-8")


async def tell(stage: Stage, show: Callable[[Desk, float], None], *, until_done: bool) -> Tally:
    """Drop the referrals, then show the rows move until the story is over or the caller cancels.

    Raises:
        ChildDied: if the daemon ended by itself.
    """
    start = time.monotonic()
    settings = load_settings(stage.config)
    async with running("daemon", stage.folder, "gateway.cli", "serve", "--config", str(stage.config)) as daemon:
        with open_desk(settings) as desk:
            open_story(stage, settings.inbox.drop_dir)
            settled_at: float | None = None
            while not until_done or time.monotonic() - start < _LONGEST_S:
                if daemon.returncode is not None:
                    raise ChildDied(f"the daemon ended: see {stage.folder / 'daemon.log'}")
                show(desk, time.monotonic() - start)
                if not until_done or not await asyncio.to_thread(is_over, stage, desk):
                    settled_at = None
                else:
                    settled_at = settled_at or time.monotonic()
                    if time.monotonic() - settled_at > _SETTLED_S:
                        break
                await asyncio.sleep(0.5)
            return await asyncio.to_thread(take_tally, desk.store, read_ledger(stage.ledger))


def open_story(stage: Stage, drop_dir: Path) -> None:
    """The morning's referrals, and an advertisement on the fax line."""
    from gateway.demo.office_hand import fax_back, pages_of
    from gateway.demo.offices import Deed

    drop_dir.mkdir(parents=True, exist_ok=True)
    drop_referrals(drop_dir)
    advert = fax_back(pages_of(notes.advertisement()), Deed(Act.NOTE, 0, resolution="standard"), 3)
    append(stage.ledger, Sent("copymax", "advertisement", hashlib.sha256(advert).hexdigest(), ()))
    send_fax(stage.exchange, JUNK_FROM, CLINIC_FAX, advert, station_id="COPYMAX")


def expected_answers() -> int:
    """How many lines the offices will have written in the ledger, the advertisement included."""
    lines = 1
    for case in CASES:
        office = next(office for office in OFFICES if office.slug == case.office)
        lines += sum(1 for deed in office.deeds if deed.act is not Act.JOINT_NOTES)
    return lines + sum(1 for office in OFFICES for deed in office.deeds if deed.act is Act.JOINT_NOTES)


def is_over(stage: Stage, desk: Desk) -> bool:
    """Every office has said its piece, all of it is read and decided, and the silent one is escalated."""
    if len(read_ledger(stage.ledger)) < expected_answers():
        return False
    with desk.store.transaction() as tx:
        arrivals = tx.arrivals()
        in_hand = any(a.state is ArrivalState.RECEIVED for a in arrivals) or bool(tx.unmatched_parts(1))
        on_the_way = tx.transmissions_in([TransmissionState.INTENDED, TransmissionState.SENDING])
        silent = [r for r in tx.referrals() if r.status in (Status.SENT, Status.DELIVERED, Status.READY)]
        return (
            len(arrivals) >= expected_answers()
            and not in_hand
            and not on_the_way
            and all(r.escalated_at for r in silent)
        )
