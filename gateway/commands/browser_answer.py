"""Where a browser comes back to after a log-in: a page on this machine, or its address typed in by hand."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Empty, Queue

from outbound.errors import AccessRefused

_PATIENCE_S = 900.0
_PAGE = b"<!DOCTYPE html><title>Referloop</title><p>Referloop has the answer. You can close this window.</p>"


def wait_for_answer(port: int) -> str:
    """The address that the browser was sent on to, by whichever way it comes first.

    Raises:
        AccessRefused: nobody came in time.
    """
    answers: Queue[str] = Queue()

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
                answers.put(f"http://127.0.0.1:{port}{self.path}")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """The address holds the code: it is logged nowhere."""

    def read_line() -> None:
        for line in sys.stdin:
            if line.strip():
                answers.put(line.strip())
                return

    threading.Thread(target=read_line, daemon=True).start()
    try:
        server = HTTPServer(("127.0.0.1", port), Page)
    except OSError:
        return _first(answers)  # the port is taken: by hand it still works
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            return _first(answers)
        finally:
            server.shutdown()


def _first(answers: "Queue[str]") -> str:
    try:
        return answers.get(timeout=_PATIENCE_S)
    except Empty as error:
        raise AccessRefused("nobody came back from the browser within 15 minutes: begin again") from error
