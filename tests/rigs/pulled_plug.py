"""The daemon's plug, pulled again and again: SIGKILL at random moments, and the next daemon at once."""

import asyncio
import random
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field

import psutil

from gateway.demo.processes import running
from gateway.demo.story import Stage

IN_HAND = {
    "drawing a packet": "SELECT 1 FROM transmissions WHERE state = 'intended' AND lease_until IS NOT NULL",
    "handing it over": "SELECT 1 FROM transmissions WHERE state = 'sending'",
    "asking the carrier": "SELECT 1 FROM transmissions WHERE state = 'accepted' AND channel = 'fax'",
    "reading": "SELECT 1 FROM arrivals WHERE state = 'received' AND lease_until IS NOT NULL",
    "waiting to be read": "SELECT 1 FROM arrivals WHERE state = 'received' AND lease_until IS NULL",
    "matching": "SELECT 1 FROM parts WHERE state = 'unmatched'",
}
"""What a daemon can be in the middle of, as the rows show it."""

_AIM_S = 3.0  # then any moment will do


@dataclass
class Plug:
    """A third of the pulls come at any moment, the others just when a kind of work drawn by lot is in hand."""

    stage: Stage
    rng: random.Random
    pulls: int = 0
    interrupted: Counter[str] = field(default_factory=Counter[str])
    _children: list[psutil.Process] = field(default_factory=list[psutil.Process])

    async def pull(self, times: int) -> None:
        """So often; the daemon after the last pull runs until the task is cancelled.

        Raises:
            AssertionError: a daemon ended by itself.
        """
        for _ in range(times):
            async with running("daemon", self.stage.folder, *self._serve) as daemon:
                await self._moment()
                assert daemon.returncode is None, "the daemon ended by itself"
                self._children += psutil.Process(daemon.pid).children(recursive=True)
                daemon.send_signal(signal.SIGKILL)
                await daemon.wait()
            self.pulls += 1
            self.interrupted.update(self._in_hand() or ["nothing"])
        async with running("daemon", self.stage.folder, *self._serve) as daemon:
            await daemon.wait()
            raise AssertionError("the last daemon ended by itself")

    @property
    def _serve(self) -> list[str]:
        return ["gateway.cli", "serve", "--config", str(self.stage.config)]

    async def _moment(self) -> None:
        await asyncio.sleep(self.rng.uniform(0.3, 4.5))
        if self.rng.random() < 0.3:
            return
        wanted, latest = self.rng.choice(list(IN_HAND)), time.monotonic() + _AIM_S
        with closing(self._look()) as rows:
            while time.monotonic() < latest and not _is_in_hand(rows, wanted):  # noqa: ASYNC110 - another process's rows
                await asyncio.sleep(0.001)
        await asyncio.sleep(self.rng.uniform(0, 0.004))

    def _in_hand(self) -> list[str]:
        with closing(self._look()) as rows:
            return [name for name in IN_HAND if _is_in_hand(rows, name)]

    def _look(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self.stage.config.parent / 'data' / 'referloop.sqlite'}?mode=ro", uri=True)

    def left_alive(self, seconds: float = 5.0) -> list[str]:
        """Names of processes the killed daemons had started, and that still live so long after the last pull."""
        _, alive = psutil.wait_procs(self._children, seconds)
        return [one.name() for one in alive if one.status() != psutil.STATUS_ZOMBIE]


def _is_in_hand(rows: sqlite3.Connection, work: str) -> bool:
    return rows.execute(f"{IN_HAND[work]} LIMIT 1").fetchone() is not None
