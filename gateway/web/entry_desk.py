"""What the pages of a new referral show: the sheet as typed, its office, its checklist, what is missing."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from config.checklists import load_checklists, missing_and_present
from config.reference import format_number
from config.vocabulary import Channel, ServiceKind
from gateway.domain.directory import FaxStanding, Recipient, fax_standing
from gateway.domain.intake_sheet import IntakeSheet, SheetFile
from gateway.domain.referral import Patient
from gateway.errors import InvalidIntake, NotFound
from gateway.services.directory_questions import Sought
from gateway.services.enclose import Enclose
from gateway.services.fill_in import FillIn, checked, chosen_channel
from gateway.services.intake_form import PatientForm
from gateway.services.intend import no_way_there, usable_channel
from gateway.services.keep_directory import KeepDirectory
from gateway.services.ports import Clock, Store, Transaction
from gateway.services.preview_packet import Preview, PreviewPacket
from gateway.services.rules import Rules
from gateway.services.sheet_warnings import Caution, office_cautions, patient_cautions
from gateway.web.words import spaced

_OFFICES = 8  # of a search in the form: more are narrowed by typing on
LABELS = {
    "patient.family": "family name",
    "patient.given": "given name",
    "patient.birth_date": "birth date",
    "patient.mrn": "record number",
    "patient.phone": "patient's phone",
    "clinician.name": "referring clinician",
    "clinician.npi": "NPI",
    "clinician.phone": "clinician's phone",
    "clinician.email": "clinician's email",
    "recipient": "office",
    "specialty": "specialty",
    "question": "question",
    "urgency": "urgency",
    "icd10": "diagnosis codes",
    "channel": "way it is sent",
}
"""Fields in words, for the list of what is still to be filled in."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to an office."""

    channel: str
    destination: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """An office to choose, or the one that was chosen."""

    id: int
    name: str
    organization: str
    specialty: str
    city: str
    fax: str
    email: str
    standing: str
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One line of the list of drafts."""

    id: int
    patient: str
    what: str
    saved_by: str
    saved: str
    files: int


@dataclass(frozen=True, slots=True)
class SheetSide:
    """What stands beside the form and follows it."""

    checklist: tuple[tuple[str, bool], ...]
    missing: tuple[str, ...]
    cautions: tuple[Caution, ...]
    office: OfficeRow | None
    saved: str
    wrong: dict[str, str]  # by field, of what is filled in


@dataclass(frozen=True, slots=True)
class SheetPage:
    """Everything on the page of one sheet; item 0 is none yet."""

    item: int
    version: int
    typed: Mapping[str, str]
    files: tuple[SheetFile, ...]
    side: SheetSide
    clinicians: Sequence[tuple[str, str, str, str]]
    tiers: tuple[str, ...]
    specialties: tuple[str, ...]
    labels: tuple[str, ...]
    drafts: tuple[DraftRow, ...] = ()
    found: tuple[OfficeRow, ...] | None = None
    sought: str = ""
    faults: Mapping[str, str] = field(default_factory=dict[str, str])
    services: tuple[tuple[str, str], ...] = tuple((kind.value, spaced(kind)) for kind in ServiceKind)


@dataclass(frozen=True, slots=True)
class EntryDesk:
    """The pages' desk and the use cases behind their buttons."""

    store: Store
    clock: Clock
    zone: ZoneInfo
    rules: Rules
    fill_in: FillIn
    directory: KeepDirectory
    previews: PreviewPacket
    said: Callable[[datetime | None, datetime], str]

    @property
    def enclose(self) -> Enclose:
        """For referrals that are open already, with the same checks of a file."""
        return Enclose(self.store, self.fill_in.vault, self.clock, self.fill_in.painter)

    def sheet(self, item: int) -> IntakeSheet:
        """By id; 0 is one nobody has written on yet. Raises NotFound."""
        if item == 0:
            return IntakeSheet(0, "")
        with self.store.transaction() as tx:
            return tx.sheet(item)

    def number_of(self, sheet: IntakeSheet) -> str:
        """The printed number of the referral a sheet became."""
        with self.store.transaction() as tx:
            return format_number(tx.referral(sheet.referral_id or 0).number)

    def page(self, sheet: IntakeSheet, *, drafts: bool = False, sought: str = "") -> SheetPage:
        """All of it."""
        with self.store.transaction() as tx:
            side = self._side(tx, sheet)
            return SheetPage(
                item=sheet.id,
                version=sheet.version,
                typed=defaultdict(str, sheet.fields),
                files=sheet.files,
                side=side,
                clinicians=tx.clinicians_lately(),
                tiers=tuple(self.rules.policy.tiers),
                specialties=tuple(sorted(load_checklists().specialties)),
                labels=tuple(label for label, _ in side.checklist),
                drafts=self._drafts(tx, sheet) if drafts else (),
                found=self._found(tx, sought) if sought else None,
                sought=sought,
            )

    def side(self, sheet: IntakeSheet) -> SheetSide:
        """What follows the form while it is filled in."""
        with self.store.transaction() as tx:
            return self._side(tx, sheet)

    def offices(self, sought: str) -> tuple[OfficeRow, ...]:
        """The first that fit."""
        with self.store.transaction() as tx:
            return self._found(tx, sought)

    async def preview(self, sheet: IntakeSheet) -> Preview:
        """The packet as it would be sent now. Raises InvalidIntake, NotFound, OutboundError, WorkerFailed."""
        intake = await asyncio.to_thread(self.fill_in.intake, sheet)
        with self.store.transaction() as tx:
            recipient = tx.recipient(intake.recipient_id)
        channel = chosen_channel(sheet, self.rules) or usable_channel(recipient, self.rules.channels)
        if channel is None or not recipient.destination(channel):
            raise NotFound(no_way_there(recipient, self.rules.channels))
        return await self.previews.preview(sheet, intake, recipient, channel)

    def _found(self, tx: Transaction, sought: str) -> tuple[OfficeRow, ...]:
        return tuple(office_row(one) for one in tx.recipients_sought(Sought(sought), limit=_OFFICES).recipients)

    def _side(self, tx: Transaction, sheet: IntakeSheet) -> SheetSide:
        now = self.clock.now()
        recipient = _recipient(tx, sheet)
        faults = _faults(sheet)
        specialty = sheet.fields.get("specialty", "")
        cautions: list[Caution] = []
        office = None
        if recipient is not None:
            chosen = chosen_channel(sheet, self.rules)
            if chosen is None or not recipient.destination(chosen):
                chosen = usable_channel(recipient, self.rules.channels)
            cautions += office_cautions(recipient, chosen, self.rules, now)
            office = replace(office_row(recipient), ways=self._ways(recipient, chosen))
        if (patient := _patient(sheet)) is not None and specialty:
            cautions += patient_cautions(tx, patient, specialty, sheet)
        return SheetSide(
            checklist=tuple(
                missing_and_present(load_checklists(), specialty, [file.label or file.name for file in sheet.files])
            ),
            missing=tuple(words for name, words in LABELS.items() if name in faults and not sheet.fields.get(name)),
            cautions=tuple(cautions),
            office=office,
            saved=f"{self.said(sheet.saved_at, now)} by {sheet.saved_by}" if sheet.saved_at else "",
            wrong={name: said for name, said in faults.items() if sheet.fields.get(name)},
        )

    def _ways(self, recipient: Recipient, chosen: Channel | None) -> tuple[Way, ...]:
        return tuple(
            Way(channel.value, recipient.destination(channel), channel is chosen)
            for channel in Channel
            if channel in self.rules.channels and recipient.destination(channel)
        )

    def _drafts(self, tx: Transaction, own: IntakeSheet) -> tuple[DraftRow, ...]:
        now = self.clock.now()
        return tuple(
            DraftRow(
                id=sheet.id,
                patient=", ".join(
                    filter(None, (sheet.fields.get("patient.family", ""), sheet.fields.get("patient.given", "")))
                ),
                what=sheet.fields.get("specialty", ""),
                saved_by=sheet.saved_by,
                saved=self.said(sheet.saved_at, now),
                files=len(sheet.files),
            )
            for sheet in tx.sheets_open()
            if sheet.id != own.id
        )


