"""One warm child process: started with limits, asked one thing at a time, killed with its whole group.

Everything that can end a child early becomes `WorkerFailed` with the reason in words.
"""

import asyncio
import contextlib
import json
import os
import signal
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gateway.errors import WorkerFailed

_MAX_REPLY = 64 << 20
_START_SECONDS = 30.0
_LAST_WORDS_S = 1.0
OnProgress = Callable[[int, int], None]
"""Hears how many pages are done, and of how many."""
_SOURCES = str(Path(__file__).resolve().parents[1])


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What one child may use, and when it is retired. Sizes in MB, measured on hostile files: 1,500 is ample."""

    processes: int = 2
    memory_mb: int = 1500
    file_mb: int = 512
    seconds: float = 180.0
    jobs: int = 200
    idle_seconds: float = 300.0
    retire_above_mb: int = 450


def _unheard(done: int, total: int) -> None:
    del done, total


class WorkerProcess:
    """A running child. `ask` may be awaited by one task at a time."""

    def __init__(self, process: Process, limits: WorkerLimits) -> None:
        self._process = process
        self._limits = limits
        self._jobs = 0
        self._resident_mb = 0
        self.idle_since = 0.0

    @classmethod
    async def start(cls, limits: WorkerLimits) -> "WorkerProcess":
        """A new child in its own session, with an environment of its own."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gateway.worker_child",
            json.dumps(asdict(limits)),
            str(os.getpid()),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            start_new_session=True,
            env={
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "PYTHONPATH": _SOURCES,
                "LC_ALL": "C.UTF-8",
                "OMP_THREAD_LIMIT": "1",
                "OPENBLAS_NUM_THREADS": "1",
                "MALLOC_ARENA_MAX": "2",
            },
        )
        return cls(process, limits)

    @property
    def is_spent(self) -> bool:
        """Whether it has done enough, or grown enough, to be replaced."""
        return (
            self._process.returncode is not None
            or self._jobs >= self._limits.jobs
            or self._resident_mb > self._limits.retire_above_mb
        )

    async def ask(self, job: dict[str, Any], on_progress: OnProgress = _unheard) -> dict[str, Any]:
        """The child's reply; `on_progress` hears how far it is.

        On any failure, and when cancelled, the child is dead afterwards.

        Raises:
            WorkerFailed: it died, hung or passed a limit.
        """
        self._jobs += 1
        try:
            async with asyncio.timeout(self._limits.seconds + (_START_SECONDS if self._jobs == 1 else 0)):
                reply = await self._exchange(job, on_progress)
        except TimeoutError:
            await self.kill()
            raise WorkerFailed(f"it took more than {self._limits.seconds:.0f} s: look at the original") from None
        except (asyncio.IncompleteReadError, BrokenPipeError, ConnectionResetError):
            raise WorkerFailed(await self._why_dead()) from None
        except (ValueError, TypeError, KeyError):
            await self.kill()
            raise WorkerFailed("the reader's answer made no sense: look at the original") from None
        except BaseException:
            await self.kill()
            raise
        if "failed" in reply:
            raise WorkerFailed(f"{reply['failed']}: look at the original")
        return reply

    async def _exchange(self, job: dict[str, Any], on_progress: OnProgress) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None  # noqa: S101, PT018 - both were asked for as pipes
        body = json.dumps({**job, "seconds": self._limits.seconds}).encode()
        stdin.write(struct.pack(">I", len(body)) + body)
        await stdin.drain()
        while True:
            told = await self._hear(stdout)
            if "progress" not in told:
                self._resident_mb = int(told["resident_mb"])
                return told
            done, total = told["progress"]
            on_progress(int(done), int(total))

    async def _hear(self, stdout: asyncio.StreamReader) -> dict[str, Any]:
        """What the child says next; the daemon's loop does not wait while much of it is taken apart."""
        (length,) = struct.unpack(">I", await stdout.readexactly(4))
        if length > _MAX_REPLY:
            await self.kill()
            raise WorkerFailed(f"its reading is larger than {_MAX_REPLY >> 20} MB: look at the original")
        return await asyncio.to_thread(json.loads, await stdout.readexactly(length))

    async def _why_dead(self) -> str:
        await self.kill()
        code = self._process.returncode or 0
        limits = self._limits
        if code == -signal.SIGXCPU:
            return f"it used more than {limits.seconds:.0f} s of processor time: look at the original"
        if code in (-signal.SIGABRT, -signal.SIGTRAP, -signal.SIGILL):
            return f"the reader gave up, most likely at its limit of {limits.memory_mb} MB: look at the original"
        name = signal.Signals(-code).name if code < 0 else f"exit {code}"
        return f"the reader died ({name}): look at the original"

    async def kill(self) -> None:
        """End the child and everything it started, and wait until it is gone."""
        if self._process.returncode is None:
            # A child that already died by itself needs a moment to be seen as dead with its own signal.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await self._process.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await asyncio.shield(self._process.wait())
        if self._process.stdout is not None:
            with contextlib.suppress(TimeoutError, OSError):
                async with asyncio.timeout(_LAST_WORDS_S):
                    await self._process.stdout.read()  # to its end: before that the pipe stays open

    def dismiss(self) -> None:
        """Let it end by itself: it sees its pipe close."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    async def retire(self) -> None:
        """Let it end; kill it if it has not within a second."""
        self.dismiss()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._process.wait()
        finally:
            await self.kill()
