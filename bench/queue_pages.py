"""`python -m bench.queue_pages`: the review queue's pages over many documents, medians in ms, the real app and store.

Fills a clinic with documents (100,000 unless told) and half as many referrals, of which 2,000 documents wait, then
asks for the list, a search and the next document with a person's rhythm: one at a time. The next document is measured
with the picture of its first page too: faxed pages of their own, drawn ahead as the daemon does when a document enters
the queue; and, to compare, drawn only when asked for.
"""

import argparse
import asyncio
import io
import json
import random
import re
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
from PIL import Image, ImageDraw
from sqlalchemy import Connection, insert, text, update

from bench.filled_clinic import filled_clinic
from config.reference import mint_number
from config.vocabulary import DocumentKind
from gateway.desk import Desk
from gateway.storage.keys import keys_of
from gateway.storage.tables import arrivals, candidates, parts, recipients, referral_keys, referrals
from gateway.storage.values import INTAKE, PAGES, RECIPIENT, SENTENCES, envelope_json
from gateway.storage.words import folded_words
from gateway.web_desks import review_desk
from gateway.workers import WorkerPool
from parsers.reading import READING, Document, Page, Reading
from tests.builders import a_patient, a_recipient, an_envelope, an_intake
from tests.rigs.review_clinic import pages_of_clinic
from tests.rigs.visitors import SAID, let_in_as_told

_WAITING = 2000
_BATCH = 2000
_ROUNDS = 40
NOW = datetime.now(UTC)
_SYLLABLES = "ka ro mi ten da vel so bra lin or fa gus pe ni tor al".split()


def _name(rng: random.Random) -> str:
    return "".join(rng.choice(_SYLLABLES) for _ in range(3)).capitalize()


def _referrals(count: int, rng: random.Random) -> Iterator[tuple[dict[str, object], list[dict[str, object]]]]:
    numbers: set[str] = set()
    for id_ in range(1, count + 1):
        while (number := mint_number(rng.randrange(32) for _ in range(7))) in numbers:
            pass
        numbers.add(number)
        born = datetime(1930, 1, 1, tzinfo=UTC) + timedelta(days=rng.randrange(33_000))
        patient = a_patient(family=_name(rng), given=_name(rng), birth_date=born.date(), mrn=str(id_), phone="")
        intake = an_intake(external_id=str(id_), patient=patient)
        row: dict[str, object] = {
            "id": id_, "number": number, "origin": "bench", "external_id": str(id_), "recipient_id": 1,
            "intake": INTAKE.dump_json(intake).decode(), "status": "sent", "status_since": NOW, "created_at": NOW,
            "version": 1, "rung": 0, "requests_sent": 1,
        }  # fmt: skip
        yield row, [{"key": key, "referral_id": id_} for key in sorted(keys_of(patient))]


