"""Drafts of new referrals as the API takes and tells them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from config.vocabulary import Channel, ServiceKind
from gateway.web.api.shapes import Sent, Told

FieldName = Literal[
    "patient.family", "patient.given", "patient.birth_date", "patient.middle", "patient.suffix", "patient.sex",
    "patient.mrn", "patient.phone", "patient.address", "patient.insurance", "patient.language",
    "patient.needs_interpreter", "clinician.name", "clinician.npi", "clinician.phone", "clinician.email",
    "recipient", "specialty", "service", "question", "urgency", "icd10", "channel",
]  # fmt: skip
FileId = Annotated[int, Field(ge=1, le=2**31 - 1)]


class DraftIn(Sent):
    """What a draft says, whole or not; it is checked when it is sent."""

    fields: dict[FieldName, Annotated[str, Field(max_length=20_000)]] = Field(
        description="As typed into the form, all of them: what is left out is empty. `recipient` is the office's id, "
        "`icd10` codes with spaces between.",
        examples=[{"patient.family": "Okafor", "specialty": "cardiology", "recipient": "3"}],
    )
    files: list[FileId] | None = Field(
        default=None,
        max_length=50,
        description="Its files in their order; those left out are taken off. Null: as it was.",
    )
    labels: dict[FileId, Annotated[str, Field(max_length=200)]] = Field(
        default_factory=dict[int, str],
        description="What each file is, by its id.",
        examples=[{"4": "ECG"}],
        json_schema_extra={"propertyNames": {"pattern": "^[1-9][0-9]{0,8}$"}},
    )


class ClinicianOut(Told):
    """One who referred lately."""

    name: str = Field(description="As signed.", examples=["Helen Marsh MD"])
    npi: str = Field(description="National provider identifier.")
    phone: str = Field(description="E.164.")
    email: str = Field(description="Bare address.")


class ChoicesOut(Told):
    """What the form offers to choose from."""

    urgencies: list[str] = Field(description="The policy's tiers, the strictest first.", examples=[["urgent"]])
    specialties: list[str] = Field(description="Those with a checklist; any other may be typed.")
    services: list[ServiceKind] = Field(description="Kinds of service.")
    clinicians: list[ClinicianOut] = Field(description="Who referred lately, the latest first.")


class NewDraft(Sent):
    """A draft to begin."""

    fields: dict[FieldName, Annotated[str, Field(max_length=20_000)]] = Field(
        description="As typed into the form, whole or not.",
        examples=[{"patient.family": "Okafor", "specialty": "cardiology"}],
    )


class DraftFile(Told):
    """An attachment."""

    id: int = Field(description="Its id.")
    name: str = Field(description="As it was called.", examples=["ecg.pdf"])
    media_type: str = Field(description="Told by its bytes.")
    size_bytes: int = Field(description="How long it is.")
    pages: int = Field(description="How many; 0: not counted.")
    label: str = Field(description="What it is; an item of the checklist where there is one.")


class DraftRow(Told):
    """One draft of the list."""

    id: int = Field(description="Its id.", examples=[12])
    number: str = Field(description="The number its referral will have.", examples=["K7QM-2P4X"])
    patient_family: str = Field(description="As typed.")
    patient_given: str = Field(description="As typed.")
    specialty: str = Field(description="As typed.")
    files: int = Field(description="How many.")
    saved_by: str = Field(description="Who wrote on it last.")
    saved_at: datetime | None = Field(description="When.")


class ChecklistItem(Told):
    """Something the specialty wants to see."""

    label: str = Field(description="What.", examples=["ECG"])
    is_there: bool = Field(description="Whether a file is called so.")


class CautionOut(Told):
    """One thing to know before sending."""

    text: str = Field(description="What.")
    number: str = Field(description="A referral to look at.")
    draft: int = Field(description="Another draft to look at; 0: none.")
    is_stern: bool = Field(description="The packet would not arrive, or be the second for the same thing.")


class WayOut(Told):
    """One way to the office."""

    channel: Channel = Field(description="fax or email.")
    destination: str = Field(description="Number or address.")
    is_chosen: bool = Field(description="Whether it goes this way.")


class DraftOut(DraftRow):
    """One draft with what follows from it."""

    fields: dict[str, str] = Field(description="As typed.")
    attachments: list[DraftFile] = Field(description="In the order of the packet.")
    missing: list[str] = Field(description="What is still to be filled in, in words.")
    wrong: dict[str, str] = Field(description="What the checks say, by field.")
    checklist: list[ChecklistItem] = Field(description="What the specialty wants.")
    cautions: list[CautionOut] = Field(description="To know before sending.")
    ways: list[WayOut] = Field(description="How the office can be reached.")
    is_open: bool = Field(description="False: sent, or thrown away.")
    referral: str = Field(description="The referral it became; empty until it is sent.")


class PreviewOut(Told):
    """The packet as it would be sent now."""

    channel: Channel = Field(description="Which way.")
    destination: str = Field(description="Number or address.")
    pages: list[str] = Field(description="Paths of its pages as PNG, the very dots of a fax; good for a while.")
    seconds: float = Field(description="How long a fax keeps the line, estimated; 0 by mail.")
    is_tested_first: bool = Field(description="A page without patient data goes first, to see who answers.")
