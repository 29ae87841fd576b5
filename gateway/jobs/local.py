"""Steps carried out by this one process: each has a bell, and works until nothing is left.

Losing a ring loses nothing: what is due stands in rows, and the schedule rings every bell again.
This is the one place where a loop survives a failure: it is logged, counted and backed off from.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

_log = logging.getLogger(__name__)
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 300.0


@dataclass(slots=True)
class Step:
    """One kind of work. `work` returns how much it did; more than nothing means: ask again at once."""

    name: str
    work: Callable[[], Awaitable[int]]
    rings: tuple[str, ...] = ()  # steps that may have something to do after this one did
    at_once: int = 1
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0  # since the start, for metrics


@dataclass(slots=True)
class LocalJobs:
    """Runs steps until cancelled; `ring` may be called from the loop's own thread only."""

    steps: dict[str, Step] = field(default_factory=dict[str, Step])
    _stopping: bool = False

    def add(self, step: Step) -> None:
        """Register a step before `run`."""
        self.steps[step.name] = step

    def ring(self, name: str) -> None:
        """Wake a step; many rings while it works count as one."""
        self.steps[name].bell.set()

    def failures(self) -> dict[str, int]:
        """How often each step failed since the start."""
        return {name: step.failures for name, step in self.steps.items()}

    async def run(self) -> None:
        """Work through every step's due rows, whenever its bell rings, until `stop`."""
        async with asyncio.TaskGroup() as group:
            for step in self.steps.values():
                step.bell.set()
                for _ in range(step.at_once):
                    group.create_task(self._run(step), name=f"step {step.name}")

    def stop(self) -> None:
        """Let every step finish the row it holds, then end `run`."""
        self._stopping = True
        for step in self.steps.values():
            step.bell.set()

    async def _run(self, step: Step) -> None:
        pause_s = _FIRST_PAUSE_S
        while not self._stopping:
            await step.bell.wait()
            step.bell.clear()
            try:
                while not self._stopping and await step.work():
                    pause_s = _FIRST_PAUSE_S
                    for name in step.rings:
                        self.ring(name)
                    if step.at_once > 1:
                        step.bell.set()  # another hand may help
            except Exception as error:  # noqa: BLE001 - the one broad catch: the row waits, the loop goes on
                step.failures += 1
                _log.exception(
                    "step failed", extra={"action": step.name, "error": type(error).__name__, "pause_s": pause_s}
                )
                if not self._stopping:
                    await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                step.bell.set()
