"""Documents of the queue as the API takes and tells them."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from config.vocabulary import AnswerId, Channel, DocumentKind
from gateway.domain.arrival import ArrivalState, PartState
from gateway.domain.referral import Status
from gateway.web.api.shapes import Sent, Time, Told, Words
from parsers.reading import Origin, Role

Printed = Annotated[str, Field(min_length=1, max_length=40, examples=["K7QM-2P4X"])]
ItemId = Annotated[int, Field(ge=-(2**31) + 1, le=2**31 - 1)]


class Filing(Sent):
    """Where a document belongs, and what it means where the machine misread it."""

    referrals: list[Printed] = Field(
        min_length=1, max_length=20, description="Printed numbers of the referrals it answers."
    )
    kind: DocumentKind | None = Field(default=None, description="What it is, if it was read as something else.")
    appointment_at: Time | None = Field(default=None, description="When the patient is seen, if it was read wrongly.")
    has_no_appointment: bool = Field(default=False, description="It says of no appointment, whatever was read.")
    ticked: list[AnswerId] | None = Field(default=None, description="All boxes that are ticked, if read wrongly.")


class Discarding(Sent):
    """Why a document is none of ours."""

    reason: Words = Field(description="Unrelated, and how.", examples=["advertisement"])
    blocks_sender: bool = Field(default=False, description="What comes from there goes to the trash from now on.")


class Keeping(Sent):
    """Why a document stays, though it answers no referral."""

    reason: Words = Field(default="new referral to us", description="What it is.")


class Splitting(Sent):
    """Where to cut."""

    after: int = Field(ge=1, le=10_000, description="How many pages the first document keeps.")


class Joining(Sent):
    """What to join with."""

    other: ItemId = Field(description="Another document of the same file.")


class TurnedPage(Sent):
    """One page of a new arrangement."""

    index: int = Field(ge=0, le=100_000, description="Its place in the file, from 0.")
    degrees: Literal[0, 90, 180, 270] = Field(default=0, description="Clockwise, from how it stands.")


class Arranging(Sent):
    """The pages a document keeps, in their order."""

    pages: list[TurnedPage] = Field(min_length=1, max_length=2000, description="What is left out here is left out.")


class Handing(Sent):
    """Whose it is."""

    person: Annotated[str, Field(max_length=60)] = Field(
        description="A person's name; empty for nobody's.", examples=["Maria Gomez"]
    )


class Labelling(Sent):
    """A short label."""

    label: Annotated[str, Field(max_length=40)] = Field(description="Empty takes it off.", examples=["call first"])


class Noting(Sent):
    """A note."""

    text: Words = Field(description="What the next one should know.")


class Sought(Sent):
    """Which documents to look for."""

    words: Words = Field(description="Each begins a word that was read.", examples=["okafor echocard"])
    states: list[Literal["waiting", "filed", "kept", "discarded"]] = Field(
        default_factory=lambda: ["waiting"], min_length=1, description="`waiting` stands alone, the others together."
    )
    limit: int = Field(default=50, ge=1, le=200, description="How many at most.")
    cursor: str | None = Field(
        default=None, max_length=200, pattern=r"^[A-Za-z0-9_-]+$", description="`next` of the page before."
    )


class NamedReferral(Told):
    """A referral named beside a document."""

    number: str = Field(description="Printed number.", examples=["K7QM-2P4X"])
    family: str = Field(description="The patient's family name.")
    given: str = Field(description="The patient's given name.")


class DocumentRow(Told):
    """One document of a list."""

    item: int = Field(description="Its id; below zero for what could not be read.", examples=[17])
    arrival: int = Field(description="The file it came in.")
    state: PartState | Literal["unreadable"] = Field(description="review: it waits for a person.")
    kind: DocumentKind | None = Field(description="What it was read as; null if nothing could be read.")
    channel: Channel = Field(description="How it came.")
    sender: str = Field(description="Number or address, as the source claims it.")
    pages: int = Field(description="How many.")
    received_at: datetime = Field(description="When it came.")
    reason: str = Field(description="Why it waits, or why it was taken off.")
    settled_by: str = Field(default="", description="Who settled it.")
    settled_at: datetime | None = Field(default=None, description="When.")
    best_guess: NamedReferral | None = Field(default=None, description="The likeliest referral.")
    contradictions: list[str] = Field(default_factory=list[str], description="What speaks against the best guess.")
    assigned_to: str = Field(default="", description="Whose it is.")
    label: str = Field(default="", description="A short label.")
    held_by: str = Field(default="", description="Who has it open now.")
    filed_on: list[NamedReferral] = Field(default_factory=list[NamedReferral], description="If it is filed.")


class CandidateOut(Told):
    """A referral that may be meant, with the evidence."""

    referral: NamedReferral = Field(description="Which.")
    birth_date: date = Field(description="The patient's.")
    status: Status = Field(description="Where it stands.")
    likely: float = Field(description="0 to 1.", examples=[0.93])
    findings: list[str] = Field(description="What speaks for it.")
    against: list[str] = Field(description="What speaks against it.")


class Spot(Told):
    """A place on an upright page, as fractions of it from the top left."""

    page: int = Field(description="Index in the file.")
    x: float = Field(description="Left.")
    y: float = Field(description="Top.")
    w: float = Field(description="Width.")
    h: float = Field(description="Height.")
    image: str = Field(
        description="Path of its cut-out, with a little around it.",
        examples=["/api/v1/documents/17/pages/0/cut-outs/112-310-402-352"],
    )


class FieldOut(Told):
    """One value read."""

    name: str = Field(description="What it is.", examples=["comb_date"])
    value: str = Field(description="What was read; _ for a digit that was not.")
    confidence: float = Field(description="0 to 1; below 0.9 look yourself.")
    origin: Origin = Field(description="Where it was read from.")
    spot: Spot | None = Field(description="Where it stands.")


class BoxOut(Told):
    """One tick box of the form."""

    box: AnswerId = Field(description="Which.")
    is_ticked: bool = Field(description="As read.")
    confidence: float = Field(description="0 to 1; below 0.9 look yourself.")
    spot: Spot | None = Field(description="Where it stands.")


class PersonOut(Told):
    """A person the document names."""

    role: Role = Field(description="Who they are in it.")
    family: str = Field(description="Family name.")
    given: str = Field(description="Given name.")
    birth_date: date | None = Field(description="Birth date.")
    mrn: str = Field(description="Record number.")
    phone: str = Field(description="Phone.")
    npi: str = Field(description="National provider identifier.")


class PageOut(Told):
    """One page."""

    index: int = Field(description="Its place in the file, from 0.")
    image: str = Field(description="Path of its picture.")
    text: str = Field(description="What was read of it.")
    degrees: int = Field(description="How far it was turned to stand upright.")
    problem: str = Field(description="Why it could not be read, if so.")


class NoteOut(Told):
    """What somebody wrote on it."""

    at: datetime = Field(description="When.")
    author: str = Field(description="Who.")
    text: str = Field(description="What.")


class DocumentOut(DocumentRow):
    """One document with everything that settles it."""

    name: str = Field(description="Of the file, as it came.")
    media_type: str = Field(description="Of the file.")
    candidates: list[CandidateOut] = Field(description="The likeliest first.")
    fields: list[FieldOut] = Field(description="Values read.")
    boxes: list[BoxOut] = Field(description="Boxes of the form.")
    people: list[PersonOut] = Field(description="Whom it names.")
    appointment_local: datetime | None = Field(
        description="As on paper: local to whoever wrote it, without a zone.", examples=["2026-12-08T10:30:00"]
    )
    appointment_confidence: float = Field(description="0 to 1.")
    numbers: list[str] = Field(description="Referral numbers printed on it.")
    is_code_verified: bool | None = Field(description="Whether its printed code is ours; null without one.")
    doubts: list[str] = Field(description="Why a person must look.")
    text: str = Field(description="All that was read.")
    page_list: list[PageOut] = Field(description="Its pages in their order.")
    notes: list[NoteOut] = Field(description="The oldest first.")
    siblings: list[int] = Field(description="Other documents of the same file.")
    is_purged: bool = Field(description="The bytes are gone for good.")
    is_quarantined: bool = Field(description="A virus was found: neither opened nor handed over, only discarded.")
    warnings: list[str] = Field(description="What in the file as it came could act when it is opened.")
    undone: list[str] = Field(description="If it was taken back: what that undid.")
    not_undone: list[str] = Field(description="If it was taken back: what stays as it is.")
    chased: list[str] = Field(description="If it was taken back: from when its referrals are chased again.")


class ArrangementOut(Told):
    """Another arrangement of pages that was asked for, and what came of it."""

    items: list[int] = Field(description="The documents that give way.", examples=[[17]])
    is_over: bool = Field(description="False: it is not read yet; ask again.")
    became: list[int] = Field(description="The documents that wait in their place, once they are read.")
    trouble: str = Field(description="Why it could not be read so, if so: then `items` wait as they were.")


class Held(Told):
    """Who has a document open."""

    held_by: str = Field(description="This token, unless somebody was first.")
    held_until: datetime | None = Field(description="Hold it again before then.")


class ArrivalOut(Told):
    """One received file."""

    id: int = Field(description="Its id.", examples=[42])
    state: ArrivalState = Field(description="received: it waits to be read. duplicate: it was there already.")
    is_new: bool = Field(default=False, description="Whether this request brought it in.")
    media_type: str = Field(description="What it is, once it is read.")
    pages: int = Field(description="How many, once it is read.")
    error: str = Field(description="Why it could not be read, if so.")
    items: list[int] = Field(description="Its documents, once it is read.")
