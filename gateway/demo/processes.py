"""The demo's child processes: started, watched, and taken down with it."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

_END_S = 30.0


class ChildDied(Exception):
    """A part of the demo ended by itself; its log in the demo's folder says why."""


@asynccontextmanager
async def running(name: str, folder: Path, *arguments: str) -> AsyncGenerator[asyncio.subprocess.Process, None]:
    """`python -m ARGUMENTS` in a process group of its own, its output in FOLDER/NAME.log."""
    with (folder / f"{name}.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        await end(process)


async def end(process: asyncio.subprocess.Process) -> None:
    """SIGTERM, and SIGKILL to the whole group for what does not listen."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _END_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def wait_for_file(path: Path, process: asyncio.subprocess.Process, name: str, seconds: float = 30.0) -> None:
    """Until a child has written its ready file.

    Raises:
        ChildDied: it ended first, or took too long.
    """
    for _ in range(int(seconds / 0.05)):
        if path.exists():  # noqa: ASYNC240 - one look at a local folder
            return
        if process.returncode is not None:
            break
        await asyncio.sleep(0.05)
    raise ChildDied(f"{name} did not start: see {path.parent / (name + '.log')}")
