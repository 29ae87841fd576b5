"""Invented referrals of every kind, for trying the form and for measuring the reader. No patient is real."""

import io
import random
import tomllib
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pikepdf

from config.checklists import load_checklists, missing_and_present
from config.form import geometry, load_form
from config.reference import SAMPLE_KEY, format_number, mint_number
from outbound.content import Addressee, ChecklistItem, PacketContent, Sender, Subject
from outbound.packet import draw_pdf

_DAYS_TO_ANSWER = {"emergent": 1, "urgent": 2, "routine": 7}
_IDENTITIES = ("initials", "initials", "initials", "full", "none")


def sample_content(seed: int) -> PacketContent:
    """An invented referral; the same seed gives the same one."""
    rng, cast = random.Random(seed), _cast()  # noqa: S311 - invented people, no secret
    case, urgency = rng.choice(cast["cases"]), rng.choice(list(_DAYS_TO_ANSWER))
    built = datetime(2026, 1, 5, 13, 0, tzinfo=UTC) + timedelta(days=rng.randrange(400), minutes=rng.randrange(540))
    names = ["labs.pdf", "visit note.pdf", "MRI report.pdf", "medication list.pdf"][: rng.randrange(5)]
    checklist = missing_and_present(load_checklists(), case["specialty"], names)
    clinician = rng.choice(cast["clinicians"])
    return PacketContent(
        sender=_sender(rng, rng.choice(cast["clinics"])),
        addressee=Addressee(rng.choice(case["offices"]), _phone(rng, "617")),
        subject=_subject(rng, cast),
        number=mint_number(rng.randrange(32) for _ in range(7)),
        transmission=rng.choice((1, 1, 1, 2, 2, 3, 12)),
        code_key=SAMPLE_KEY,
        clinician=clinician["name"],
        clinician_npi=clinician["npi"],
        clinician_phone=_phone(rng, "508"),
        specialty=case["specialty"],
        service=case["service"],
        question=case["question"],
        urgency=urgency,
        respond_by=built + timedelta(days=_DAYS_TO_ANSWER[urgency]),
        built_at=built,
        icd10=tuple(case["icd10"]),
        checklist=tuple(ChecklistItem(label, is_enclosed) for label, is_enclosed in checklist),
        identity=rng.choice(_IDENTITIES),
        is_second_request=rng.random() < 0.25,
    )


@cache
def _cast() -> dict[str, Any]:
    """The people, clinics and cases that samples are drawn from."""
    return tomllib.loads(files("outbound").joinpath("sample_cast.toml").read_text(encoding="utf-8"))


def _sender(rng: random.Random, clinic: dict[str, str]) -> Sender:
    return Sender(
        name=clinic["name"],
        address=clinic["address"],
        phone=_phone(rng, "508"),
        fax=_phone(rng, "508"),
        reply_address=clinic["mail"],
        zone=clinic["zone"],
    )


def _subject(rng: random.Random, cast: dict[str, Any]) -> Subject:
    sex = rng.choice("FM")
    given = rng.choice(cast["given"][sex])
    return Subject(
        family=rng.choice(cast["families"]),
        given=given,
        middle=rng.choice(("", "", "", *cast["given"][sex])),
        suffix=rng.choice(("", "", "", "", "Jr", "III")) if sex == "M" else "",
        birth_date=date(1928, 1, 1) + timedelta(days=rng.randrange(365 * 97)),
        sex=sex,
        mrn=str(rng.randrange(10_000, 9_999_999)),
        phone=_phone(rng, "508"),
        address=rng.choice(cast["addresses"]),
        insurance=rng.choice(cast["insurances"]),
        language=rng.choice(("English", "English", "Spanish", "Vietnamese", "Portuguese", "Haitian Creole")),
    )


def _phone(rng: random.Random, area: str) -> str:
    return f"+1{area}5550{rng.randrange(1000):03d}"


def write_cover_sample(seed: int, path: Path) -> dict[str, Any]:
    """Write page 1 of a sample packet as PDF; returns the referral and the form as `cover --json` prints them."""
    content = sample_content(seed)
    pdf, pages = draw_pdf(content)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        del document.pages[1:]
        document.save(path, deterministic_id=True)
    return {"referral": _told(content, pages), "form": geometry(load_form())}


def _told(content: PacketContent, pages: int) -> dict[str, Any]:
    subject = asdict(content.subject) | {"birth_date": content.subject.birth_date.isoformat()}
    return {
        "number": content.number,
        "printed_number": format_number(content.number),
        "transmission": content.transmission,
        "pages": pages,
        "patient": {key: value for key, value in subject.items() if value},
        "recipient": content.addressee.name,
        "recipient_fax": content.addressee.destination,
        "clinic": content.sender.name,
        "clinic_fax": content.sender.fax,
        "reply_address": content.sender.reply_address,
        "clinician": content.clinician,
        "specialty": content.specialty,
        "service": content.service,
        "question": content.question,
        "icd10": list(content.icd10),
        "urgency": content.urgency,
        "sent_at": content.built_at.isoformat(),
        "respond_by": content.respond_by.isoformat(),
        "is_second_request": content.is_second_request,
        "identity_shown": content.identity,
    }
