"""Notes of HylaFAX's receive hook: a new one makes the poller ask at once. Losing that loses nothing."""

import asyncio
from pathlib import Path

from gateway.inbound.fax_poller import FaxPoller
from gateway.inbound.watching import keep_sweeping

_SWEEP_S = 60.0


async def nudged_by_notes(folder: Path, poller: FaxPoller) -> None:
    """Watch the hook's folder until cancelled."""

    async def look() -> bool:
        if await asyncio.to_thread(lambda: any(folder.glob("*.note"))):
            poller.nudge()
        return False

    await keep_sweeping(folder, look, settle_s=1.0, sweep_s=_SWEEP_S)
