"""A clinic to measure: default settings, the simulated line, and the real daemon as a process."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import tomlkit

from config.load import load_settings
from config.template import write_clinic_folder
from gateway.desk import Desk, open_desk
from gateway.services.recipient_form import parse_recipient_json

CLINIC_FAX, OFFICE_FAX = "+15085550100", "+15085550111"
OFFICE = "Bayview Cardiology"
_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Clinic:
    """Where it lies."""

    config: Path
    exchange: Path
    scans: Path


def make_clinic(folder: Path) -> Clinic:
    """As `referloop init` makes it; only the line, the port and the clinic's name are set."""
    config = write_clinic_folder(folder)[0]
    document = tomlkit.parse(config.read_text(encoding="utf-8"))
    document["clinic"].update({"name": "Maple Street Family Medicine", "fax_number": CLINIC_FAX, "always_open": True})
    document["fax"].update({"carrier": "loopback", "loopback_exchange": str(folder / "exchange")})
    document["web"].update({"port": 0})
    config.write_text(tomlkit.dumps(document), encoding="utf-8")
    return Clinic(config, folder / "exchange", load_settings(config).inbox.scan_dir)


@contextmanager
def at_desk(clinic: Clinic) -> Generator[Desk]:
    """The clinic's store and use cases, beside the daemon's."""
    with open_desk(load_settings(clinic.config)) as desk:
        yield desk


@contextmanager
def daemon(clinic: Clinic) -> Generator[tuple[subprocess.Popen[bytes], float]]:
    """`referloop serve`; yields the process and the seconds from its start to its first healthy answer."""
    told = load_settings(clinic.config).storage.data_dir / "web-address"
    told.unlink(missing_ok=True)
    started_at = time.perf_counter()
    with (clinic.config.parent / "daemon.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway.cli", "serve", "-c", str(clinic.config)], stderr=log, stdout=log
        )
    try:
        until(lambda: told.exists() and told.read_text().endswith("\n"), every_s=0.005)
        assert httpx.get(told.read_text().strip() + "healthz").status_code == 200
        yield process, time.perf_counter() - started_at
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)


def until(is_true: Callable[[], bool], every_s: float = 0.02) -> None:
    """Wait until it is true. Raises TimeoutError."""
    deadline = time.monotonic() + _PATIENCE_S
    while not is_true():
        if time.monotonic() > deadline:
            raise TimeoutError("what is measured did not happen; see daemon.log in the clinic's folder")
        time.sleep(every_s)


def add_office(desk: Desk) -> None:
    """The one office that answers."""
    entry = {"name": OFFICE, "specialty": "cardiology", "fax": OFFICE_FAX, "phone": "+15085550211"}
    desk.intake.save_recipient(parse_recipient_json(json.dumps(entry).encode()), "bench")


def intake_of(patient: dict[str, str], external_id: str) -> bytes:
    """A referral as an EHR would write it."""
    return json.dumps(
        {
            "external_id": external_id,
            "patient": patient,
            "clinician": {"name": "Helen Marsh MD", "npi": "1245319599", "phone": "+15085550101"},
            "recipient": OFFICE,
            "specialty": "cardiology",
            "service": "specialist_consult",
            "question": "Exertional chest tightness for three weeks. Please evaluate.",
            "icd10": ["R07.89"],
            "urgency": "routine",
        }
    ).encode()
