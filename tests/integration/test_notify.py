import asyncio
import contextlib
import socket
from collections.abc import Generator
from pathlib import Path

import pytest

from gateway.notify import Notifier


@pytest.fixture
def systemd(tmp_path: Path) -> Generator[socket.socket, None, None]:
    """systemd's end of the notification socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        yield listener


def test_systemd_hears_when_everything_listens_and_when_the_end_begins(systemd: socket.socket) -> None:
    with Notifier(systemd.getsockname(), 0) as notifier:
        notifier.ready()
        notifier.stopping()
    assert [systemd.recv(100), systemd.recv(100)] == [b"READY=1", b"STOPPING=1"]


def test_an_abstract_address_is_understood() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0referloop-test-notify")
        listener.settimeout(5)
        with Notifier("@referloop-test-notify", 0) as notifier:
            notifier.ready()
        assert listener.recv(100) == b"READY=1"


async def test_the_watchdog_is_petted_at_half_its_interval_until_the_end(systemd: socket.socket) -> None:
    with Notifier(systemd.getsockname(), 0.1) as notifier, contextlib.suppress(TimeoutError):
        await asyncio.wait_for(notifier.keep_alive(), 0.32)
    systemd.setblocking(False)
    petted = 0
    with contextlib.suppress(BlockingIOError):
        while systemd.recv(100) == b"WATCHDOG=1":
            petted += 1
    assert 4 <= petted <= 8


async def test_without_systemd_nothing_is_sent_and_no_watchdog_runs() -> None:
    with Notifier("", 0) as notifier:
        notifier.ready()
        await asyncio.wait_for(notifier.keep_alive(), 1)


def test_a_systemd_that_went_away_stops_nothing(tmp_path: Path) -> None:
    with Notifier(str(tmp_path / "gone"), 1) as notifier:
        notifier.ready()


def test_a_systemd_that_does_not_read_stops_nothing(systemd: socket.socket) -> None:
    with Notifier(systemd.getsockname(), 1) as notifier:
        for _ in range(5000):
            notifier.ready()
