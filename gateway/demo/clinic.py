"""The demo's clinic folder: settings, key, directory and the referrals dropped into its drop folder."""

import io
import json
from collections.abc import Mapping, MutableMapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import tomlkit

from config.template import write_clinic_folder
from gateway.demo.cast import CASES, CLINIC_ADDRESS, CLINIC_FAX, CLINIC_NAME, Case
from gateway.demo.offices import OFFICES, Office
from gateway.desk import Desk
from gateway.domain.person import Role
from gateway.services.access.accounts import By
from gateway.services.recipient_form import parse_recipient_json

PASSWORD = "maple-street-demo"  # noqa: S105 - of mailboxes and pages that live as long as the demo, on loopback
PERSON = "demo"
"""Who logs in to the web page, with that password."""


@dataclass(frozen=True, slots=True)
class MailPorts:
    """Where the demo's post office listens."""

    smtp: int
    imap: int
    ca_file: Path


def write_clinic(folder: Path, mail: MailPorts) -> Path:
    """The clinic's folder as `referloop init` makes it, then told of the demo's lines. Returns its referloop.toml."""
    write_clinic_folder(folder)
    config = folder / "referloop.toml"
    policy = folder / "policy.toml"
    policy.write_text(files("gateway.demo").joinpath("policy.toml").read_text(encoding="utf-8"), encoding="utf-8")
    changes: dict[str, dict[str, object]] = {
        "clinic": {
            "name": CLINIC_NAME,
            "address": "12 Maple Street, Worcester, MA 01608",
            "phone": "+15085550101",
            "fax_number": CLINIC_FAX,
            "reply_address": CLINIC_ADDRESS,
            "always_open": True,
        },
        "storage": {"data_dir": str(folder / "data")},
        "fax": {"carrier": "loopback", "loopback_exchange": str(folder.parent / "exchange"), "poll_seconds": 1},
        "mail": {
            "enabled": True,
            "from_address": CLINIC_ADDRESS,
            "from_name": CLINIC_NAME,
            "smtp": _server(mail.smtp, "starttls", mail),
            "imap": _server(mail.imap, "tls", mail),
        },
        "followup": {"policy_file": str(policy)},
        "loop": {"send_seconds": 1, "chase_seconds": 1, "poll_seconds": 1, "sweep_seconds": 2},
        "web": {"port": 0},
    }
    document = tomlkit.parse(config.read_text(encoding="utf-8"))
    _merge(document, changes)
    config.write_text(tomlkit.dumps(document), encoding="utf-8")
    return config


def _server(port: int, security: str, mail: MailPorts) -> dict[str, object]:
    return {
        "host": "localhost",
        "port": port,
        "security": security,
        "username": CLINIC_ADDRESS,
        "password": PASSWORD,
        "ca_file": str(mail.ca_file),
    }


def _merge(table: MutableMapping[str, Any], changes: Mapping[str, Any]) -> None:
    for key, value in changes.items():
        if isinstance(value, dict):
            _merge(table.setdefault(key, {}), value)
        else:
            table[key] = value


def fill_directory(desk: Desk) -> None:
    """The offices of the story, through the same form as `referloop directory add`."""
    for office in OFFICES:
        desk.intake.save_recipient(parse_recipient_json(json.dumps(_entry(office)).encode()), "demo")


def add_person(desk: Desk) -> None:
    """An administrator of the web page; in a folder where the demo played before, the same one."""
    if desk.access.accounts.nobody_yet():
        desk.access.accounts.add(PERSON, Role.ADMINISTRATOR, PASSWORD, By("demo"), must_change=False)


def _entry(office: Office) -> dict[str, object]:
    entry = {
        "name": office.name,
        "specialty": office.specialty,
        "fax": office.fax,
        "email": office.email,
        "phone": office.phone,
        "preferred": office.preferred,
        "fallback": office.fallback or None,
    }
    return {key: value for key, value in entry.items() if value}


def drop_referrals(folder: Path) -> int:
    """Put every case into the drop folder as an EHR would: attachments first, then the JSON. Returns how many."""
    for case in CASES:
        for name in case.attachments:
            (folder / f"{case.external_id}-{name}").write_bytes(_attachment(case, name))
        half = folder / f".{case.external_id}.json.part"
        half.write_text(json.dumps(_intake(case), ensure_ascii=False), encoding="utf-8")
        half.rename(folder / f"{case.external_id}.json")
    return len(CASES)


def _intake(case: Case) -> dict[str, object]:
    told = asdict(case)
    patient = ("family", "given", "birth_date", "sex", "mrn", "phone")
    office = next(office for office in OFFICES if office.slug == case.office)
    return {
        "external_id": case.external_id,
        "patient": {name: told[name] for name in patient},
        "clinician": {"name": "Helen Marsh MD", "npi": "1245319599", "phone": "+15085550101"},
        "recipient": office.name,
        "specialty": case.specialty,
        "service": case.service,
        "question": case.question,
        "icd10": list(case.icd10),
        "urgency": case.urgency,
        "attachments": [f"{case.external_id}-{name}" for name in case.attachments],
    }


def _attachment(case: Case, name: str) -> bytes:
    """A one-page enclosure about the case's patient."""
    from PIL import Image, ImageDraw
    from reportlab.lib.pagesizes import letter
    from reportlab.pdfgen.canvas import Canvas

    title = {"ecg.pdf": "12-lead ECG", "labs.pdf": "Laboratory results", "mri.png": "MRI right knee"}[name]
    who = f"{case.mrn}  {case.birth_date}"
    out = io.BytesIO()
    if name.endswith(".png"):
        image = Image.effect_noise((900, 1100), 60)
        ImageDraw.Draw(image).text((40, 40), f"{title}  {who}", fill=255, font_size=36)
        image.save(out, format="PNG")
    else:
        canvas = Canvas(out, pagesize=letter, invariant=True)
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawString(72, 700, title)
        canvas.setFont("Helvetica", 12)
        for line, text in enumerate((who, "Reviewed by Helen Marsh MD", "See question on the referral letter.")):
            canvas.drawString(72, 670 - 18 * line, text)
        canvas.save()
    return out.getvalue()
