"""Invented referrals of every kind, for trying the form and for measuring the reader. No patient is real."""

import random
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from config.checklists import load_checklists, missing_and_present
from config.form import geometry, load_form
from config.reference import SAMPLE_KEY, format_number, mint_number
from config.vocabulary import ServiceKind
from outbound.content import Addressee, ChecklistItem, PacketContent, Sender, Subject
from outbound.packet import draw_pdf

_FAMILIES = [
    "Smith",
    "Nguyễn",
    "O'Brien",
    "Castellanos-Rivera",
    "Kowalczyk",
    "Abdullahi",
    "Papadopoulos",
    "Fitzgerald-Montgomery",
    "Łukaszewicz",
    "Müller",
    "García-Márquez",
    "Wu",
    "Oyelaran-Adebayo",
    "Johansson",
    "D'Angelo",
    "Whitfield",
    "Jefferson",
    "Hernández",
    "Kaur",
    "Yazzie",
    "Tran",
    "Schreiber",
    "McAllister",
    "Ferreira",
    "Haddad",
    "Petrović",
    "Nakamura",
    "Okonkwo",
    "Dubois",
    "Østergaard",
]
_GIVENS = [
    "Kathleen",
    "Minh",
    "John",
    "Luis",
    "Łukasz",
    "Fatima",
    "Nikos",
    "Anne-Marie",
    "Zoë",
    "Jürgen",
    "María-José",
    "Wei",
    "Oluwaseun",
    "Björn",
    "Gina",
    "Dorothy",
    "Tamika",
    "Sofía",
    "Harpreet",
    "Shania",
    "Linh",
    "Hannah",
    "Duncan",
    "Beatriz",
    "Omar",
    "Milica",
    "Kenji",
    "Chidi",
    "Élodie",
    "Søren",
]
_CLINICS = (
    ("Maple Street Family Medicine", "12 Maple Street, Worcester, MA 01608"),
    ("Riverbend Community Health Center of Greater Springfield", "4801 North Riverbend Parkway, Springfield, IL 62707"),
    ("Dr. A. Patel, Internal Medicine", "9 High St, Erie, PA 16501"),
    ("Desert Sage Primary Care", "77 W. Mesa Rd., Suite 300, Tucson, AZ 85701"),
)
_OFFICES = (
    "Bayview Cardiology",
    "Northern Plains Orthopedic and Sports Medicine Associates, PLLC",
    "Lakeside Neurology",
    "Hillside Dermatology",
    "Summit Endocrine",
    "St. Brigid Hospital Outpatient Procedures",
)
_QUESTIONS = (
    "Exertional chest tightness for three weeks. Please evaluate for coronary disease.",
    "Changing pigmented lesion on the left calf, 9 mm.",
    "New resting tremor and slowed gait over six months. Parkinson disease? Please advise on treatment and driving.",
    "Screening colonoscopy, positive FIT.",
)


def sample_content(seed: int) -> PacketContent:
    """An invented referral; the same seed gives the same one."""
    rng = random.Random(seed)  # noqa: S311 - invented people, no secret
    clinic, address = rng.choice(_CLINICS)
    built = datetime(2026, 1, 5, 14, 30, tzinfo=UTC) + timedelta(hours=rng.randrange(24 * 400))
    specialty = rng.choice(["cardiology", "dermatology", "neurology", "orthopedics", "endocrinology", "pulmonology"])
    urgency, days = rng.choice([("emergent", 1), ("urgent", 2), ("routine", 7)])
    family, given = rng.choice(_FAMILIES), rng.choice(_GIVENS)
    checklist = missing_and_present(load_checklists(), specialty, ["labs.pdf", "visit note.pdf"][: rng.randrange(3)])
    return PacketContent(
        sender=Sender(
            name=clinic,
            address=address,
            phone=f"+1508555{rng.randrange(10000):04d}",
            fax=f"+1508555{rng.randrange(10000):04d}",
            reply_address=f"referrals@{clinic.split()[0].lower().strip('.')}.example",
            zone="America/New_York",
        ),
        addressee=Addressee(rng.choice(_OFFICES), f"+1617555{rng.randrange(10000):04d}"),
        subject=Subject(
            family=family,
            given=given,
            birth_date=date(1928, 1, 1) + timedelta(days=rng.randrange(365 * 95)),
            sex=rng.choice("FM"),
            mrn=str(rng.randrange(10000, 9999999)),
            phone=f"+1508555{rng.randrange(10000):04d}",
        ),
        number=mint_number(rng.randrange(32) for _ in range(7)),
        transmission=rng.randint(1, 3),
        code_key=SAMPLE_KEY,
        clinician=rng.choice(["Helen Marsh MD", "Kwame Boateng DO", "Priya Raman NP"]),
        clinician_npi="1245319599",
        clinician_phone="+15085550101",
        specialty=specialty,
        service=rng.choice([ServiceKind.SPECIALIST_CONSULT, ServiceKind.PROCEDURE]).value.replace("_", " "),
        question=rng.choice(_QUESTIONS),
        urgency=urgency,
        respond_by=built + timedelta(days=days),
        built_at=built,
        icd10=("R07.89",),
        checklist=tuple(ChecklistItem(label, is_enclosed) for label, is_enclosed in checklist),
        is_second_request=rng.random() < 0.25,
    )


def write_cover_sample(seed: int, path: Path) -> dict[str, Any]:
    """Write page 1 of a sample packet as PDF; returns the referral and the form as `cover --json` prints them."""
    import io

    import pikepdf

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
        "clinic": content.sender.name,
        "specialty": content.specialty,
        "service": content.service,
        "urgency": content.urgency,
        "sent_at": content.built_at.isoformat(),
        "respond_by": content.respond_by.isoformat(),
        "is_second_request": content.is_second_request,
    }
