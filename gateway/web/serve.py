"""Uvicorn inside the daemon's own task group, without signal handlers of its own."""

import asyncio
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import uvicorn
from fastapi import FastAPI

from gateway.errors import AddressTaken, TlsUnusable


class Listener(Protocol):
    """Where to listen and how far to believe who asks; `WebSettings` is one."""

    @property
    def host(self) -> str:
        """Address to listen on."""
        ...

    @property
    def port(self) -> int:
        """Port; 0 takes a free one."""
        ...

    @property
    def tls_certificate(self) -> Path | None:
        """Certificate chain (PEM)."""
        ...

    @property
    def tls_key(self) -> Path | None:
        """Its private key (PEM)."""
        ...

    @property
    def tls_proxies(self) -> list[str]:
        """Addresses of proxies that are believed about who asks."""
        ...


@dataclass(frozen=True, slots=True)
class PlainListener:
    """A listener without TLS of its own and without a proxy that is believed."""

    host: str
    port: int
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_proxies: list[str] = field(default_factory=list[str])


class _Guest(uvicorn.Server):
    """A server that leaves the signals to the house it is a guest in."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield


async def serve_web(app: FastAPI, settings: Listener, ready: Callable[[str], None], *, key: str = "web.port") -> None:
    """Serve until cancelled. `ready` is told the address, with the real port where the settings say 0.

    `key` is the setting that the port comes from.

    Raises:
        AddressTaken: another program listens there.
        TlsUnusable: certificate or key are not what they should be.
    """
    server = _Guest(_config(app, settings))
    with _listening(settings.host, settings.port, key) as listener:
        serving = asyncio.ensure_future(server.serve([listener]))
        ready(_address(listener, "https" if settings.tls_certificate else "http"))
        try:
            await asyncio.shield(serving)
        finally:
            let_go: Callable[[], None] = getattr(app.state, "let_go", _nobody)
            let_go()  # open streams, which would otherwise hold the server up
            server.should_exit = True
            await serving


def _nobody() -> None:
    """An app without streams holds nobody."""


def _config(app: FastAPI, settings: Listener) -> uvicorn.Config:
    """Only a proxy that the settings name is believed about who asks; without one nobody is."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
        proxy_headers=bool(settings.tls_proxies),
        forwarded_allow_ips=list(settings.tls_proxies),
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
    )
    try:
        config.load()
    except OSError as error:  # an SSLError is one
        said = error.strerror or type(error).__name__
        raise TlsUnusable(f"web.tls_certificate or web.tls_key cannot be used ({said}): check both files") from error
    return config


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


def _address(listener: socket.socket, scheme: str) -> str:
    host, port = listener.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}/" if ":" in host else f"{scheme}://{host}:{port}/"
