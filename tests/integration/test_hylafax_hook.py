"""The hook that HylaFAX runs for a received fax: its note, HylaFAX's own script after it, and no harm if it cannot."""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.inbound.fax_notes import nudged_by_notes
from gateway.inbound.fax_poller import FaxPoller
from outbound.carriers.hylafax_notes import HookNote, HookNotes
from outbound.sender import Accepted
from tests.contract.rigs import commit_nothing
from tests.contract.test_hylafax import a_packet
from tests.rigs.fax_line import THEIRS, fax_line
from tests.rigs.waiting import running, until

HOOK = Path(__file__).parents[2] / "scripts" / "hylafax-faxrcvd"


def run_hook(spool: Path, notes: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    (spool / "bin").mkdir(parents=True, exist_ok=True)
    own = spool / "bin" / "faxrcvd"
    own.write_text('#!/bin/sh\nfor arg in "$@"; do echo "$arg"; done > told\nexit 3\n')
    own.chmod(0o755)
    environment = {"PATH": os.defpath, "REFERLOOP_NOTES": str(notes)}
    command = [str(HOOK), *arguments]
    return subprocess.run(command, cwd=spool, env=environment, capture_output=True, text=True, check=False)


def test_a_note_says_whether_it_was_cut_off_and_hylafax_goes_on(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    arguments = ("recvq/fax000000007.tif", "ttyACM0", "000000012", "T.30 T2 timeout", "5085550199", "", "5085550100")
    done = run_hook(tmp_path / "spool", notes, *arguments)
    assert (done.returncode, done.stderr) == (3, ""), "HylaFAX's own script ends as it ends"
    assert (tmp_path / "spool" / "told").read_text().splitlines() == list(arguments)
    assert HookNotes(notes).of("fax000000007.tif") == HookNote("T.30 T2 timeout", "5085550199", "5085550100")
    assert [path.name for path in notes.iterdir()] == ["fax000000007.tif.note"], "nothing half written is left"


def test_whatever_the_far_machine_sends_stays_in_its_field(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    evil = "x\nerror=\ncaller=`touch evil`$(touch evil)\x1b[2J" + "y" * 500
    run_hook(tmp_path / "spool", notes, "recvq/fax1.tif", "d", "c", "", evil, "", "")
    note = HookNotes(notes).of("fax1.tif")
    assert note is not None
    assert note.error == ""
    assert note.caller.startswith("x error= caller=`touch evil`$(touch evil) [2J")
    assert len(note.caller) <= 200
    assert not (tmp_path / "spool" / "evil").exists()


def test_a_hook_that_cannot_write_holds_nothing_up(tmp_path: Path) -> None:
    done = run_hook(tmp_path / "spool", tmp_path / "nowhere", "recvq/fax1.tif", "d", "c", "", "", "", "")
    assert (done.returncode, done.stderr) == (3, "")
    assert (tmp_path / "spool" / "told").exists()
    assert HookNotes(tmp_path / "nowhere").of("fax1.tif") is None


async def test_a_note_makes_the_poller_ask_at_once(tmp_path: Path) -> None:
    asked: list[int] = []

    class Inbox:
        name = "hylafax"

        async def fetch_received(self):
            asked.append(1)
            return
            yield

    poller, note = FaxPoller(Inbox(), None, 3600), tmp_path / "fax1.tif.note"  # pyright: ignore
    async with running(poller.run), running(lambda: nudged_by_notes(tmp_path, poller)):
        await until(lambda: len(asked) == 1)
        await until(lambda: bool(note.write_text("error=\n")) and len(asked) >= 2, 60)  # the watch may begin late


@pytest.mark.slow
async def test_a_call_that_is_cut_comes_in_marked_as_partial() -> None:
    """HylaFAX's own list does not say so; its hook is told."""
    command = f"REFERLOOP_NOTES={{notes}} {HOOK}"
    notes = Path("/var/tmp") / f"referloop-notes-{os.getpid()}"
    notes.mkdir(mode=0o777)
    notes.chmod(0o777)
    try:
        async with fax_line(faxrcvd=command.format(notes=notes)) as line:
            carrier = line.carrier(notes=notes)
            outcome = await carrier.submit(a_packet(line.folder.parent, 6), THEIRS, "k1", commit_nothing)
            assert isinstance(outcome, Accepted)
            while ((await carrier.status(outcome.reference)).pages_confirmed or 0) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            line.hang_up()
            async with asyncio.timeout(240):
                while not line.is_idle():  # noqa: ASYNC110 - another process's queue
                    await asyncio.sleep(0.3)
                inbox = line.carrier(notes=notes)
                while len(faxes := [fax async for fax in inbox.fetch_received()]) < 2:  # noqa: ASYNC110
                    await asyncio.sleep(1)
            assert [fax.is_partial for fax in faxes] == [True, False]
            for fax in faxes:
                await carrier.forget(fax.source_id)
            assert list(notes.iterdir()) == []
    finally:
        shutil.rmtree(notes)
