"""Telnyx's fax API v2 as its vendor documents it: uploads, client state, lists, signed callbacks, links that expire."""

import base64
import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from outbound.callbacks import Callback
from outbound.carriers.telnyx import TelnyxAccount, TelnyxSender
from tests.rigs.cloud_server import Answer, Asked, CloudServer, cloud_server

OURS = "+15085550100"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class TelnyxServer:
    """What lies at Telnyx. `ends` says how calls to a number go, else they are delivered."""

    http: CloudServer = None  # pyright: ignore - set when it runs
    signing: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    faxes: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    forms: list[dict[str, bytes]] = field(default_factory=list[dict[str, bytes]])
    ends: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    fresh: set[str] = field(default_factory=set[str])  # ids whose links have not expired

    def answer(self, asked: Asked) -> Answer:
        if asked.method == "GET" and asked.path.startswith("/faxes-prod/"):
            fax_id = asked.path.removeprefix("/faxes-prod/").removesuffix(".pdf")
            return Answer(body=self.files[fax_id]) if fax_id in self.fresh else Answer(403, b"<Error/>")
        if asked.headers.get("authorization") != "Bearer KEY017":
            return Answer(401, {"errors": [{"code": "10009", "title": "Authentication failed"}]})
        match asked.method, asked.path.removeprefix("/v2/faxes").strip("/").split("/"):
            case "POST", [""]:
                return self._send(asked.form())
            case "GET", [""]:
                return self._list(asked.query)
            case method, [fax_id, *rest] if any(fax["id"] == fax_id for fax in self.faxes):
                return self._one(method, fax_id, rest)
            case _:
                return Answer(404, {"errors": [{"code": "10005", "title": "Resource not found"}]})

    def _one(self, method: str, fax_id: str, rest: list[str]) -> Answer:
        fax = next(fax for fax in self.faxes if fax["id"] == fax_id)
        match method, rest:
            case "GET", []:
                return Answer(body={"data": fax})
            case "DELETE", []:
                self.faxes.remove(fax)
                return Answer(204)
            case "POST", ["actions", "refresh"]:
                self.fresh.add(fax_id)
                return Answer(body={"data": {"result": "ok"}})
            case "POST", ["actions", "cancel"] if fax["status"] == "queued":
                fax |= {"status": "failed", "failure_reason": "sender_canceled"}
                return Answer(202, {"data": {"result": "ok"}})
            case _:
                return Answer(422, {"errors": [{"code": "90000", "title": "Invalid action"}]})

    def _send(self, form: dict[str, bytes]) -> Answer:
        self.forms.append(form)
        text = {name: value.decode() for name, value in form.items() if name != "contents"}
        fax: dict[str, Any] = {
            "record_type": "fax",
            "id": f"0ccc7b54-4df3-4bca-a65a-{len(self.forms):012}",
            "connection_id": text["connection_id"],
            "direction": "outbound",
            "from": text["from"],
            "to": text["to"],
            "client_state": text["client_state"],
            "quality": text["quality"],
            "status": "queued",
            "failure_reason": None,
            "created_at": _now().isoformat(),
            "updated_at": _now().isoformat(),
        }
        self.faxes.insert(0, fax | {"status": "delivered"} | self.ends.get(text["to"], {}))
        return Answer(202, {"data": fax})

    def _list(self, query: dict[str, str]) -> Answer:
        size, page = int(query.get("page[size]", 20)), int(query.get("page[number]", 1))
        found = [
            fax
            for fax in self.faxes
            if fax["direction"] == query.get("filter[direction][eq]", fax["direction"])
            and fax["to"] == query.get("filter[to][eq]", fax["to"])
            and fax["created_at"] >= query.get("filter[created_at][gte]", "")
        ]
        meta = {"page_number": page, "page_size": size, "total_pages": -(-len(found) // size)}
        return Answer(body={"data": found[(page - 1) * size : page * size], "meta": meta})

    def receive(self, pdf: bytes, media_url: str = "", *, at: datetime | None = None) -> str:
        """A fax comes in at Telnyx; its id."""
        fax_id = f"f72eebbe-f9b6-4f0f-b652-{len(self.faxes):012}"
        fax = {
            "record_type": "fax",
            "id": fax_id,
            "connection_id": "1447842681660114324",
            "direction": "inbound",
            "from": "+15085550199",
            "to": OURS,
            "client_state": None,
            "status": "received",
            "media_url": media_url or f"{self.http.url}/faxes-prod/{fax_id}.pdf",
            "created_at": (at or _now()).isoformat(),
            "updated_at": (at or _now()).isoformat(),
        }
        self.faxes.insert(0, fax)
        self.files[fax_id] = pdf
        self.fresh.add(fax_id)
        return fax_id

    def event(self, kind: str, fax_id: str, *, at: datetime | None = None, **said: Any) -> Callback:
        """A callback as Telnyx signs it."""
        payload: dict[str, Any] = {"fax_id": fax_id, "connection_id": "1447842681660114324", "user_id": "19a75cea"}
        data = {"event_type": kind, "id": "4844b70c-3c6c-4c3a-ba2e-e4c785f02d24", "record_type": "event"}
        body = json.dumps({"data": data | {"payload": payload | said}, "meta": {"attempt": 1}}).encode()
        sent_at = str(int((at or _now()).timestamp()))
        signature = self.signing.sign(sent_at.encode() + b"|" + body)
        headers = {"telnyx-timestamp": sent_at, "telnyx-signature-ed25519": base64.b64encode(signature).decode()}
        return Callback("https://fax.clinic.example/callbacks/telnyx", headers, body)

    def sent_event(self, kind: str, fax_id: str, key: str, **said: Any) -> Callback:
        """A callback about a packet of ours."""
        state = base64.b64encode(key.encode()).decode()
        status = kind.removeprefix("fax.")
        told: dict[str, Any] = {"direction": "outbound", "client_state": state, "status": status, **said}
        return self.event(kind, fax_id, **told)

    @property
    def public_key(self) -> str:
        """As Telnyx's portal shows it."""
        raw = self.signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return base64.b64encode(raw).decode()

    def carrier(self, folder: Path, *, deletes: bool = False, **changed: Any) -> TelnyxSender:
        """A new object with nothing in memory."""
        said: dict[str, Any] = {"api_key": "KEY017", "connection_id": "1447842681660114324", "own_number": OURS}
        whole: dict[str, Any] = {**said, "public_key": self.public_key, "url": self.http.url, **changed}
        account = TelnyxAccount(**whole)
        return TelnyxSender(account, folder, _now, deletes_after_receipt=deletes)


@contextmanager
def telnyx_server() -> Generator[TelnyxServer]:
    """Up for one test."""
    telnyx = TelnyxServer()
    with cloud_server(telnyx.answer) as http:
        telnyx.http = http
        yield telnyx
