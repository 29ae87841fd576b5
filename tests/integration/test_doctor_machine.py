"""`referloop doctor` at the machine itself: folders, database, secrets, clock, reading, pages; and as a command."""

import asyncio
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import tomlkit
import trustme

from config.load import load_settings
from config.settings import WebSettings
from config.template import write_clinic_folder
from gateway.doctor.clock import ClockCheck
from gateway.doctor.database import DatabaseCheck
from gateway.doctor.examine import examine
from gateway.doctor.finding import Finding, Level, Tell, well
from gateway.doctor.folders import FoldersCheck
from gateway.doctor.pages import PagesCheck
from gateway.doctor.reading import ReadingCheck
from gateway.doctor.secrets_given import SecretsCheck
from gateway.lock import only_daemon
from tests.rigs.examined import found_by, wrong_with
from tests.rigs.time_server import time_server


@pytest.fixture(name="config")
def a_config(tmp_path: Path) -> Path:
    return write_clinic_folder(tmp_path / "clinic")[0]


def change(config: Path, section: str, **values: object) -> None:
    document = tomlkit.parse(config.read_text())
    table: Any = document
    for name in section.split("."):
        table = table[name]
    table.update(values)
    config.write_text(tomlkit.dumps(document))


def referloop_doctor(config: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "gateway.cli", "doctor", "-c", str(config), *arguments]
    environment = {"PATH": os.defpath}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)


async def test_folders_are_written_to_and_the_rest_is_told(tmp_path: Path) -> None:
    good, file, open_ = tmp_path / "good", tmp_path / "file", tmp_path / "open"
    good.mkdir(mode=0o700)
    file.touch()
    open_.mkdir()
    open_.chmod(0o755)
    check = FoldersCheck({"a": good, "b": tmp_path / "not" / "yet", "c": file, "storage.data_dir": open_})
    levels = [(what.split()[0], level) for level, what, _ in await found_by(check)]
    assert levels == [
        ("a", Level.WELL),
        ("b", Level.WELL),
        ("c", Level.FAULT),
        ("storage.data_dir", Level.DOUBT),
        ("storage.data_dir", Level.WELL),
    ]
    assert list(good.iterdir()) == []


async def test_a_disk_that_is_full_or_read_only_is_a_fault() -> None:
    wrong = await wrong_with(FoldersCheck({"storage.data_dir": Path("/proc/self")}))
    assert "cannot be written" in wrong


async def test_a_database_that_opens_takes_a_commit_and_a_broken_one_says_so(config: Path) -> None:
    settings = load_settings(config)
    assert [level for level, *_ in await found_by(DatabaseCheck(settings))] == [Level.WELL]
    (settings.storage.data_dir / "referloop.sqlite").write_bytes(b"no database at all" * 1000)
    assert "the database cannot be opened" in await wrong_with(DatabaseCheck(settings))


async def test_a_missing_secret_is_named_with_the_place_it_belongs(config: Path) -> None:
    change(config, "clinic", fax_number="+15085550100", reply_address="r@clinic.example")
    change(config, "mail", enabled=True, from_address="r@clinic.example")
    change(config, "mail.imap", username="r@clinic.example")
    change(config, "fax", carrier="telnyx")
    change(config, "fax.telnyx", connection_id="c1")
    wrong = await wrong_with(SecretsCheck(load_settings(config), config))
    assert "imap_password is empty: mail.imap.username is set" in wrong
    assert "telnyx_key is empty" in wrong
    assert "smtp_password" not in wrong
    for name in ("imap_password", "telnyx_key"):
        place = config.parent / "secrets" / name
        place.touch(mode=0o600)
        place.write_text(f"the {name}\n")
    settings = load_settings(config)
    assert settings.mail.imap.password.get_secret_value() == "the imap_password"
    assert await wrong_with(SecretsCheck(settings, config)) == ""
    unit = config.parent / "referloop.service"
    unit.write_text("[Service]\nLoadCredential=code_key:referloop.code_key\n")
    assert "does not load imap_password, telnyx_key" in await wrong_with(SecretsCheck(settings, config, unit))


