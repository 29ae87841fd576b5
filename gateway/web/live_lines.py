"""What changed as server-sent events: the same lines for open pages and for programs."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable

from gateway.web.live import Live

_RETRY_MS = 3000
MEDIA_TYPE = "text/event-stream"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def live_lines(live: Live, after: int | None, is_over: Callable[[], bool]) -> AsyncGenerator[str, None]:
    """A greeting, what happened after an event that was seen, then what happens.

    `is_over` is asked before each word, in a thread: whoever may no longer see anything hears `over` and no more.
    """
    async with live.listening(after) as ear:
        yield f"retry: {_RETRY_MS}\nid: {ear.seq}\nevent: hello\ndata: {{}}\n\n"
        while True:
            news = await ear.hear(live.beat_s)
            if live.is_over:
                return
            if await asyncio.to_thread(is_over):
                yield "event: over\ndata: {}\n\n"
                return
            if news is None:
                yield ": still here\n\n"
            else:
                yield f"id: {news.seq}\nevent: changed\ndata: {json.dumps({'touched': sorted(news.touched)})}\n\n"
