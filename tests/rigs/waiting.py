"""Waiting for what a running watcher does."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def running(run: Callable[[], Awaitable[None]]) -> AsyncGenerator[None]:
    """Run a watcher beside the test, to the end of the block."""
    task = asyncio.ensure_future(run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(is_true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until it is true; a busy machine is no failure. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not is_true():  # noqa: ASYNC110 - what is waited for lies outside this process
            await asyncio.sleep(0.02)
