"""SignalWire's compatible fax API as its vendor documents it; what it is to send it fetches, as a stranger would."""

import base64
import hashlib
import hmac
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from outbound.callbacks import Callback
from outbound.carriers.media_shelf import MediaShelf
from outbound.carriers.signalwire import SignalWireAccount, SignalWireSender
from tests.rigs.cloud_server import Answer, Asked, CloudServer, cloud_server

OURS = "+15085550100"
PUBLIC = "https://fax.clinic.example"
SIGNING_KEY = "PSKtest1234567890abcdef"
_ROOT = "/api/laml/2010-04-01/Accounts/p1/Faxes"
_LOGIN = "Basic " + base64.b64encode(b"p1:PT-token").decode()


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class SignalWireServer:
    """What lies at SignalWire. `ends` says how calls to a number go, else they are delivered."""

    shelf: MediaShelf
    http: CloudServer = None  # pyright: ignore - set when it runs
    faxes: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    forms: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    fetched: list[bytes] = field(default_factory=list[bytes])
    ends: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    lists_addresses: bool = True

    def answer(self, asked: Asked) -> Answer:
        if asked.method == "GET" and asked.path.startswith("/files/"):
            return Answer(body=self.files[asked.path.removeprefix("/files/")])
        if asked.headers.get("authorization") != _LOGIN:
            return Answer(401)
        match asked.method, asked.path.removeprefix(_ROOT).strip("/").split("/"):
            case "POST", [""]:
                return self._send({name: value.decode() for name, value in asked.form().items()})
            case "GET", [""]:
                return self._list(asked.query)
            case method, [sid] if any(fax["sid"] == sid for fax in self.faxes):
                return self._one(method, sid)
            case _:
                return Answer(404)

    def _one(self, method: str, sid: str) -> Answer:
        fax = next(fax for fax in self.faxes if fax["sid"] == sid)
        if method == "DELETE":
            self.faxes.remove(fax)
            return Answer(204)
        if method == "POST":
            if fax["status"] != "queued":
                return Answer(400)
            fax["status"] = "canceled"
        return Answer(body=fax)

    def _send(self, form: dict[str, str]) -> Answer:
        self.forms.append(form)
        path = self.shelf.find(form["MediaUrl"].rpartition("/")[2])
        if path is None or not form["MediaUrl"].startswith(f"{PUBLIC}/media/"):
            return Answer(400)
        self.fetched.append(path.read_bytes())
        self.shelf.burn(path)
        fax = self._fax("outbound", f"b3877c40-da60-4998-90ad-{len(self.forms):012}", OURS, form["To"])
        fax |= {"status": "queued", "media_url": form["MediaUrl"] if self.lists_addresses else None}
        pages = str(self.fetched[-1].count(b"/CCITTFaxDecode"))
        ended = {"status": "delivered", "num_pages": pages, "price": "-0.005", "price_unit": "USD"}
        self.faxes.insert(0, fax | ended | self.ends.get(form["To"], {}))
        return Answer(201, fax)

    def _fax(self, direction: str, sid: str, sender: str, to: str) -> dict[str, Any]:
        at = _now().strftime("%Y-%m-%dT%H:%M:%SZ")
        nothing = dict.fromkeys(
            ("num_pages", "price", "price_unit", "quality", "duration", "error_message", "media_url")
        )
        said = {"sid": sid, "direction": direction, "from": sender, "to": to, "date_created": at, "date_updated": at}
        return nothing | said

    def _list(self, query: dict[str, str]) -> Answer:
        start, size = int(query.get("Page", 0)), int(query.get("PageSize", 50))
        found = [fax for fax in self.faxes if fax["to"] == query.get("To", fax["to"])]
        found = [fax for fax in found if fax["from"] == query.get("From", fax["from"])]
        rest = f"{_ROOT}?Page={start + 1}&PageSize={size}" if len(found) > (start + 1) * size else None
        return Answer(body={"faxes": found[start * size : (start + 1) * size], "next_page_uri": rest})

    def receive(self, pdf: bytes, **changed: Any) -> str:
        """A fax comes in at SignalWire; its id."""
        sid = f"aa877c40-da60-4998-90ad-{len(self.faxes):012}"
        told = {"status": "received", "num_pages": "1", "media_url": f"{self.http.url}/files/{sid}"}
        self.faxes.insert(0, self._fax("inbound", sid, "+15085550199", OURS) | told | changed)
        self.files[sid] = pdf
        return sid

    def callback(self, query: str = "", **form: str) -> Callback:
        """A form as SignalWire signs it: the address, then each field's name and value in order of the names."""
        url = f"{PUBLIC}/callbacks/signalwire{query}"
        signed = url + "".join(name + form[name] for name in sorted(form))
        mac = hmac.new(SIGNING_KEY.encode(), signed.encode(), hashlib.sha1).digest()
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "x-signalwire-signature": base64.b64encode(mac).decode(),
        }
        body = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in form.items())
        return Callback(url, headers, body.encode())

    def carrier(self, folder: Path, *, deletes: bool = False, **changed: Any) -> SignalWireSender:
        """A new object with nothing in memory."""
        said: dict[str, Any] = {"url": self.http.url, "project_id": "p1", "token": "PT-token", "own_number": OURS}
        called = {"signing_key": SIGNING_KEY, "callback_url": f"{PUBLIC}/callbacks/signalwire"}
        whole: dict[str, Any] = {**said, **called, **changed}
        account = SignalWireAccount(**whole)
        return SignalWireSender(account, folder, self.shelf, _now, deletes_after_receipt=deletes)


@contextmanager
def signalwire_server(folder: Path) -> Generator[SignalWireServer]:
    """Up for one test; the shelf lies in `folder`."""
    shelf = MediaShelf(folder / "media", PUBLIC, b"secret of the shelf", _now)
    signalwire = SignalWireServer(shelf)
    with cloud_server(signalwire.answer) as http:
        signalwire.http = http
        yield signalwire
