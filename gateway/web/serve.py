"""Uvicorn inside the daemon's own task group, without signal handlers of its own."""

import asyncio
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from gateway.errors import AddressTaken


class _Guest(uvicorn.Server):
    """A server that leaves the signals to the house it is a guest in."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield


async def serve_web(app: FastAPI, host: str, port: int, ready: Callable[[str], None], *, key: str = "web.port") -> None:
    """Serve until cancelled. `ready` is told the address, with the real port where `port` was 0.

    `key` is the setting that the port comes from.

    Raises:
        AddressTaken: another program listens there.
    """
    with _listening(host, port, key) as listener:
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2)
        server = _Guest(config)
        serving = asyncio.ensure_future(server.serve([listener]))
        ready(_address(listener))
        try:
            await asyncio.shield(serving)
        finally:
            server.should_exit = True
            await serving


@contextmanager
def _listening(host: str, port: int, key: str) -> Generator[socket.socket, None, None]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise AddressTaken(
                f"{key}: {host} port {port} cannot be listened on ({error.strerror}); "
                "stop the program that holds it, set another port, or 0 for a free one"
            ) from error
        listener.listen()
        yield listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
