"""APScheduler rings the bells. No policy here, and nothing is lost by a late or missing tick."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger


@asynccontextmanager
async def ticking(ring: Callable[[str], None], every_s: Mapping[str, int]) -> AsyncGenerator[None, None]:
    """Ring each named bell every so many seconds while the block runs.

    A tick holds no state: missed ticks are made up by one (coalesce), whenever the loop gets to it
    (misfire_grace_time None; the default of one second drops them silently).
    """
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )

    async def tick(name: str) -> None:
        ring(name)

    for name, seconds in every_s.items():
        scheduler.add_job(tick, IntervalTrigger(seconds=seconds), args=(name,), id=name)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
