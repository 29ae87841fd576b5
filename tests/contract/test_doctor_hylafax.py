"""`referloop doctor` at a real HylaFAX over a modelled line: ready, wedged, down, and a test fax out and back."""

import asyncio
import json
import os
import pwd
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import tomlkit

from config.load import load_settings
from config.template import write_clinic_folder
from gateway.desk import open_desk
from gateway.doctor.finding import Level
from gateway.doctor.hylafax import HylafaxCheck
from gateway.doctor.hylafax_spool import HylafaxSpoolCheck
from gateway.domain.arrival import PartState
from outbound.carriers.hylafax_server import HylafaxAccount
from tests.contract.rigs import commit_nothing
from tests.contract.test_hylafax import a_packet
from tests.rigs.examined import found_by, wrong_with
from tests.rigs.fax_line import OURS, THEIRS, FaxLine, fax_line
from tests.rigs.waiting import until
from tests.rigs.watched_daemon import watched

pytestmark = pytest.mark.slow


@pytest.fixture(name="line")
async def a_line() -> AsyncIterator[FaxLine]:
    async with fax_line() as line:
        yield line


def account(line: FaxLine) -> HylafaxAccount:
    return HylafaxAccount("127.0.0.1", line.port)


def a_clinic(line: FaxLine, folder: Path) -> Path:
    config = write_clinic_folder(folder / "clinic")[0]
    document = tomlkit.parse(config.read_text())
    document["clinic"].update({"name": "Maple Street", "fax_number": OURS})  # pyright: ignore
    document["fax"].update({"carrier": "hylafax", "poll_seconds": 1})  # pyright: ignore
    document["fax"]["hylafax"].update({"host": "127.0.0.1", "port": line.port})  # pyright: ignore
    document["web"].update({"port": 0})  # pyright: ignore
    document["loop"].update({"sweep_seconds": 2})  # pyright: ignore
    config.write_text(tomlkit.dumps(document))
    return config


async def doctor(config: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "gateway.cli", "doctor", "-c", str(config), *arguments]
    return await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=320, check=False)


async def test_what_hylafax_can_have_wrong_with_it_is_told_apart(line: FaxLine, tmp_path: Path) -> None:
    findings = await found_by(HylafaxCheck(account(line), OURS))
    assert {level for level, *_ in findings} == {Level.WELL}
    assert sum("Running and idle" in what for _, what, _ in findings) == 2
    other = await wrong_with(HylafaxCheck(account(line), "+12125550123"))
    assert 'no modem calls itself +12125550123, the clinic\'s number -> FAXNumber: "+12125550123"' in other
    admin = await wrong_with(HylafaxCheck(replace(account(line), admin_password="not-it"), OURS))
    assert "refuses the administrator's password" in admin

    outcome = await line.carrier().submit(a_packet(tmp_path, 1), THEIRS, "k1", commit_nothing)
    assert outcome
    await until(lambda: bool(line.received()) and line.is_idle(), 120)
    assert "1 received faxes lie there and may be read" in str(await found_by(HylafaxCheck(account(line), OURS)))
    for fax in (line.run / "spool" / "recvq").glob("fax*.tif"):
        fax.chmod(0o600)
    hidden = await wrong_with(HylafaxSpoolCheck(None, line.run / "spool"))
    assert "1 received faxes are hidden from us by their mode -> RecvFileMode: 0644" in hidden

    line.pull_the_modems()
    await asyncio.sleep(3)
    wrong = await wrong_with(HylafaxCheck(account(line), OURS, reset_s=3))
    assert "Waiting for modem to come ready" in wrong
    assert "is the modem plugged in and on?" in wrong
    line.stop_server()
    assert "systemctl status hylafax" in await wrong_with(HylafaxCheck(account(line), OURS))


async def test_a_host_that_hylafax_does_not_know_is_told_to_be_written_down(line: FaxLine) -> None:
    (line.run / "spool" / "etc" / "hosts.hfaxd").write_text("10.0.0.1:21::\n")
    assert "/etc/hylafax/hosts.hfaxd" in await wrong_with(HylafaxCheck(account(line), OURS))


