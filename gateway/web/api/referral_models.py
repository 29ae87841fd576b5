"""Referrals as the API takes and tells them. What is taken is checked by the same form as `referloop referral add`."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from config.policy import Clock
from config.vocabulary import Channel, DocumentKind, ServiceKind
from gateway.domain.event import EventKind
from gateway.domain.referral import Status
from gateway.domain.task import TaskKind
from gateway.domain.transmission import Purpose, TransmissionState
from gateway.web.api.shapes import Day, Sent, Told

Line = Annotated[str, Field(max_length=300)]
Filled = Annotated[str, Field(min_length=1, max_length=300)]


class PatientIn(Sent):
    """Who is referred."""

    family: Filled = Field(description="Family name.", examples=["Okafor"])
    given: Filled = Field(description="Given name.", examples=["Maria"])
    birth_date: Day = Field(description="YYYY-MM-DD.", examples=["1961-04-23"])
    middle: Line = Field(default="", description="Middle name or initial.")
    suffix: Line = Field(default="", description="Jr, III and the like.")
    sex: Literal["F", "M", "X", "U", ""] = Field(default="", description="F, M, X or U.")
    mrn: Line = Field(default="", description="The clinic's record number.", examples=["0012345"])
    phone: Line = Field(default="", description="Any usual way to write it.", examples=["(508) 555-0142"])
    address: Line = Field(default="", description="Postal address, on one line.")
    insurance: Line = Field(default="", description="Payer and member number.")
    language: Line = Field(default="", description="Language the patient speaks best.")
    needs_interpreter: bool = Field(default=False, description="Whether the office should book one.")


class ClinicianIn(Sent):
    """Who refers."""

    name: Filled = Field(description="As signed.", examples=["Helen Marsh MD"])
    npi: Line = Field(default="", description="National provider identifier, ten digits.", examples=["1234567893"])
    phone: Line = Field(default="", description="Where offices call back.")
    email: Line = Field(default="", description="Bare address.")


class RecipientIn(Sent):
    """An office: at least a name and a fax number or an email address."""

    name: Filled = Field(description="As the directory calls it.", examples=["Bayview Cardiology"])
    organization: Line = Field(default="", description="The practice or hospital it belongs to.")
    specialty: Line = Field(default="", description="What it does.", examples=["cardiology"])
    npi: Line = Field(default="", description="National provider identifier.")
    fax: Line = Field(default="", description="Its fax number, without an extension.", examples=["(508) 555-0111"])
    email: Line = Field(default="", description="Its address for referrals.")
    phone: Line = Field(default="", description="Where it is called.")
    address: Line = Field(default="", description="Street and number.")
    city: Line = Field(default="", description="City, state and ZIP code.")
    notes: str = Field(default="", max_length=4000, description="What colleagues should know of it.")
    preferred: Literal["fax", "email"] | None = Field(default=None, description="How packets go; fax if there is one.")
    fallback: Literal["fax", "email"] | None = Field(default=None, description="The way to try when that stays silent.")
    zone: Line = Field(default="", description="IANA time zone; empty: the clinic's.", examples=["America/Chicago"])
    opens: str = Field(default="08:00", max_length=5, description="HH:MM.")
    closes: str = Field(default="17:00", max_length=5, description="HH:MM.")
    agreed: dict[Clock, Annotated[str, Field(max_length=60)]] | None = Field(
        default=None, description='Agreed response times by clock, like {"booked": "5 business days"}.'
    )
    email_security: Literal["tls", "password"] = Field(
        default="tls", description="tls: plain PDF over TLS; password: an encrypted PDF."
    )
    pdf_password: Line = Field(default="", description="Agreed with the office; never told again.")


class ReferralIn(Sent):
    """One referral to open."""

    external_id: Filled = Field(
        description="Your own id of it; the same id twice opens one referral.", examples=["ehr-10017"]
    )
    patient: PatientIn = Field(description="Who is referred.")
    clinician: ClinicianIn = Field(description="Who refers.")
    recipient: Annotated[int, Field(ge=1, le=2**31 - 1)] | Filled | RecipientIn = Field(
        description="The office: its id or its name in the directory, or its details.", examples=["Bayview Cardiology"]
    )
    specialty: Filled = Field(description="What is asked for.", examples=["cardiology"])
    question: str = Field(
        min_length=1,
        max_length=8000,
        description="What the clinic wants to know.",
        examples=["Chest pain on exertion?"],
    )
    service: ServiceKind = Field(default=ServiceKind.SPECIALIST_CONSULT, description="What kind of service.")
    urgency: Filled = Field(default="routine", description="A tier of the policy.", examples=["routine", "urgent"])
    icd10: list[Annotated[str, Field(max_length=10)]] = Field(
        default_factory=list[str], max_length=50, description="ICD-10-CM codes.", examples=[["I25.10"]]
    )
    attachments: list[Annotated[str, Field(max_length=40)]] = Field(
        default_factory=list[str], max_length=50, description="Ids that POST /attachments answered."
    )
    is_draft: bool = Field(default=False, description="Wait for a person to release it.")


class Opened(Told):
    """What became of a referral that was sent in."""

    number: str = Field(description="Its printed number.", examples=["K7QM-2P4X"])
    external_id: str = Field(description="As it was sent in.")
    status: Status = Field(description="Where it stands.")
    is_new: bool = Field(description="False if it was open under this external_id already.")


class Uploaded(Told):
    """A file that waits for its referral."""

    id: str = Field(description="Name it in `attachments`; good for a day.", examples=["k2x0c8w5q1z7m4n6b3v9"])
    name: str = Field(description="As it will be called in the packet.", examples=["ecg.pdf"])
    size_bytes: int = Field(description="How long it is.", examples=[48210])


class ReferralRow(Told):
    """One referral of a list."""

    number: str = Field(description="Its printed number.", examples=["K7QM-2P4X"])
    external_id: str = Field(description="The sender's own id.", examples=["ehr-10017"])
    origin: str = Field(description="How it came in.", examples=["http"])
    version: int = Field(description="Counts its changes; also its ETag.", examples=[4])
    status: Status = Field(description="Where it stands.")
    status_since: datetime = Field(description="Since when.")
    created_at: datetime = Field(description="When it was opened.")
    patient_family: str = Field(description="Family name.", examples=["Okafor"])
    patient_given: str = Field(description="Given name.", examples=["Maria"])
    patient_birth_date: date = Field(description="Birth date.")
    recipient_id: int = Field(description="The office in the directory.")
    recipient: str = Field(description="Its name.", examples=["Bayview Cardiology"])
    specialty: str = Field(description="What is asked for.")
    urgency: str = Field(description="A tier of the policy.")
    waits_for: Clock | None = Field(description="What is waited for; null where staff must act.")
    due_at: datetime | None = Field(description="When it is chased next.")
    paused_until: datetime | None = Field(description="Not chased before.")
    escalated_at: datetime | None = Field(description="When the referring clinician was to be told.")
    requests_sent: int = Field(description="How many packets asked the office.")
    appointment_at: datetime | None = Field(description="When the patient is seen.")
    owner: str = Field(description="The account that looks after it; empty: nobody's.")


class Packet(Told):
    """One packet as it was sent, and what proves its delivery."""

    ordinal: int = Field(description="Counts within the referral, and is printed in the code.")
    purpose: Purpose = Field(description="Why it was sent.")
    channel: Channel = Field(description="Which way.")
    destination: str = Field(description="Number or address.", examples=["+15085550111"])
    state: TransmissionState = Field(description="How far it is; uncertain is never sent again by itself.")
    requested_by: str = Field(description="Who asked for it.")
    created_at: datetime = Field(description="When it was asked for.")
    submitted_at: datetime | None = Field(description="When the carrier took it.")
    ended_at: datetime | None = Field(description="When it was over.")
    pages: int = Field(description="Its pages.")
    pages_confirmed: int = Field(description="Pages that the other end confirmed.")
    carrier: str = Field(description="Who carried it.")
    carrier_reference: str = Field(description="The carrier's own id of it.")
    attempts: int = Field(description="Times it was handed to the carrier.")
    cause: str = Field(description="Why it failed, if it did.")
    is_simulated: bool = Field(description="It went to a simulated line: nothing left the clinic.")


class Filed(Told):
    """One document filed on the referral."""

    item: int = Field(description="Its id: GET /documents/{item}.")
    kind: DocumentKind = Field(description="What it is.")
    pages: int = Field(description="Its pages.")
    filed_by: str = Field(description="Who filed it; system where nobody had to.")
    filed_at: datetime | None = Field(description="When.")


class Happened(Told):
    """One event of the history, which is never changed."""

    at: datetime = Field(description="When.")
    kind: EventKind = Field(description="What.")
    actor: str = Field(description="By whom.")
    detail: dict[str, Any] = Field(description="Further values by name.")


class TaskOut(Told):
    """One thing a person must do."""

    id: int = Field(description="Counts up.")
    referral: str = Field(description="Printed number of the referral it is about.", examples=["K7QM-2P4X"])
    kind: TaskKind = Field(description="Why a person is asked.")
    text: str = Field(description="What to do.")
    created_at: datetime = Field(description="Since when.")
    due_at: datetime | None = Field(description="Until when, if that is said.")
    put_off_until: datetime | None = Field(description="Off the work list until then.")
    done_at: datetime | None = Field(description="When it was done.")
    done_by: str = Field(description="By whom.")


class EnclosureOut(Told):
    """One file that goes with every packet."""

    id: str = Field(description="Taking it off asks for this.", examples=["9f86d081884c7d65"])
    name: str = Field(description="As it came.", examples=["ecg.pdf"])
    title: str = Field(description="As the packet calls it: which item of the checklist it is, or its name.")
    media_type: str = Field(description="What it is.")


class ReferralOut(ReferralRow):
    """One referral with everything that happened to it."""

    question: str = Field(description="What the clinic wants to know.")
    service: ServiceKind = Field(description="What kind of service.")
    icd10: list[str] = Field(description="Diagnoses.")
    clinician: str = Field(description="Who refers.")
    patient_mrn: str = Field(description="The clinic's record number.")
    patient_phone: str = Field(description="E.164.")
    patient_language: str = Field(description="What the patient speaks best.")
    needs_interpreter: bool = Field(description="Whether the office should book one.")
    attachments: list[str] = Field(description="Names of the files that go with it.")
    enclosures: list[EnclosureOut] = Field(description="The same files, each with its id.")
    may_become: list[Status] = Field(description="Where it may go from here.")
    tasks: list[TaskOut] = Field(description="What is open on it.")
    packets: list[Packet] = Field(description="What was sent.")
    documents: list[Filed] = Field(description="What came back.")
    timeline: list[Happened] = Field(description="Every event.")
