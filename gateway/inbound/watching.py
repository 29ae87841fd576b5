"""Sweeping a folder whenever something changes in it, with a clock as the net."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

_log = logging.getLogger(__name__)


async def keep_sweeping(folder: Path, sweep: Callable[[], Awaitable[bool]], *, settle_s: float, sweep_s: float) -> None:
    """Sweep at every change, at least every `sweep_s`, and twice in `settle_s` while a sweep says that something waits.

    Runs until cancelled. A sweep that fails leaves everything in the folder: the next one tries again.
    """
    async for _ in _wakes(folder, sweep_s):
        while await _is_waiting(sweep):  # noqa: ASYNC110 - the sweep works, it does not wait for an event
            await asyncio.sleep(settle_s / 2)


async def _is_waiting(sweep: Callable[[], Awaitable[bool]]) -> bool:
    try:
        return await sweep()
    except Exception as error:  # noqa: BLE001 - the folder watchers' one broad catch
        _log.error("folder swept in part", extra={"action": "sweep", "error": type(error).__name__})
        return False


async def _wakes(folder: Path, tick_s: float) -> AsyncGenerator[None, None]:
    """At the start, at every change, and every `tick_s`.

    Where the system cannot tell of changes (a network share, no inotify watches left) only the clock wakes.
    """
    from watchfiles import awatch

    yield
    while True:
        try:
            async for _ in awatch(
                folder, recursive=False, rust_timeout=int(tick_s * 1000), yield_on_timeout=True, step=20, debounce=200
            ):
                yield
        except (OSError, RuntimeError) as error:
            _log.warning("folder is watched by the clock", extra={"action": "watch", "error": type(error).__name__})
        await asyncio.sleep(tick_s)
        yield
