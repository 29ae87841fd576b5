"""A provider of tokens on a loopback port: device codes, a browser's log-in, refresh, and what goes wrong with them.

Speaks RFC 6749, 7636, 8628 and, for mail servers that ask whose token it is, 7662.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from outbound.oauth import Provider

CLIENT_ID = "referloop-test"
OWNER = "referrals@clinic.example"


@dataclass
class OAuthServer:
    """What it answers with is set while it runs; what it was asked is kept."""

    base: str = ""
    answer: str = "authorization_pending"  # to a device code; "approved" gives tokens
    lifetime_s: int = 3600
    interval_s: float = 0.2
    code_lifetime_s: float = 60.0
    rotates: bool = True  # a new refresh token each time, and the old one ends
    status: int = 200  # another one: the provider is down
    delay_s: float = 0.0
    asked: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    at_once: int = 0
    most_at_once: int = 0
    access: dict[str, float] = field(default_factory=dict[str, float])  # good tokens and their end
    refresh: set[str] = field(default_factory=set[str])
    codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def provider(self, **changes: Any) -> Provider:
        """As the settings would name it."""
        plain = Provider(
            client_id=CLIENT_ID,
            token_url=f"{self.base}/token",
            device_url=f"{self.base}/device",
            authorize_url=f"{self.base}/authorize",
            scope="mail offline_access",
        )
        return replace(plain, **changes)

    def asked_for(self, grant: str) -> list[dict[str, str]]:
        """The questions with one grant type, by its end."""
        return [one for one in self.asked if one.get("grant_type", "").endswith(grant)]

    def end_access(self) -> None:
        """Every access token is refused from now on, whatever its time."""
        self.access.clear()

    def revoke(self) -> None:
        """The owner withdraws all that was granted."""
        self.access.clear()
        self.refresh.clear()

    def device(self, form: dict[str, str]) -> dict[str, Any]:
        """A code to type."""
        assert form["client_id"] == CLIENT_ID
        return {
            "device_code": "the-device-code",
            "user_code": "WDJB-MJHT",
            "verification_uri": f"{self.base}/type-it-here",
            "expires_in": self.code_lifetime_s,
            "interval": self.interval_s,
        }

    def authorize(self, question: dict[str, str]) -> str:
        """Where a browser is sent on to once its person said yes."""
        code = secrets.token_urlsafe(8)
        self.codes[code] = question
        return f"{question['redirect_uri']}?{urlencode({'code': code, 'state': question['state']})}"

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Tokens, or why not."""
        grant = form["grant_type"]
        if form.get("client_id") != CLIENT_ID:
            return 401, {"error": "invalid_client"}
        if grant.endswith("device_code"):
            return (200, self._tokens()) if self.answer == "approved" else (400, {"error": self.answer})
        if grant == "authorization_code":
            question = self.codes.pop(form["code"], None)
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            is_good = question is not None and question["code_challenge"] == proof
            return (200, self._tokens()) if is_good else (400, {"error": "invalid_grant"})
        old = form["refresh_token"]
        if old not in self.refresh:
            told = "AADSTS700082: The refresh token has expired due to inactivity."
            return 400, {"error": "invalid_grant", "error_description": told}
        if self.rotates:
            self.refresh.discard(old)
        return 200, self._tokens(with_refresh=self.rotates)

    def introspect(self, token: str) -> dict[str, Any]:
        """Whose token it is."""
        is_active = self.access.get(token, 0.0) > time.time()
        return {"active": is_active, "username": OWNER} if is_active else {"active": False}

    def _tokens(self, *, with_refresh: bool = True) -> dict[str, Any]:
        access, refresh = f"access-{secrets.token_hex(8)}", f"refresh-{secrets.token_hex(8)}"
        self.access[access] = time.time() + self.lifetime_s
        told: dict[str, Any] = {"access_token": access, "token_type": "Bearer", "expires_in": self.lifetime_s}
        if with_refresh:
            self.refresh.add(refresh)
            told["refresh_token"] = refresh
        return told

    @contextmanager
    def counted(self) -> Generator[None]:
        """One more question at once."""
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            yield
        finally:
            with self._lock:
                self.at_once -= 1


@contextmanager
def oauth_server() -> Generator[OAuthServer]:
    """Serve until the block ends."""
    room = OAuthServer()

    class Handler(BaseHTTPRequestHandler):
        """The wire."""

        def do_POST(self) -> None:
            form = _flat(self.rfile.read(int(self.headers["Content-Length"])).decode())
            path = urlsplit(self.path).path
            if path == "/introspect":
                self._say(200, room.introspect(form.get("token", "")))
                return
            with room.counted():
                room.asked.append(form)
                time.sleep(room.delay_s)
                if room.status != 200:
                    self._say(room.status, {})
                elif path == "/device":
                    self._say(200, room.device(form))
                else:
                    self._say(*room.token(form))

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", room.authorize(_flat(parts.query)))
                self.end_headers()
                return
            self._say(200, room.introspect(_flat(parts.query).get("access_token", "")))

        def _say(self, status: int, told: dict[str, Any]) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    room.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield room
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _flat(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}