def office_row(recipient: Recipient) -> OfficeRow:
    """An entry of the directory as one line."""
    standing = fax_standing(recipient)
    return OfficeRow(
        id=recipient.id,
        name=recipient.name,
        organization=recipient.organization,
        specialty=recipient.specialty,
        city=recipient.city,
        fax=recipient.fax,
        email=recipient.email,
        standing="" if standing is FaxStanding.NONE else spaced(standing),
    )


def _recipient(tx: Transaction, sheet: IntakeSheet) -> Recipient | None:
    told = sheet.fields.get("recipient", "")
    if not told.isdecimal():
        return None
    try:
        return tx.heir_of(int(told))
    except NotFound:
        return None


def _faults(sheet: IntakeSheet) -> dict[str, str]:
    """What the checks say of each field; of a list, of the list as a whole."""
    try:
        checked(sheet)
    except InvalidIntake as error:
        return by_field(error)
    return {}


def by_field(error: InvalidIntake) -> dict[str, str]:
    """Faults by the form's own field names."""
    found: dict[str, str] = {}
    for name, said in error.faults.items():
        found.setdefault("icd10" if name.startswith("icd10") else name, said)
    return found


def _patient(sheet: IntakeSheet) -> Patient | None:
    """The patient, as soon as who it is is told."""
    told = {name.removeprefix("patient."): value for name, value in sheet.fields.items() if name.startswith("patient.")}
    try:
        return Patient(**PatientForm.model_validate(told).model_dump())
    except ValidationError:
        return None
