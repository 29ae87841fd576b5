import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from config.template import write_clinic_folder


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_clinic_folder(tmp_path / "clinic")[0]


@contextmanager
def serving(config: Path, **environment: str) -> Generator[subprocess.Popen[str], None, None]:
    """`referloop serve` as systemd would start it; its log is in `log` beside the settings."""
    with (config.parent / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway.cli", "serve", "--config", str(config)],
            env={"PATH": os.defpath, "REFERLOOP_WEB__PORT": "0", **environment},
            stderr=log,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def test_systemd_is_told_of_start_life_and_end_and_sigterm_ends_it_clean(config: Path, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(20)
        with serving(config, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="400000") as daemon:
            told = [systemd.recv(100)]
            while b"READY=1" not in told or told.count(b"WATCHDOG=1") < 3:
                told.append(systemd.recv(100))
            address = (config.parent / "data" / "web-address").read_text(encoding="utf-8").strip()
            assert httpx.get(address + "healthz").json()["is_well"] is True
            stopped_at = time.monotonic()
            daemon.send_signal(signal.SIGTERM)
            while told[-1] != b"STOPPING=1":
                told.append(systemd.recv(100))
            assert daemon.wait(30) == 0
            assert time.monotonic() - stopped_at < 10


def test_a_port_that_is_taken_is_one_line_and_exit_code_1(config: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = str(holder.getsockname()[1])
        with serving(config, REFERLOOP_WEB__PORT=port) as daemon:
            assert daemon.wait(30) == 1
    last = (config.parent / "log").read_text(encoding="utf-8").splitlines()[-1]
    assert last.startswith(f"referloop: web.port: 127.0.0.1 port {port} cannot be listened on")


def test_a_second_daemon_on_the_same_folder_is_refused(config: Path) -> None:
    with serving(config) as first:
        while not (config.parent / "data" / "web-address").exists():
            assert first.poll() is None
            time.sleep(0.05)
        second = subprocess.run(
            [sys.executable, "-m", "gateway.cli", "serve", "--config", str(config)],
            env={"PATH": os.defpath, "REFERLOOP_WEB__PORT": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert second.returncode == 1
    assert "stop it first, or use another folder" in second.stderr