def test_the_hook_and_the_mode_of_faxes_are_looked_for_where_hylafax_keeps_them(tmp_path: Path) -> None:
    spool, notes = tmp_path / "spool", tmp_path / "notes"

    def look(notes: Path | None) -> str:
        return asyncio.run(wrong_with(HylafaxSpoolCheck(notes, spool)))

    assert "is not on this machine" in look(notes)
    program, config = spool / "bin" / "referloop-faxrcvd", spool / "etc" / "config.ttyACM0"
    for folder in (notes, program.parent, config.parent, spool / "recvq"):
        folder.mkdir(parents=True)
    notes.chmod(0o700)
    config.write_text("FaxRcvdCmd: bin/faxrcvd\nRecvFileMode: 0600\n")
    assert "no receive hook" in look(None)
    wrong = look(notes)
    assert "user uucp may not write" in wrong
    assert "referloop-faxrcvd is not there" in wrong
    assert "config.ttyACM0 does not run the hook" in wrong
    assert "config.ttyACM0 hides what it receives from us -> RecvFileMode: 0644" in wrong
    os.chown(notes, pwd.getpwnam("uucp").pw_uid, -1)
    program.write_text("#!/bin/sh\n")
    config.write_text('FaxRcvdCmd:\t"bin/referloop-faxrcvd"\nRecvFileMode: 0644\n')
    assert f"chmod 755 {program}" in look(notes)
    program.chmod(0o755)
    assert look(notes) == ""
    (config.parent / "config.freeswitch0").touch()
    assert look(notes) == "", "GOfax.IP's channels have empty files"
    gofax = tmp_path / "gofax.conf"
    gofax.write_text("[gofaxd]\nfaxrcvdcmd = bin/faxrcvd\n")
    wrong = asyncio.run(wrong_with(HylafaxSpoolCheck(notes, spool, gofax)))
    assert "config.freeswitch0: GOfax.IP does not run the hook" in wrong


async def test_a_test_fax_goes_out_comes_back_and_leaves_no_trace(line: FaxLine, tmp_path: Path) -> None:
    """Without the daemon the check fetches it itself, and leaves every other fax where it lies."""
    config = a_clinic(line, tmp_path)
    await line.carrier().submit(a_packet(tmp_path, 1), THEIRS, "k1", commit_nothing)
    done = await doctor(config, "--only", "hylafax", "--only", "test fax", "--fax-to", THEIRS, "--fax-minutes", "3")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"the test fax was delivered to {THEIRS}" in done.stdout
    assert "it came back and can be read" in done.stdout
    left = [fax async for fax in line.carrier(folder_of=config).fetch_received()]
    assert len(left) == 1, "the office's fax still waits for the daemon"


async def test_while_the_daemon_runs_it_takes_the_test_fax_in_and_nobody_is_asked_about_it(
    line: FaxLine, tmp_path: Path
) -> None:
    config = a_clinic(line, tmp_path)
    with watched(config):
        done = await doctor(config, "--json", "--only", "test fax", "--fax-to", THEIRS, "--fax-minutes", "3")
        assert done.returncode == 0, done.stdout + done.stderr
        (told,) = json.loads(done.stdout)["checks"]
        assert "taken off the queue again" in told["findings"][-1]["what"]
        with open_desk(load_settings(config)) as desk, desk.store.transaction() as tx:
            assert tx.queue() == []
            assert [part.state for one in tx.arrivals() for part in tx.parts_of(one.id)] == [PartState.DISCARDED]


async def test_a_number_that_does_not_answer_is_told_with_the_carriers_words(tmp_path: Path) -> None:
    async with fax_line("--rule", "01=busy") as line:
        config = a_clinic(line, tmp_path)
        document = tomlkit.parse(config.read_text())
        document["fax"]["hylafax"]["max_dials"] = 1  # pyright: ignore
        config.write_text(tomlkit.dumps(document))
        done = await doctor(config, "--only", "test fax", "--fax-to", "+15085550901", "--fax-minutes", "5")
        assert done.returncode == 1
        assert "the test fax was not delivered: busy after 1 calls" in done.stdout
        assert "Busy signal detected" in done.stdout
