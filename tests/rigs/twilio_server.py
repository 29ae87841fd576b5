"""Twilio's Messages API as its vendor documents it: what is sent, listed, answered, and called back."""

import base64
import hashlib
import hmac
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote_plus

from outbound.callbacks import Callback
from outbound.sms import TwilioAccount, TwilioTexts
from tests.rigs.cloud_server import Answer, Asked, CloudServer, cloud_server

OURS, SID, TOKEN = "+15085550111", "AC0123456789abcdef0123456789abcdef", "a-token-of-this-test"
PUBLIC = "https://fax.clinic.example"
_ROOT = f"/2010-04-01/Accounts/{SID}/Messages"
_LOGIN = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()


@dataclass(slots=True)
class TwilioServer:
    """What lies at Twilio. `refused` maps a receiver to the error code that it is answered with."""

    http: CloudServer = None  # pyright: ignore - set when it runs
    messages: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    refused: dict[str, int] = field(default_factory=dict[str, int])

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != _LOGIN:
            return Answer(401, {"code": 20003, "message": "Authenticate", "status": 401})
        path = asked.path.removeprefix(_ROOT)
        if asked.method == "POST" and path == ".json":
            return self._send({name: value.decode() for name, value in asked.form().items()})
        if asked.method == "GET" and path == ".json":
            return Answer(body={"messages": self._listed(asked.query), "page": 0, "next_page_uri": None})
        sid = path.strip("/").removesuffix(".json")
        found = next((one for one in self.messages if one["sid"] == sid), None)
        return Answer(body=found) if found else Answer(404, {"code": 20404, "status": 404})

    def _listed(self, query: dict[str, str]) -> list[dict[str, Any]]:
        found = [one for one in self.messages if one["to"] == query.get("To", one["to"])]
        return [one for one in found if one["from"] == query.get("From", one["from"])]

    def _send(self, form: dict[str, str]) -> Answer:
        if code := self.refused.get(form["To"]):
            return Answer(400, {"code": code, "message": "refused", "status": 400})
        made = self._keep("SM", "outbound-api", form["From"], form["To"], form["Body"], "queued")
        return Answer(201, dict(made))

    def _keep(self, kind: str, direction: str, sender: str, to: str, body: str, status: str) -> dict[str, Any]:
        at = format_datetime(datetime.now(UTC))
        made: dict[str, Any] = {
            "sid": f"{kind}{len(self.messages):032x}", "direction": direction, "from": sender, "to": to, "body": body,
            "status": status, "error_code": None, "date_created": at, "date_sent": at,
        }  # fmt: skip
        self.messages.insert(0, made)
        return made

    def sent(self) -> list[dict[str, Any]]:
        """What left through Twilio, oldest first."""
        return [one for one in reversed(self.messages) if one["direction"] == "outbound-api"]

    def end(self, status: str, code: int | None = None) -> None:
        """What becomes of the newest message that was sent."""
        self.sent()[-1].update(status=status, error_code=code)

    def receive(self, body: str, sender: str) -> str:
        """A message comes in; its id."""
        return str(self._keep("SM", "inbound", sender, OURS, body, "received")["sid"])

    def carrier(self, callback_url: str = "") -> TwilioTexts:
        """A new object with nothing in memory."""
        return TwilioTexts(TwilioAccount(self.http.url, SID, TOKEN, OURS, callback_url))


def callback(token: str = TOKEN, **form: str) -> Callback:
    """A form as Twilio signs it: the address, then each field's name and value in order of the names."""
    url = f"{PUBLIC}/callbacks/twilio"
    signed = url + "".join(name + form[name] for name in sorted(form))
    mac = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": base64.b64encode(mac).decode(),
    }
    body = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in form.items())
    return Callback(url, headers, body.encode())


@contextmanager
def twilio_server() -> Generator[TwilioServer, None, None]:
    """Serving until the end of the block."""
    server = TwilioServer()
    with cloud_server(server.answer) as http:
        server.http = http
        yield server
