"""What can be shown of the units without systemd as process 1."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from config.load import load_settings
from config.template import write_clinic_folder

FOLDER = Path(__file__).parents[2] / "systemd"
UNIT = FOLDER / "referloop.service"


def value(key: str) -> str:
    return re.findall(rf"^{key}=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)[-1]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_the_units_exposure_is_low() -> None:
    # 1.4 of 10: the reading processes' own namespaces cost 0.4, the network 1.0
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=14", str(UNIT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text(encoding="utf-8")))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_speaks_of_things_the_daemon_has() -> None:
    assert value("Type") == "notify"
    assert int(value("TimeoutStopSec")) >= 30
    assert int(value("WatchdogSec")) >= 10


def test_the_units_variables_and_credentials_are_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_clinic_folder(tmp_path / "etc")[0]
    (file.parent / "secrets" / "code_key").unlink()
    secrets = tmp_path / "credentials"
    secrets.mkdir()
    for name in re.findall(r"^LoadCredential=(\w+):", UNIT.read_text(encoding="utf-8"), re.MULTILINE):
        (secrets / name).write_text(f"{name} that is long enough to sign with", encoding="utf-8")
        (secrets / name).chmod(0o400)
    variable, _, data_dir = value("Environment").partition("=")
    monkeypatch.setenv(variable, data_dir)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(secrets))
    settings = load_settings(file)
    assert settings.code_key.get_secret_value().startswith("code_key")
    assert settings.mail.smtp.password.get_secret_value().startswith("smtp_password")
    assert settings.mail.imap.password.get_secret_value().startswith("imap_password")
    assert settings.inbox.drop_dir == Path("/var/lib/referloop/drop")


@pytest.mark.skipif(not shutil.which("systemd-sysusers"), reason="systemd-sysusers is not installed")
def test_the_user_and_the_folders_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    for tool, file in (("systemd-sysusers", "referloop.sysusers"), ("systemd-tmpfiles", "referloop.tmpfiles")):
        more = ["--create"] if tool == "systemd-tmpfiles" else []
        command = [tool, *more, f"--root={tmp_path}", str(FOLDER / file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert "referloop:" in (tmp_path / "etc" / "passwd").read_text(encoding="utf-8")
    assert (tmp_path / "var" / "lib" / "referloop").stat().st_mode & 0o777 == 0o700