def fill(connection: Connection, count: int, rng: random.Random) -> None:
    connection.execute(insert(recipients).values(
        id=1, name_key="q", organization_key="q", fax="+15085550101", email="",
        value=RECIPIENT.dump_json(a_recipient()).decode(),
    ))  # fmt: skip
    names: list[str] = []
    batch = list(_referrals(count // 2, rng))
    for start in range(0, len(batch), _BATCH):
        some = batch[start : start + _BATCH]
        connection.execute(insert(referrals), [row for row, _ in some])
        connection.execute(insert(referral_keys), [key for _, keys in some for key in keys])
        names += [INTAKE.validate_json(str(row["intake"])).patient.family for row, _ in some]
    for start in range(1, count + 1, _BATCH):
        _documents(connection, range(start, min(start + _BATCH, count + 1)), names, count, rng)


def _with_pages(connection: Connection, desk: Desk, first: int) -> None:
    """A fax page of its own, in the vault, for each of the documents that are opened."""
    for n in range(first, first + 2 * _ROUNDS + 2):
        page = Image.new("1", (1728, 2200), 1)
        pen = ImageDraw.Draw(page)
        rng = random.Random(n)
        for line in range(60):
            pen.text((120, 60 + 34 * line), " ".join(_name(rng) for _ in range(14)), fill=0, font_size=24)
        data = io.BytesIO()
        page.save(data, "TIFF", compression="group4", dpi=(204, 196))
        sha256 = desk.vault.put(data.getvalue())
        connection.execute(update(arrivals).where(arrivals.c.id == n).values(sha256=sha256))


def _documents(connection: Connection, ids: range, names: list[str], count: int, rng: random.Random) -> None:
    """Documents in their order of arrival; the last ones wait, so that nothing older helps to find them."""
    waiting_from = count - _WAITING
    said = {id_: rng.randrange(len(names)) for id_ in ids}
    filler = " ".join(_name(rng) for _ in range(150))
    rows: list[dict[str, object]] = []
    for id_ in ids:
        body = f"Thank you for referring {names[said[id_]]}. Consultation report {id_}. {filler}"
        document = Document((0,), DocumentKind.CONSULT_NOTE, 0.9, text=body)
        rows.append({
            "id": id_, "source_id": f"bench:{id_}", "sha256": f"{id_:064x}", "size_bytes": 1, "channel": "fax",
            "envelope": envelope_json(an_envelope(source_id=f"bench:{id_}")), "state": "read", "attempts": 1,
            "received_at": NOW - timedelta(minutes=count - id_), "media_type": "image/tiff", "pages": 1, "error": "",
            "reading": READING.dump_json(Reading("image/tiff", (Page(0, body),), (document,))).decode(),
        })  # fmt: skip
    connection.execute(insert(arrivals), rows)
    connection.execute(insert(parts), [{
        "id": id_, "arrival_id": id_, "place": 0, "pages": PAGES.dump_json((0,)).decode(), "kind": "consult_note",
        "state": "review" if id_ > waiting_from else "filed", "reason": "one identifier is not enough",
        "settled_by": "", "settled_at": NOW, "evidence": "{}",
    } for id_ in ids])  # fmt: skip
    connection.execute(
        text("INSERT INTO part_words (rowid, words) VALUES (:id, :words)"),
        [
            {"id": id_, "words": " ".join(folded_words(f"consultation {id_} {names[said[id_]]} {filler}"))}
            for id_ in ids
        ],
    )
    chosen = [{
        "part_id": id_, "referral_id": (said[id_] + n) % len(names) + 1, "rank": n + 1, "posterior": 0.5 / (n + 1),
        "findings": SENTENCES.dump_json(("name agrees",)).decode(), "against": "[]",
    } for id_ in ids if id_ > waiting_from for n in range(9)]  # fmt: skip
    if chosen:
        connection.execute(insert(candidates), chosen)


async def median_ms(ask: Callable[[int], Awaitable[httpx.Response]]) -> float:
    times: list[float] = []
    for round_ in range(_ROUNDS):
        started = time.perf_counter()
        answer = await ask(round_)
        times.append((time.perf_counter() - started) * 1000)
        assert answer.status_code in (200, 303), answer.text
    return statistics.median(times)


async def _opened(browser: httpx.AsyncClient, behind: int) -> httpx.Response:
    """The next document, and then what its page shows first."""
    page = await browser.get(f"/queue/next?behind={behind}", follow_redirects=True)
    shown = re.search(r'<img src="(/documents/[^"]+)"', page.text)
    assert shown, page.text
    return await browser.get(shown[1])


async def _measure(desk: Desk, count: int) -> dict[str, float]:
    pool = WorkerPool.from_settings(desk.settings, desk.code_keys, processes=1)
    review = review_desk(desk, pool, pool, lambda: None, lambda: None)
    app = pages_of_clinic(desk, review)
    let_in_as_told(app, desk, {})
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=SAID) as browser:
        first = count - _WAITING + 1
        undrawn = first + _ROUNDS + 1
        without = await median_ms(lambda n: _opened(browser, undrawn + n - 1))
        while await review.pictures.draw_ahead():
            pass
        return {
            "next document with its first page": await median_ms(lambda n: _opened(browser, first + n - 1)),
            "the same, drawn when asked for": without,
            "queue, first fifty": await median_ms(lambda _: browser.get("/queue")),
            "queue, deep in it": await median_ms(lambda n: browser.get(f"/queue?after={first + 10 * n}.0")),
            "queue, one's own": await median_ms(lambda _: browser.get("/queue?whose=mine")),
            "search, a rare word": await median_ms(lambda n: browser.post("/queue", data={"q": str(first + n)})),
            "search, a word in all": await median_ms(lambda _: browser.post("/queue", data={"q": "consul"})),
            "filed, newest": await median_ms(lambda _: browser.get("/queue/filed")),
            "filed, search, a rare word": await median_ms(lambda n: browser.post("/queue/filed", data={"q": f"{n}77"})),
            "next document": await median_ms(
                lambda n: browser.get(f"/queue/next?behind={first + n}", follow_redirects=True)
            ),
            "referral by beginning of name": await median_ms(
                lambda _: browser.post(f"/queue/{first}/referrals", data={"typed": "karo"})
            ),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    asked = parser.parse_args()

    def fill_all(connection: Connection, desk: Desk) -> None:
        fill(connection, asked.documents, random.Random(1))
        _with_pages(connection, desk, asked.documents - _WAITING + 1)

    with filled_clinic(fill_all) as desk:
        found = asyncio.run(_measure(desk, asked.documents))
    print(json.dumps({name: round(ms, 1) for name, ms in found.items()}, indent=1))


if __name__ == "__main__":
    main()
