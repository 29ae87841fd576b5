"""Strangers send what is made to hurt: each becomes a sentence in the queue, and the daemon does not notice."""

import asyncio
import json
import random
import re
import shutil
from collections.abc import Generator
from dataclasses import replace
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from config.load import load_settings
from config.vocabulary import DocumentKind
from gateway.demo.cast import CLINIC_ADDRESS
from gateway.demo.clinic import MailPorts, drop_referrals, fill_directory, write_clinic
from gateway.demo.office_hand import fill_in, pages_of, scan_to_pdf
from gateway.demo.offices import OFFICES, Act, Deed
from gateway.desk import Desk, open_desk
from gateway.domain.arrival import ArrivalState
from outbound.carriers.loopback_exchange import Exchange
from tests.rigs.dovecot import PROGRAM, Dovecot, running_dovecot
from tests.rigs.hostile_files import encoded_subject, endless_tiff, flate_bomb, nested_parts
from tests.rigs.waiting import until
from tests.rigs.watched_daemon import watched
from tests.scenarios.conftest import referloop

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path(PROGRAM).exists(), reason="Dovecot is not installed")]

FAX = next(office.fax for office in OFFICES if office.slug == "bayview-cardiology")
BOMB = "one of its limits ended the reader"
SAYS = {
    "subject": "the mail's headers are larger than 256 kB: open it with care",
    "parts": "the mail holds more than 200 containers: open it with care",
    "bomb by mail": BOMB,
    "nothing by mail": "names no referral of ours; nothing.pdf: the file is empty: ask the sender to send it again",
    "bomb.pdf": BOMB,
    "huge.tif": "page 1 has 60000 x 60000 pixels, more than we open: look at the original",
    "nothing.pdf": "the file is empty: ask the sender to send it again",
    "truncated.pdf": "the PDF cannot be opened: ask the sender to send it again",
}
"""What staff read in the queue; a bomb may end the reader by its memory or by its time."""


def a_mail_with(name: str, kind: str, data: bytes) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "desk@far.example", CLINIC_ADDRESS, "Scan"
    mail["Message-ID"] = f"<{name}@far.example>"
    mail.set_content("Please see the attached.")
    mail.add_attachment(data, maintype=kind.partition("/")[0], subtype=kind.partition("/")[2], filename=name)
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def hostile_mails() -> dict[str, bytes]:
    return {
        "subject": encoded_subject(),
        "parts": nested_parts(),
        "bomb by mail": a_mail_with("bomb.pdf", "application/pdf", flate_bomb(4_000)),
        "nothing by mail": a_mail_with("nothing.pdf", "application/pdf", b""),
    }


def hostile_scans() -> dict[str, bytes]:
    whole = flate_bomb(1)
    return {
        "bomb.pdf": flate_bomb(4_100),
        "huge.tif": endless_tiff(60_000),
        "nothing.pdf": b"",
        "truncated.pdf": whole[: len(whole) // 2],
    }


@pytest.fixture(scope="module")
def dovecot(tmp_path_factory: pytest.TempPathFactory) -> Generator[Dovecot]:
    with running_dovecot(tmp_path_factory.mktemp("dovecot")) as server:
        yield replace(server, user=CLINIC_ADDRESS)


def drop_one_referral(ehr: Path, drop_dir: Path) -> None:
    """One that goes out by fax, so that there is a cover page to confirm on."""
    ehr.mkdir()
    drop_referrals(ehr)
    for file in sorted(ehr.glob("MS-1001*")):
        shutil.move(file, drop_dir)


def confirmation_of(packet: bytes) -> bytes:
    """The packet's cover page as an office ticks it and scans it."""
    deed = Deed(Act.TICK_BY_MAIL, 0, boxes=("received", "accepted_waiting"))
    return scan_to_pdf([fill_in(pages_of(packet)[0], deed, None, 1)], deed, 1)


def settled(desk: Desk, count: int) -> bool:
    with desk.store.transaction() as tx:
        arrivals = tx.arrivals()
        waits = any(a.state is ArrivalState.RECEIVED for a in arrivals) or tx.unmatched_parts(1)
    return len(arrivals) >= count and not waits


def filed_kinds(desk: Desk) -> list[DocumentKind]:
    with desk.store.transaction() as tx:
        return [part.kind for referral in tx.referrals() for part in tx.filed_on(referral.id)]


def reasons(config: Path) -> dict[str, str]:
    """Why each held document is held, by the hash of its bytes, as the command tells staff."""
    listed: list[dict[str, Any]] = json.loads(referloop("queue", "list", "--json", "-c", str(config)).stdout)
    found: dict[str, str] = {}
    for row in listed:
        shown = json.loads(referloop("queue", "show", str(row["item"]), "--json", "-c", str(config)).stdout)
        is_bomb = re.fullmatch(
            r"(the reader gave up|it passed|it used|it took).*: look at the original", row["why_held"]
        )
        found[Path(shown["original"]).name] = BOMB if is_bomb else row["why_held"]
    return found


async def test_what_is_made_to_hurt_is_a_sentence_in_the_queue_and_the_daemon_goes_on(
    dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFERLOOP_MAIL__IMAP__PASSWORD", dovecot.password)
    config = write_clinic(tmp_path / "clinic", MailPorts(dovecot.port, dovecot.tls_port, dovecot.ca_file))
    settings = load_settings(config)
    mails, scans = hostile_mails(), hostile_scans()
    with open_desk(settings) as desk, watched(config) as daemon:
        fill_directory(desk)
        drop_one_referral(tmp_path / "ehr", settings.inbox.drop_dir)
        exchange = Exchange(tmp_path / "exchange")
        await until(lambda: bool(exchange.waiting(FAX)), 60)
        good = a_mail_with("form.pdf", "application/pdf", confirmation_of(exchange.waiting(FAX)[0][0].read_bytes()))
        for name, data in scans.items():
            (settings.inbox.scan_dir / name).write_bytes(data)
        for mail in [*random.Random(1).sample(list(mails.values()), len(mails)), good]:
            await asyncio.to_thread(dovecot.deliver, mail)
        await until(lambda: settled(desk, len(mails) + len(scans) + 1), 400)
        assert daemon.process.poll() is None
        assert filed_kinds(desk) == [DocumentKind.CONFIRMATION]
        assert reasons(config) == {sha256(data).hexdigest(): SAYS[name] for name, data in (mails | scans).items()}
        for data in [*mails.values(), *scans.values(), good]:
            assert desk.vault.path(sha256(data).hexdigest()).read_bytes() == data
        assert list(desk.vault.damaged()) == list(desk.store.verify_chain()) == []
    slowest_s = max(daemon.answers_s)
    print(f"{len(daemon.answers_s)} answers, the slowest in {slowest_s:.2f} s; at most {daemon.heaviest_mb} MB")
    assert daemon.complaints == []
    assert slowest_s < 2
    assert daemon.heaviest_mb < 300