async def test_a_password_in_settings_that_everybody_reads_is_told_without_being_shown(config: Path) -> None:
    change(config, "mail.imap", password="hunter2-hunter2")
    wrong = await wrong_with(SecretsCheck(load_settings(config), config))
    assert "everybody may read imap_password" in wrong
    assert "hunter2" not in wrong


def test_root_sees_what_systemd_will_hand_over(config: Path, tmp_path: Path) -> None:
    store = tmp_path / "credstore"
    store.mkdir(mode=0o700)
    (store / "referloop.smtp_password").touch(mode=0o600)
    (store / "referloop.smtp_password").write_text("from the store\n")
    assert load_settings(config, credstore=store).mail.smtp.password.get_secret_value() == "from the store"
    assert load_settings(config).mail.smtp.password.get_secret_value() == ""


@pytest.mark.parametrize(
    ("ahead_s", "level"), [(0.0, Level.WELL), (9.0, Level.DOUBT), (-9.0, Level.DOUBT), (3600.0, Level.FAULT)]
)
async def test_the_clock_is_compared_with_a_time_server(ahead_s: float, level: Level) -> None:
    async with time_server(ahead_s) as port:
        ((found, what, _),) = await found_by(ClockCheck("127.0.0.1", port))
    assert found is level
    assert ahead_s == 0 or f"{abs(ahead_s):.1f} s {'behind' if ahead_s > 0 else 'ahead of'}" in what


async def test_a_time_that_nobody_asked_for_is_not_believed() -> None:
    async with time_server(3600.0, forges=True) as port:
        ((level, what, _),) = await found_by(ClockCheck("127.0.0.1", port))
    assert level is not Level.FAULT
    assert "does not answer" in what


async def test_a_page_is_read_in_a_limited_process(config: Path) -> None:
    ((level, what, _),) = await found_by(ReadingCheck(load_settings(config)))
    assert (level, what[:15]) == (Level.WELL, "a page was read")


def web(folder: Path, *names: str, until: datetime | None = None, port: int = 0) -> WebSettings:
    authority = trustme.CA()
    own = authority.issue_cert(*names, not_after=until)
    own.private_key_pem.write_to_path(str(folder / "key.pem"))
    own.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    listed = ["referloop.clinic.example"]
    return WebSettings(tls_certificate=folder / "cert.pem", tls_key=folder / "key.pem", names=listed, port=port)


async def test_the_web_certificate_is_looked_at_with_its_key_its_names_and_its_end(tmp_path: Path) -> None:
    name = "referloop.clinic.example"
    assert await wrong_with(PagesCheck(web(tmp_path, name), tmp_path)) == ""
    assert await wrong_with(PagesCheck(web(tmp_path, "*.clinic.example"), tmp_path)) == ""
    assert f"does not name {name}" in await wrong_with(PagesCheck(web(tmp_path, "old.example"), tmp_path))
    over = web(tmp_path, name, until=datetime.now(UTC) - timedelta(days=1))
    assert "the web page's certificate expired on" in await wrong_with(PagesCheck(over, tmp_path))
    mixed = web(tmp_path, name)
    trustme.CA().issue_cert(name).private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    assert "the key of another certificate" in await wrong_with(PagesCheck(mixed, tmp_path))
    (tmp_path / "key.pem").write_text("no key")
    assert "cannot be read (no PEM)" in await wrong_with(PagesCheck(mixed, tmp_path))


async def test_a_port_that_another_holds_is_told_unless_the_daemon_holds_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        settings = WebSettings(port=port)
        assert f"port {port} cannot be taken" in await wrong_with(PagesCheck(settings, tmp_path))
        (tmp_path / "web-address").write_text(f"http://127.0.0.1:{port}/\n")
        with only_daemon(tmp_path):
            assert await wrong_with(PagesCheck(settings, tmp_path)) == ""


