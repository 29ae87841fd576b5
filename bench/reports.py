"""`python -m bench.reports`: the reports' pages over many rows, medians in ms, the real app and store.

Fills a clinic with 50,000 referrals of one year (unless told), twice as many documents and six events a referral, then
asks for each report as the page and as CSV. Beside the time that passed stands the processor's own: on a machine
with other work, the time is mostly theirs.
"""

import argparse
import asyncio
import hashlib
import json
import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
from sqlalchemy import Connection, insert

from bench.filled_clinic import filled_clinic
from config.reference import mint_number
from gateway.desk import Desk
from gateway.domain.person import Role
from gateway.storage.milestones import fill_milestones
from gateway.storage.tables import arrivals, event_head, events, filings, parts, recipients, referrals, transmissions
from gateway.storage.values import INTAKE, PAGES, RECIPIENT, envelope_json
from gateway.web_desks import review_desk
from gateway.workers import WorkerPool
from tests.builders import a_patient, a_recipient, an_envelope, an_intake
from tests.rigs.review_clinic import pages_of_clinic
from tests.rigs.visitors import SAID, let_in_as_told

_OFFICES, _BATCH, _ROUNDS = 120, 2000, 7
_YEAR = 2026
_STARTS = datetime(_YEAR, 1, 1, tzinfo=UTC)
_SPECIALTIES = "cardiology dermatology neurology orthopedics urology oncology gastroenterology pulmonology".split()
_PLACES = (
    "Bayview", "North Shore", "Harbor", "Fall River", "Old Colony", "Quequechan", "Narrows", "Highland", "Seaside",
    "Blackstone", "Charles", "Mystic", "Neponset", "Plymouth", "Taunton",
)  # fmt: skip
_FAMILIES = (
    "Okafor", "Brandt", "Nguyen", "Castellanos", "Silva", "Ivanova", "Haddad", "Reyes", "Lindqvist", "Adeyemi",
    "Kowalski", "Moreau", "Tanaka", "O'Brien", "Papadopoulos", "Schmidt", "Wolfeschlegelsteinhausenbergerdorff",
)  # fmt: skip
_URGENCIES = ("routine", "routine", "routine", "urgent", "emergent")
_CHANNELS = ("fax", "fax", "fax", "email", "scan")
Row = dict[str, object]


class _Clinic:
    """Makes rows of a year, in order."""

    def __init__(self, count: int) -> None:
        self.count, self.rng, self.seq, self.part = count, random.Random(1), 0, 0
        self.rows: dict[str, list[Row]] = {}

    def event(self, kind: str, at: datetime, *, actor: str = "system", **of: object) -> None:
        self.seq += 1
        detail = of.pop("detail", None)
        self.add("events", {
            "seq": self.seq, "kind": kind, "at": at, "actor": actor, "referral_id": of.get("referral_id"),
            "arrival_id": of.get("arrival_id"), "part_id": of.get("part_id"),
            "detail": json.dumps(detail) if detail else None, "previous_hash": "0" * 64,
            "hash": hashlib.sha256(str(self.seq).encode()).hexdigest(),
        })  # fmt: skip

    def add(self, table: str, row: Row) -> None:
        self.rows.setdefault(table, []).append(row)

    def referral(self, id_: int) -> None:
        """One referral, as far as its luck takes it."""
        rng, day = self.rng, timedelta(days=1)
        at = _STARTS + timedelta(days=325 * id_ / self.count)
        steps, moment = "ready sent delivered acknowledged scheduled seen report_received closed".split(), at
        reached = steps[: rng.choices(range(2, 9), (2, 6, 6, 8, 4, 3, 71))[0]]
        if reached[-1] == "report_received":
            reached.append("closed")
        self.event("referral_opened", at, referral_id=id_, detail={"status": "ready"})
        for status in reached[1:]:
            moment += day * rng.expovariate(1 / 4)
            told: Row = {"to": status}
            if status == "sent":
                told["deadline"] = (moment + 7 * day).isoformat()
            if status in ("acknowledged", "report_received"):
                self.document(moment, id_)
                told["report_from"] = "office"
            self.event("referral_moved", moment, referral_id=id_, detail=told)
        intake = an_intake(
            external_id=str(id_), patient=a_patient(mrn=str(rng.randrange(self.count)), family=_family(id_)),
            recipient_id=1 + id_ % _OFFICES, specialty=_SPECIALTIES[id_ % _OFFICES % len(_SPECIALTIES)],
            urgency=rng.choice(_URGENCIES),
        )  # fmt: skip
        self.add("referrals", {
            "id": id_, "number": _number(id_), "origin": "bench", "external_id": str(id_),
            "recipient_id": intake.recipient_id, "intake": INTAKE.dump_json(intake).decode(), "status": reached[-1],
            "status_since": moment, "created_at": at, "version": 1, "rung": 0, "requests_sent": 1,
            "clock": None, "due_at": moment + 3 * day, "closed_at": moment if reached[-1] == "closed" else None,
        })  # fmt: skip
        self.add("transmissions", {
            "id": id_, "referral_id": id_, "ordinal": 1, "purpose": "request", "channel": rng.choice(_CHANNELS[:4]),
            "destination": "+1", "key": f"k{id_}", "state": "delivered", "requested_by": "system", "created_at": at,
            "attempts": 1, "dials": 1, "packet_sha256": "", "pages": 2, "pages_confirmed": 2, "carrier": "loopback",
            "carrier_reference": str(id_), "cause": "", "is_simulated": True, "submitted_at": at + day / 9,
        })  # fmt: skip

    def document(self, at: datetime, referral_id: int) -> None:
        """One document that came and was filed, by itself or by a person some hours later."""
        self.part += 1
        id_, by_itself = self.part, self.rng.random() < 0.7
        settled = at + timedelta(minutes=0 if by_itself else self.rng.expovariate(1 / 240))
        channel = self.rng.choice(_CHANNELS)
        self.add("arrivals", {
            "id": id_, "source_id": f"b{id_}", "sha256": f"{id_:064x}", "size_bytes": 1, "channel": channel,
            "envelope": envelope_json(an_envelope(source_id=f"b{id_}")), "state": "read", "attempts": 1,
            "received_at": at, "media_type": "image/tiff", "pages": 1, "error": "",
        })  # fmt: skip
        self.add("parts", {
            "id": id_, "arrival_id": id_, "place": 0, "pages": PAGES.dump_json((0,)).decode(),
            "kind": self.rng.choice(("confirmation", "consult_note")), "state": "filed", "reason": "",
            "settled_by": "system" if by_itself else "Lena", "settled_at": settled, "evidence": "{}",
            "queued_at": None if by_itself else at,
        })  # fmt: skip
        self.add("filings", {"part_id": id_, "referral_id": referral_id})
        if not by_itself:
            self.event("part_queued", at, arrival_id=id_, part_id=id_)
        self.event("part_filed", at, referral_id=referral_id, arrival_id=id_, part_id=id_)
        if self.rng.random() < 0.01:
            told = {"was": "filed", "settled_by": "system"}
            self.event("part_taken_back", settled, actor="Lena", arrival_id=id_, part_id=id_, detail=told)

    def extra_documents(self) -> Iterator[None]:
        """Until there are twice as many as referrals."""
        while self.part < 2 * self.count:
            at = _STARTS + timedelta(days=325 * self.rng.random())
            self.document(at, self.rng.randrange(1, self.count + 1))
            yield


