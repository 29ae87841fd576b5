"""Where a browser comes back to after a log-in: a page on this machine, or its address typed in by hand."""

import os
import select
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Empty, SimpleQueue

from outbound.errors import AccessRefused

_PATIENCE_S = 900.0
_LOOK_EVERY_S = 0.2
_LONGEST_LINE = 16_384
_PAGE = b"<!DOCTYPE html><title>Referloop</title><p>Referloop has the answer. You can close this window.</p>"


@contextmanager
def listening(port: int) -> Generator[Callable[[], str]]:
    """Both ways open until the block ends; what it gives waits for the address, by whichever way it comes first.

    Raises:
        AccessRefused: of the waiting, where nobody came in time.
    """
    landed: SimpleQueue[str] = SimpleQueue()

    class Page(BaseHTTPRequestHandler):
        """Takes the one answer."""

        timeout = 10

        def do_GET(self) -> None:
            """Hand the address on and say thanks."""
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(_PAGE)
            if "state=" in self.path:
                landed.put(f"http://127.0.0.1:{port}{self.path}")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """The address holds the code: it is logged nowhere."""

    try:
        server = HTTPServer(("127.0.0.1", port), Page)
    except OSError:
        yield lambda: _first(landed)  # the port is taken: by hand it still works
        return
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield lambda: _first(landed)
        finally:
            server.shutdown()


def _first(landed: "SimpleQueue[str]") -> str:
    """Looks at both in turn: a thread that reads the terminal could not be ended."""
    until, typed, is_open = time.monotonic() + _PATIENCE_S, b"", True
    while time.monotonic() < until and len(typed) < _LONGEST_LINE:
        try:
            return landed.get(timeout=_LOOK_EVERY_S)
        except Empty:
            pass
        if is_open and select.select([sys.stdin], [], [], 0)[0]:
            piece = os.read(sys.stdin.fileno(), _LONGEST_LINE)
            typed, is_open = (typed + piece).lstrip(), bool(piece)
        line, end, _ = typed.partition(b"\n")
        if end:
            return line.decode("utf-8", "replace").strip()
    raise AccessRefused("nobody came back from the browser within 15 minutes: begin again")
