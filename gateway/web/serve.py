"""Uvicorn inside the daemon's own task group, without signal handlers of its own."""

import asyncio
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI


async def serve_web(app: FastAPI, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until cancelled. `ready` is told the address, with the real port where `port` was 0."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen()
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    ready(f"http://{host}:{listener.getsockname()[1]}/")
    serving = asyncio.ensure_future(server._serve([listener]))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving
        listener.close()