def _office(id_: int) -> str:
    place = _PLACES[(id_ - 1) // len(_SPECIALTIES) % len(_PLACES)]
    return f"{place} {_SPECIALTIES[(id_ - 1) % len(_SPECIALTIES)].title()}"


def _family(id_: int) -> str:
    return _FAMILIES[id_ % len(_FAMILIES)]


def _number(id_: int) -> str:
    return mint_number((id_ >> shift) % 32 for shift in (30, 25, 20, 15, 10, 5, 0))


_TABLES = {
    "referrals": referrals, "arrivals": arrivals, "parts": parts, "filings": filings, "transmissions": transmissions,
    "events": events,
}  # fmt: skip


def _flush(connection: Connection, clinic: _Clinic) -> None:
    for name, table in _TABLES.items():
        for row in clinic.rows.get(name, ()):
            if name in ("referrals", "transmissions"):
                row.setdefault("closed_at" if name == "referrals" else "ended_at", None)
        if rows := clinic.rows.pop(name, None):
            connection.execute(insert(table), rows)


def fill(connection: Connection, count: int) -> None:
    for id_ in range(1, _OFFICES + 1):
        office = a_recipient(name=_office(id_), organization="", fax=f"+1508{id_:07d}")
        connection.execute(insert(recipients).values(
            id=id_, name_key=f"o{id_}", organization_key="", fax=office.fax, email="",
            value=RECIPIENT.dump_json(office).decode(),
        ))  # fmt: skip
    clinic = _Clinic(count)
    for id_ in range(1, count + 1):
        clinic.referral(id_)
        if id_ % _BATCH == 0:
            _flush(connection, clinic)
    for n, _ in enumerate(clinic.extra_documents(), start=1):
        if n % _BATCH == 0:
            _flush(connection, clinic)
    _flush(connection, clinic)
    connection.execute(insert(event_head).values(id=1, seq=clinic.seq, hash="0" * 64))
    fill_milestones(connection)


async def _measure(desk: Desk) -> dict[str, dict[str, float]]:
    pool = WorkerPool.from_settings(desk.settings, desk.code_keys, processes=1)
    app = pages_of_clinic(desk, review_desk(desk, pool, pool, lambda: None, lambda: None))
    let_in_as_told(app, desk, {"Lena": Role.MANAGER})
    year = f"since={_YEAR}-01-01&until={_YEAR}-12-31"
    asked = {
        "open loops, now": "open-loops",
        "open loops, at a day gone by": f"open-loops?day={_YEAR}-07-01",
        "open loops, now, CSV": "open-loops.csv",
        "turnaround of a year by specialist": f"turnaround?{year}",
        "turnaround of a year by specialty": f"turnaround?{year}&by=specialty",
        "turnaround of a year by urgency": f"turnaround?{year}&by=urgency",
        "volume of a year by day": f"volume?{year}&per=day",
        "volume of a year by week": f"volume?{year}&per=week",
        "closed loops of a year": f"closed-loop?{year}",
        "closed loops, the numerator": f"closed-loop/met?{year}",
    }
    said = SAID | {"x-visitor": "Lena"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1", headers=said
    ) as browser:
        found: dict[str, dict[str, float]] = {}
        for name, path in asked.items():
            times: list[float] = []
            busy: list[float] = []
            for _ in range(_ROUNDS):
                started, busy_from = time.perf_counter(), time.process_time()
                answer = await browser.get(f"/reports/{path}")
                times.append((time.perf_counter() - started) * 1000)
                busy.append((time.process_time() - busy_from) * 1000)
                assert answer.status_code == 200, answer.text
            found[name] = {
                "median_ms": round(statistics.median(times)),
                "worst_ms": round(max(times)),
                "of_processor_ms": round(statistics.median(busy)),
            }
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--referrals", type=int, default=50_000)
    asked = parser.parse_args()
    with filled_clinic(lambda connection, _: fill(connection, asked.referrals)) as desk:
        print(json.dumps(asyncio.run(_measure(desk)), indent=1))


if __name__ == "__main__":
    main()