class Hangs:
    name, limit_s = "hangs", 0.1

    async def run(self, tell: Tell) -> list[Finding]:
        await asyncio.sleep(60)
        return []


class Breaks:
    name, limit_s = "breaks", 5.0

    async def run(self, tell: Tell) -> list[Finding]:
        raise ZeroDivisionError("a bug")


class Works:
    name, limit_s = "works", 5.0

    async def run(self, tell: Tell) -> list[Finding]:
        tell("working")
        return [well("it works")]


async def test_a_check_that_hangs_or_breaks_hides_no_other_and_order_is_kept() -> None:
    heard: list[str] = []
    told: list[tuple[str, str]] = []
    report = await examine(
        [Hangs(), Breaks(), Works()], lambda name, words: told.append((name, words)), lambda one: heard.append(one.name)
    )
    assert heard == ["hangs", "breaks", "works"]
    assert [one.level for one in report] == [Level.FAULT, Level.FAULT, Level.WELL]
    assert "no end within 0.1 s" in report[0].findings[0].what
    assert "ZeroDivisionError" in report[1].findings[0].what
    assert ("works", "working") in told


def test_the_command_says_what_is_wrong_in_words_and_in_json(config: Path) -> None:
    change(config, "clinic", fax_number="+15085550100")
    change(config, "fax", carrier="hylafax")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        change(config, "fax.hylafax", port=nobody.getsockname()[1])
        picked = ("--only", "hylafax", "--only", "database", "--time-server", "127.0.0.1:9")
        done = referloop_doctor(config, *picked)
        as_json = referloop_doctor(config, *picked, "--json")
    assert done.returncode == as_json.returncode == 1
    assert "✗ hylafax" in done.stdout
    assert "→ systemctl status hylafax" in done.stdout
    assert done.stdout.rstrip().endswith("1 of 2 checks found a fault")
    told = json.loads(as_json.stdout)
    assert [(one["check"], one["level"]) for one in told["checks"]] == [("database", "well"), ("hylafax", "fault")]
    assert told["is_well"] is False
    unknown = referloop_doctor(config, "--only", "modem")
    assert unknown.returncode == 2
    assert "hylafax" in unknown.stderr


@pytest.fixture(name="roots_folder")
def a_folder_of_root() -> Iterator[Path]:
    """Where another user can reach what root made."""
    folder = Path(tempfile.mkdtemp(prefix="referloop-doctor-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def nobody_can_run_us() -> bool:
    """Root, and a Python that does not lie in root's own home."""
    if os.geteuid() != 0:
        return False
    command = [sys.executable, "-c", "import concurrent.futures.thread, pydantic"]
    try:
        done = subprocess.run(command, user="nobody", capture_output=True, check=False)
    except PermissionError:
        return False
    return done.returncode == 0


@pytest.mark.skipif(not nobody_can_run_us(), reason="another user cannot run this Python")
def test_root_goes_on_as_the_daemons_user_and_leaves_it_every_file(roots_folder: Path) -> None:
    config = write_clinic_folder(roots_folder / "clinic")[0]
    for path in (config.parent, config.parent / "secrets"):
        path.chmod(0o755)
    data = config.parent / "data"
    data.mkdir(mode=0o700)
    nobody = pwd.getpwnam("nobody")
    os.chown(data, nobody.pw_uid, nobody.pw_gid)
    done = referloop_doctor(config, "--only", "database", "--only", "folders")
    assert (done.returncode, done.stderr) == (0, "referloop: going on as nobody, the daemon's user\n")
    assert {path.stat().st_uid for path in data.rglob("*")} == {nobody.pw_uid}
    scans = data / "scans"
    scans.mkdir(mode=0o700)
    refused = referloop_doctor(config, "--only", "folders")
    assert refused.returncode == 1
    assert f"→ chown nobody {scans}" in refused.stdout
