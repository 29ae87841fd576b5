"""The daemon weighed all the time it works: memory, open files, threads, child processes."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

import psutil


@dataclass(frozen=True, slots=True)
class Weight:
    """One look; `at` is the share of the day that was over, 0 to 1."""

    at: float
    resident_mb: float
    files: int
    threads: int
    children: int


@dataclass(slots=True)
class Scales:
    """Looks at a process once a second, in a thread of its own."""

    pid: int
    began_at: float
    day_s: float
    looks: list[Weight] = field(default_factory=list[Weight])
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until stopped, or until the process is gone."""
        process = psutil.Process(self.pid)
        while not self._stop.wait(1.0):
            try:
                at = (time.monotonic() - self.began_at) / self.day_s
                memory = process.memory_info().rss / 2**20
                children = len(process.children(recursive=True))
                self.looks.append(Weight(at, memory, process.num_fds(), process.num_threads(), children))
            except psutil.Error:
                return

    def stop(self) -> None:
        """No more looks."""
        self._stop.set()

    def between(self, begin: float, end: float, what: Callable[[Weight], float]) -> float:
        """The middle of what was seen in a part of the day."""
        return median([what(look) for look in self.looks if begin <= look.at < end] or [0.0])
