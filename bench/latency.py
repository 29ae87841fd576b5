"""From a document's arrival to its filing on the right referral, through the running daemon."""

import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from bench.clinic import CLINIC_FAX, OFFICE_FAX, Clinic, add_office, at_desk, daemon, intake_of, make_clinic, until
from bench.figures import Figure
from bench.letters import three_pages
from bench.people import patients
from gateway.demo.offices import Act, Deed
from gateway.desk import Desk
from gateway.domain.referral import Referral
from outbound.carriers.loopback import send_fax

_SEED = 701_000  # not used by any test


def measure(confirmations: int, letters: int) -> list[Figure]:
    """Coded confirmations into the scan folder and over the line; letters without a code over the line."""
    with tempfile.TemporaryDirectory(prefix="referloop-bench-") as folder:
        clinic = make_clinic(Path(folder) / "clinic")
        with at_desk(clinic) as desk:
            add_office(desk)
            count = 2 * confirmations + letters
            for ordinal, patient in enumerate(islice(patients(_SEED), count)):
                desk.intake.open_json(intake_of(patient, f"B-{ordinal}"), Path(folder), origin="bench", actor="bench")
            with daemon(clinic):
                return _measured(clinic, desk, confirmations)


def _measured(clinic: Clinic, desk: Desk, confirmations: int) -> list[Figure]:
    tray = clinic.exchange / OFFICE_FAX.removeprefix("+")
    with desk.store.transaction() as tx:
        referrals = sorted(tx.referrals(limit=10_000), key=lambda referral: referral.id)
        numbers = len(referrals)
    until(lambda: len(list(tray.glob("LB-*.tiff"))) == numbers, every_s=0.5)
    packets = _packets(desk, tray)
    scanned, faxed, written = (
        referrals[:confirmations],
        referrals[confirmations : 2 * confirmations],
        referrals[2 * confirmations :],
    )

    def scan(data: bytes, name: str) -> None:
        half = clinic.scans / f".{name}.part"
        half.write_bytes(data)
        half.rename(clinic.scans / name)

    def fax(data: bytes, _: str) -> None:
        send_fax(clinic.exchange, OFFICE_FAX, CLINIC_FAX, data)

    return [
        _each(desk, "coded confirmation, scan folder", 2.0, scanned, _confirm(packets), scan),
        _each(desk, "coded confirmation, fax line", 2.0, faxed, _confirm(packets), fax),
        _each(desk, "three-page letter without a code, fax line", 10.0, written, _letter, fax),
    ]


def _packets(desk: Desk, tray: Path) -> dict[int, Path]:
    with desk.store.transaction() as tx:
        return {
            row.referral_id: tray / f"{row.carrier_reference}.tiff"
            for referral in tx.referrals(limit=10_000)
            for row in tx.transmissions_of(referral.id)
        }


def _each(
    desk: Desk,
    what: str,
    promised_s: float,
    referrals: list[Referral],
    draw: Callable[[Referral], bytes],
    bring: Callable[[bytes, str], None],
) -> Figure:
    """Seconds from when the last byte was there to when it is filed, or in the queue; one after the other."""
    taken: list[float] = []
    filed = 0
    for referral in referrals:
        data = draw(referral)
        decided = _decided(desk)
        arrived_at = time.perf_counter()
        bring(data, f"{referral.number}.tif")
        until(lambda before=decided: _decided(desk) > before)
        taken.append(time.perf_counter() - arrived_at)
        with desk.store.transaction() as tx:
            filed += bool(tx.filed_on(referral.id))
    beside = f"{filed}/{len(referrals)} filed by itself, the rest to a person"
    return Figure("filing", what, "s", taken, promised_s, beside)


def _decided(desk: Desk) -> int:
    """How many documents were filed or put into the queue so far."""
    with desk.store.transaction() as tx:
        counts = tx.counts()
    return sum(counts.get(f"parts.{state}", 0) for state in ("filed", "review")) + counts.get("arrivals.unreadable", 0)


def _confirm(packets: dict[int, Path]) -> Callable[[Referral], bytes]:
    """The packet's own cover, ticked and dated by a pen, through a scanner and a line."""
    from gateway.demo.office_hand import fax_back, fill_in, pages_of

    def draw(referral: Referral) -> bytes:
        rng = random.Random(_SEED + referral.id)
        deed = Deed(
            Act.TICK,
            0,
            boxes=("received", "appointment_booked"),
            resolution=rng.choice(("fine", "standard")),
            rotation=rng.choice((0, 0, 0, 180)),
            skew=rng.uniform(-2, 2),
        )
        at = datetime.now(UTC).replace(hour=9, minute=30) + timedelta(days=rng.randrange(5, 60))
        page = fill_in(pages_of(packets[referral.id].read_bytes())[0], deed, at, _SEED + referral.id)
        return fax_back([page], deed, _SEED + referral.id)

    return draw


def _letter(referral: Referral) -> bytes:
    from gateway.demo.office_hand import fax_back, pages_of

    rng = random.Random(_SEED + referral.id)
    deed = Deed(Act.NOTE, 0, resolution="fine", skew=rng.uniform(-1.5, 1.5))
    pages = pages_of(three_pages(referral.intake.patient, rng))
    return fax_back(pages, deed, _SEED + referral.id)
