"""`referloop serve` as a process of its own, asked for its health and weighed all the time it works."""

import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from config.load import load_settings

REFERLOOP = str(Path(sys.executable).with_name("referloop"))
_PATIENCE_S = 30.0
_START_S = 120.0  # a busy machine is no failure


@dataclass
class WatchedDaemon:
    """What its watcher saw so far: seconds each answer took, statuses other than 200, and the heaviest it was."""

    process: "subprocess.Popen[bytes]"
    answers_s: list[float] = field(default_factory=list[float])
    complaints: list[str] = field(default_factory=list[str])
    heaviest_mb: int = 0

    def watch(self, address: str, stop: threading.Event) -> None:
        """Ask five times a second until told to stop."""
        weighed = psutil.Process(self.process.pid)
        with httpx.Client(timeout=_PATIENCE_S) as client:
            while not stop.wait(0.2):
                asked_at = time.monotonic()
                try:
                    answer = client.get(address + "healthz")
                    self.heaviest_mb = max(self.heaviest_mb, weighed.memory_info().rss >> 20)
                except (httpx.HTTPError, psutil.Error) as error:
                    self.complaints.append(type(error).__name__)
                    continue
                self.answers_s.append(time.monotonic() - asked_at)
                if answer.status_code != 200:
                    self.complaints.append(answer.text)


@contextmanager
def watched(config: Path) -> Generator[WatchedDaemon]:
    """Start it, and watch it from its first answer to the end of the block; its log lies by its settings."""
    told = load_settings(config).storage.data_dir / "web-address"
    told.unlink(missing_ok=True)
    with (config.parent / "daemon.log").open("ab") as log:
        process = subprocess.Popen([REFERLOOP, "serve", "-c", str(config)], stderr=log)
    stop, daemon = threading.Event(), WatchedDaemon(process)
    watcher = threading.Thread(target=lambda: daemon.watch(told.read_text().strip(), stop))
    try:
        deadline = time.monotonic() + _START_S
        while not told.exists() or not told.read_text().strip():
            assert process.poll() is None, "the daemon ended at its start"
            assert time.monotonic() < deadline, "the daemon does not serve"
            time.sleep(0.05)
        watcher.start()
        yield daemon
    finally:
        stop.set()
        if watcher.ident is not None:
            watcher.join()
        process.terminate()
        process.wait(_PATIENCE_S)
