"""Small builders of the house's values: ordinary where a test says nothing."""

from datetime import UTC, date, datetime
from typing import Any

from config.vocabulary import Channel, DocumentKind, ServiceKind
from gateway.domain.arrival import Envelope
from gateway.domain.directory import Recipient
from gateway.domain.evidence import Evidence, PersonClaim
from gateway.domain.referral import Clinician, Intake, Patient

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""A Monday."""
SHA = "ab" * 32


def a_recipient(**changed: Any) -> Recipient:
    """A cardiology office that takes faxes and has an address."""
    said: dict[str, Any] = {
        "name": "Dr. Ada Quist",
        "organization": "Harbor Cardiology",
        "specialty": "cardiology",
        "fax": "+15085550101",
        "email": "front.desk@harbor.example",
    }
    return Recipient(**(said | changed))


def a_patient(**changed: Any) -> Patient:
    """A patient with everything matching looks at."""
    said: dict[str, Any] = {
        "family": "Okafor",
        "given": "Maria",
        "birth_date": date(1961, 4, 23),
        "mrn": "0048213",
        "phone": "+15085550177",
    }
    return Patient(**(said | changed))


def an_intake(**changed: Any) -> Intake:
    """A routine cardiology consult of `a_patient`, for recipient 1 unless told."""
    said: dict[str, Any] = {
        "external_id": "ehr-1",
        "patient": a_patient(),
        "clinician": Clinician("Dr. Lena Marsh", npi="1234567893"),
        "recipient_id": 1,
        "specialty": "cardiology",
        "service": ServiceKind.SPECIALIST_CONSULT,
        "question": "Exertional chest pain, please evaluate",
        "urgency": "routine",
    }
    return Intake(**(said | changed))


def an_envelope(**changed: Any) -> Envelope:
    """A fax from the recipient's own number."""
    said: dict[str, Any] = {
        "source_id": "loopback/1",
        "channel": Channel.FAX,
        "sender": "+15085550101",
        "name": "fax.tif",
    }
    return Envelope(**(said | changed))


def an_evidence(*patients: PersonClaim, **changed: Any) -> Evidence:
    """A consult note by fax that names these patients and nothing else."""
    said: dict[str, Any] = {
        "kind": DocumentKind.CONSULT_NOTE,
        "kind_confidence": 0.95,
        "channel": Channel.FAX,
        "received_at": NOON,
        "patients": patients,
    }
    return Evidence(**(said | changed))
