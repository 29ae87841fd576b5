"""The daemon as a process: how soon it serves, and what it holds while nothing happens."""

import tempfile
import time
from pathlib import Path

import psutil

from bench.clinic import daemon, make_clinic
from bench.figures import Figure

_SETTLED_S = 8.0


def measure(rounds: int) -> list[Figure]:
    """Starts on an empty clinic, and its memory some seconds later."""
    started, resident, with_children = list[float](), list[float](), list[float]()
    with tempfile.TemporaryDirectory(prefix="referloop-bench-") as folder:
        clinic = make_clinic(Path(folder) / "clinic")
        for _ in range(rounds):
            with daemon(clinic) as (process, seconds):
                started.append(seconds)
                time.sleep(_SETTLED_S)
                watched = psutil.Process(process.pid)
                resident.append(watched.memory_info().rss / 2**20)
                family = [watched, *watched.children(recursive=True)]
                with_children.append(sum(one.memory_full_info().pss for one in family) / 2**20)
    return [
        Figure("daemon", "start to the first healthy answer", "s", started, 3.0),
        Figure("daemon", "resident memory, idle", "MB", resident, 200.0),
        Figure("daemon", "with its children (PSS), idle", "MB", with_children, 200.0),
    ]
