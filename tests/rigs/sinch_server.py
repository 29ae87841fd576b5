"""Sinch's Fax API v3 as its vendor documents it: uploads, labels, lists, states, files."""

import base64
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from outbound.carriers.sinch import SinchAccount, SinchSender
from tests.rigs.cloud_server import Answer, Asked, CloudServer, cloud_server

OURS = "+15085550100"
_ROOT = "/v3/projects/p1/faxes"
_LOGIN = "Basic " + base64.b64encode(b"key-id:key-secret").decode()


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class SinchServer:
    """What lies at Sinch. `ends` says how calls to a number go, else they are completed."""

    http: CloudServer = None  # pyright: ignore - set when it runs
    faxes: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    forms: list[dict[str, bytes]] = field(default_factory=list[dict[str, bytes]])
    ends: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != _LOGIN:
            return Answer(401)
        match asked.method, asked.path.removeprefix(_ROOT).strip("/").split("/"):
            case "POST", [""]:
                return self._send(asked)
            case "GET", [""]:
                return self._list(asked.query)
            case "GET", [fax_id]:
                return next((Answer(body=fax) for fax in self.faxes if fax["id"] == fax_id), _missing())
            case "GET", [fax_id, "file"] if fax_id in self.files:
                return Answer(body=self.files[fax_id], headers={"Content-Type": "application/pdf"})
            case "DELETE", [fax_id, "file"] if self.files.pop(fax_id, None):
                self._named(fax_id)["hasFile"] = False
                return Answer(204)
            case _:
                return _missing()

    def _named(self, fax_id: str) -> dict[str, Any]:
        return next(fax for fax in self.faxes if fax["id"] == fax_id)

    def _send(self, asked: Asked) -> Answer:
        form = asked.form()
        self.forms.append(form)
        fax_id = f"01HDF5S9P29WC29J578J8E{len(self.faxes):04}"
        text = {name: value.decode() for name, value in form.items() if name != "file"}
        fax = {
            "id": fax_id,
            "direction": "OUTBOUND",
            "to": text["to"],
            "from": text["from"],
            "status": "QUEUED",
            "headerTimeZone": text["headerTimeZone"],
            "maxRetries": int(text["maxRetries"]),
            "labels": {name[7:-1]: value for name, value in text.items() if name.startswith("labels[")},
            "createTime": _now().isoformat(),
            "projectId": "p1",
            "hasFile": True,
        }
        pages = form["file"].count(b"/Type /Page\n") or form["file"].count(b"/CCITTFaxDecode")
        self.files[fax_id] = form["file"]
        ended = {"status": "COMPLETED", "numberOfPages": pages, "pagesSentSuccessfully": pages, "retryCount": 0}
        price = {"price": {"amount": "0.0700", "currencyCode": "USD"}, "completedTime": _now().isoformat()}
        self.faxes.insert(0, fax | ended | price | self.ends.get(text["to"], {}))
        return Answer(body=fax)

    def _list(self, query: dict[str, str]) -> Answer:
        size, page = int(query.get("pageSize", 100)), int(query.get("page", 1))
        found = [
            fax
            for fax in self.faxes
            if fax["direction"] == query.get("direction", fax["direction"])
            and fax["to"].startswith(query.get("to", ""))
            and fax["createTime"] >= query.get("createTime>", "").removesuffix("Z")
        ]
        pages = max(1, -(-len(found) // size))
        body = {"page": page, "totalPages": pages, "pageSize": size, "totalItems": len(found)}
        return Answer(body=body | {"faxes": found[(page - 1) * size : page * size]})

    def receive(self, pdf: bytes, sender: str = "+15085550199", **changed: Any) -> str:
        """A fax comes in at Sinch; its id."""
        fax_id = f"01HDFHACK1YN7CCDYRA6ZR{len(self.faxes):04}"
        fax = {
            "id": fax_id,
            "direction": "INBOUND",
            "from": sender,
            "to": OURS,
            "numberOfPages": 1,
            "status": "COMPLETED",
            "price": {"amount": "0.00", "currencyCode": "USD"},
            "createTime": _now().isoformat(),
            "completedTime": _now().isoformat(),
            "projectId": "p1",
            "hasFile": True,
        }
        self.faxes.insert(0, fax | changed)
        self.files[fax_id] = pdf
        return fax_id

    def carrier(self, folder: Path, *, deletes: bool = False, **changed: Any) -> SinchSender:
        """A new object with nothing in memory."""
        said = {"project_id": "p1", "key_id": "key-id", "key_secret": "key-secret", "own_number": OURS}
        printed = {"header": f"Maple Street Family Medicine {OURS}", "zone": "America/New_York", "url": self.http.url}
        return SinchSender(SinchAccount(**(said | printed | changed)), folder, _now, deletes_after_receipt=deletes)


def _missing() -> Answer:
    return Answer(404, {"code": "404", "error": "Not found"})


@contextmanager
def sinch_server() -> Generator[SinchServer]:
    """Up for one test."""
    sinch = SinchServer()
    with cloud_server(sinch.answer) as http:
        sinch.http = http
        yield sinch
