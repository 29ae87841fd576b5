"""A carrier's HTTP server on a loopback port: what it answers is the carrier's own rig, how it fails is told here."""

import contextlib
import email
import email.policy
import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def form(self) -> dict[str, bytes]:
        """The fields of a form, whichever way it is encoded."""
        kind = self.headers.get("content-type", "")
        if kind.startswith("multipart/"):
            whole = b"Content-Type: " + kind.encode() + b"\r\n\r\n" + self.body
            parts = email.message_from_bytes(whole, policy=email.policy.HTTP).iter_parts()
            return {_name(part): bytes(cast("bytes", part.get_payload(decode=True))) for part in parts}
        return {name: value.encode() for name, value in parse_qsl(self.body.decode(), keep_blank_values=True)}


def _name(part: Any) -> str:
    return str(part.get_param("name", header="content-disposition"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: JSON, or bytes as they are."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to the next request of this method whose path ends so; `is_done`: it is carried out all the same."""

    method: str
    path_end: str
    answer: Answer | None = None  # None: the connection is cut
    is_done: bool = False
    stalls_s: float = 0.0


@dataclass(slots=True)
class CloudServer:
    """A running server. `asked` holds every request; `faults` are used up in order."""

    url: str
    answer: Callable[[Asked], Answer]
    asked: list[Asked] = field(default_factory=list[Asked])
    faults: list[Fault] = field(default_factory=list[Fault])
    stop: Callable[[], None] = lambda: None

    def next_fault(self, asked: Asked) -> Fault | None:
        """The first fault for this request, which is then used up."""
        for fault in self.faults:
            if fault.method == asked.method and asked.path.endswith(fault.path_end):
                self.faults.remove(fault)
                return fault
        return None


@contextmanager
def cloud_server(answer: Callable[[Asked], Answer]) -> Generator[CloudServer]:
    """Serve until the end of the block."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    http.daemon_threads = True
    server = CloudServer(f"http://127.0.0.1:{http.server_port}", answer)
    http.carrier = server  # pyright: ignore[reportAttributeAccessIssue] - what the handlers look at
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    stopped = threading.Event()

    def stop() -> None:
        if not stopped.is_set():
            stopped.set()
            http.shutdown()
            thread.join()
            http.server_close()

    server.stop = stop
    try:
        yield server
    finally:
        stop()


class _Handler(BaseHTTPRequestHandler):
    def handle_one(self) -> None:
        server: CloudServer = self.server.carrier  # pyright: ignore
        parts = urlsplit(self.path)
        asked = Asked(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(int(self.headers.get("content-length") or 0)),
        )
        server.asked.append(asked)
        fault = server.next_fault(asked)
        if fault is None:
            self._send(server.answer(asked))
            return
        if fault.is_done:
            server.answer(asked)
        time.sleep(fault.stalls_s)
        if fault.answer is not None:
            self._send(fault.answer)
        else:
            self.close_connection = True

    do_GET = do_POST = do_DELETE = handle_one  # noqa: N815 - the base class's names

    def _send(self, answer: Answer) -> None:
        body = answer.body if isinstance(answer.body, bytes) else b"" if answer.body is None else _json(answer.body)
        self.send_response(answer.status)
        for name, value in ({"Content-Type": "application/json"} | answer.headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        with contextlib.suppress(BrokenPipeError):  # whoever asked did not wait
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
