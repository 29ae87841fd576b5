"""Looking for what is due, and for whom a document means, among many open referrals."""

import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar

from bench.clinic import Clinic, add_office, at_desk, make_clinic
from bench.figures import Figure
from bench.people import patients
from config.policy import Clock
from config.vocabulary import Channel, DocumentKind, ServiceKind
from gateway.desk import Desk
from gateway.domain.event import Event, EventKind
from gateway.domain.evidence import Evidence, PersonClaim
from gateway.domain.referral import Clinician, Intake, Patient, Referral, Status
from gateway.services.intend import intend_ready

_SEED = 702_000
T = TypeVar("T")
_BATCH = 2000
_DUE = 100


def measure(referrals: int) -> list[Figure]:
    """On SQLite on the disk, filled through the store itself."""
    with tempfile.TemporaryDirectory(prefix="referloop-bench-") as folder:
        clinic = make_clinic(Path(folder) / "clinic")
        with at_desk(clinic) as desk:
            add_office(desk)
            _fill(desk, referrals)
            return _figures(desk, clinic, referrals)


def _fill(desk: Desk, count: int) -> None:
    rng = random.Random(_SEED)
    people = patients(_SEED)
    now = desk.clock.now()
    done = 0
    while done < count:
        with desk.store.transaction() as tx:
            for patient in islice(people, min(_BATCH, count - done)):
                opened = tx.add_referral(_intake(patient, done), f"{done:08d}", now, "bench")
                waits = timedelta(hours=rng.uniform(1, 24 * 30))
                due_at = now - timedelta(minutes=1) if done % (count // _DUE) == 0 else now + waits
                asked = replace(
                    opened,
                    status=Status.DELIVERED,
                    clock=Clock.ACKNOWLEDGED,
                    clock_started_at=now - timedelta(days=20),
                    due_at=due_at,
                    sent_at=now - timedelta(days=20),
                    requests_sent=1,
                )
                tx.save_referral(asked, Event(EventKind.REFERRAL_MOVED, now, referral_id=opened.id))
                done += 1


def _intake(patient: dict[str, str], ordinal: int) -> Intake:
    return Intake(
        external_id=f"B-{ordinal}",
        patient=Patient(
            family=patient["family"],
            given=patient["given"],
            birth_date=date.fromisoformat(patient["birth_date"]),
            mrn=patient["mrn"],
            phone=patient["phone"],
        ),
        clinician=Clinician("Helen Marsh MD", npi="1245319599"),
        recipient_id=1,
        specialty="cardiology",
        service=ServiceKind.SPECIALIST_CONSULT,
        question="Exertional chest tightness",
        urgency="routine",
    )


def _figures(desk: Desk, clinic: Clinic, count: int) -> list[Figure]:
    of = f"{count:,} open referrals"
    with_due, taken = _timed(desk.chase.chase)
    assert taken == _DUE, f"{taken} of {_DUE} due referrals were chased"
    idle = [_timed(desk.chase.chase)[0] for _ in range(20)]
    ready = [_timed(lambda: intend_ready(desk.store, desk.clock, desk.rules))[0] for _ in range(20)]
    found = [_candidates(desk, patient) for patient in islice(patients(_SEED), 100)]
    return [
        Figure("sweep", f"{_DUE} due among {of}, each chased and committed", "s", [with_due], 1.0),
        Figure("sweep", f"none due among {of}", "s", idle, 1.0),
        Figure("sweep", f"none to send among {of}", "s", ready, 1.0),
        Figure("matching", f"candidates among {of}", "s", found),
    ]


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started_at = time.perf_counter()
    result = work()
    return time.perf_counter() - started_at, result


def _candidates(desk: Desk, patient: dict[str, str]) -> float:
    claim = PersonClaim(
        family=patient["family"], given=patient["given"], birth_date=date.fromisoformat(patient["birth_date"])
    )
    evidence = Evidence(
        kind=DocumentKind.CONSULT_NOTE,
        kind_confidence=0.95,
        channel=Channel.FAX,
        received_at=desk.clock.now(),
        patients=(claim,),
    )

    def ask() -> list[Referral]:
        with desk.store.transaction() as tx:
            return tx.candidates_for(evidence)

    seconds, found = _timed(ask)
    assert any(referral.intake.patient.mrn == patient["mrn"] for referral in found)
    return seconds
