"""`python -m bench.board_pages`: queue, board, work list and search over many documents and referrals, medians in ms.

The real app and store: 100,000 documents and half as many open referrals unless told, with 2,000 things to do.
"""

import argparse
import asyncio
import json
import random
from datetime import timedelta

import httpx
from sqlalchemy import Connection, bindparam, insert, select, update

from bench import queue_pages
from bench.filled_clinic import filled_clinic
from bench.queue_pages import NOW, median_ms
from gateway.desk import Desk
from gateway.domain.task import TaskKind
from gateway.storage.tables import recipients, referrals, tasks
from gateway.storage.values import INTAKE, RECIPIENT
from gateway.web_desks import review_desk
from gateway.workers import WorkerPool
from tests.builders import a_recipient
from tests.rigs.review_clinic import pages_of_clinic
from tests.rigs.visitors import SAID, let_in_as_told

_TASKS = 2000
_OFFICES = 200
_SPECIALTIES = "cardiology dermatology gastroenterology orthopaedics neurology podiatry urology imaging".split()
_STANDS = (("sent", "acknowledged"), ("delivered", "acknowledged"), ("acknowledged", "decided"),
           ("acknowledged", "booked"), ("scheduled", "seen"), ("seen", "report_in"), ("declined", None))  # fmt: skip
_KINDS = [kind.value for kind in TaskKind]
_MOST_MS = 100


def spread(connection: Connection, rng: random.Random) -> None:
    """Give the filled referrals offices, specialties, states, times and owners, and open what there is to do."""
    connection.execute(insert(recipients), [{
        "id": id_, "name_key": f"office {id_}", "organization_key": "", "fax": f"+1508555{id_:04}", "email": "",
        "value": RECIPIENT.dump_json(a_recipient(name=f"Office {id_}")).decode(),
    } for id_ in range(2, _OFFICES + 2)])  # fmt: skip
    rows = connection.execute(select(referrals.c.id, referrals.c.intake)).all()
    changes: list[dict[str, object]] = []
    for row in rows:
        status, clock = rng.choice(_STANDS)
        due = NOW + timedelta(hours=rng.randrange(-48, 900)) if clock else None
        patient = INTAKE.validate_json(row.intake).patient
        is_escalated = rng.random() < 0.01
        changes.append({
            "of": row.id, "status_": status, "clock_": clock, "due": due, "look": due or NOW,
            "escalated": NOW if is_escalated else None, "rank": 0 if is_escalated else 1,
            "owner_": rng.choice(("", "", "front desk", "Omar")),
            "urgency_": rng.choice(("routine",) * 8 + ("urgent",)),
            "specialty": rng.choice(_SPECIALTIES), "office": rng.randrange(1, _OFFICES + 2),
            "patient": f"{patient.family} {patient.given}".lower(),
        })  # fmt: skip
    named = {"status": "status_", "clock": "clock_", "due_at": "due", "look_at": "look", "escalated_at": "escalated",
             "board_rank": "rank", "owner": "owner_", "urgency": "urgency_", "specialty_key": "specialty",
             "recipient_id": "office", "patient_key": "patient"}  # fmt: skip
    values = {column: bindparam(name) for column, name in named.items()}
    connection.execute(update(referrals).where(referrals.c.id == bindparam("of")).values(values), changes)
    chosen = rng.sample([row.id for row in rows], min(_TASKS, len(rows)))
    connection.execute(insert(tasks), [{
        "referral_id": id_, "kind": rng.choice(_KINDS), "text": "Call the office", "done_by": "",
        "created_at": NOW - timedelta(hours=n % 100),
    } for n, id_ in enumerate(chosen)])  # fmt: skip


async def measure(desk: Desk, count: int) -> dict[str, float]:
    """Each page's median."""
    pool = WorkerPool.from_settings(desk.settings, desk.code_keys, processes=1)
    app = pages_of_clinic(desk, review_desk(desk, pool, pool, lambda: None, lambda: None))
    let_in_as_told(app, desk, {})
    with desk.store.transaction() as tx:
        number = tx.referral(7).number
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1", headers=SAID) as one:
        pages = {
            "board": "/",
            "board, page 500": "/?page=500",
            "board, one's own": "/?whose=mine",
            "board, overdue": "/?late=1",
            "board, urgent": "/?urgency=high",
            "board, waiting for an appointment": "/?stage=appointment",
            "board, specialty and office": "/?specialty=urology&recipient=17",
            "board, by patient": "/?sort=patient",
            "board, newest": "/?sort=newest",
            "work list": "/work",
            "work list, one's own": "/work?whose=mine",
            "work list, calls": "/work?kind=calls",
            "queue": "/queue",
            "queue, deep in it": f"/queue?after={count - 1000}.0",
        }
        found = {name: await median_ms(lambda _, path=path: one.get(path)) for name, path in pages.items()}
        for name, words in {"a name": "karo", "a number": number[:5], "nobody": "zzz"}.items():
            found[f"board, search: {name}"] = await median_ms(lambda _, q=words: one.post("/", data={"q": q}))
        found["queue, search: a word in all"] = await median_ms(lambda _: one.post("/queue", data={"q": "consul"}))
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    asked = parser.parse_args()

    def fill(connection: Connection, _: Desk) -> None:
        queue_pages.fill(connection, asked.documents, random.Random(1))
        spread(connection, random.Random(2))

    with filled_clinic(fill) as desk:
        found = asyncio.run(measure(desk, asked.documents))
    print(json.dumps({name: round(ms, 1) for name, ms in found.items()}, indent=1))
    late = [name for name, ms in found.items() if ms > _MOST_MS and not name.startswith("queue")]
    print(f"over {_MOST_MS} ms: {', '.join(late) or 'none'}")


if __name__ == "__main__":
    main()
