"""Filling in a referral by hand: a sheet that keeps whatever is typed, attachments, and opening it when it is whole.

The checks are those of `intake_form`, for whatever way a referral comes in; this owns how a sheet becomes such a form.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from config.checklists import item_named, load_checklists
from config.vocabulary import Channel
from gateway.domain.intake_sheet import IntakeSheet, SheetFile
from gateway.domain.referral import Attachment, Intake, Referral
from gateway.domain.transmission import Purpose
from gateway.errors import IllegalTransition, InvalidIntake, NotFound, StaleRow
from gateway.services.attachment_file import take_file
from gateway.services.form_fields import refusal, wrong
from gateway.services.intake_form import MOST_ATTACHMENTS, IntakeForm, to_intake
from gateway.services.intend import intend, usable_channel
from gateway.services.open_referral import free_number, opened
from gateway.services.ports import Clock, Store, Transaction, Vault
from gateway.services.preview_packet import Forget, PreviewPainter, forget_preview, goes_after_test
from gateway.services.rules import Rules

ORIGIN = "web"
LISTS = ("icd10",)
_LONGEST_FIELD = 20_000
_PARTS = ("patient", "clinician")
_PLAIN = ("recipient", "specialty", "service", "question", "urgency")
_KNOWN = re.compile(r"(?:patient|clinician)\.[a-z_]{1,30}|recipient|specialty|service|question|urgency|icd10|channel")


@dataclass(frozen=True, slots=True)
class Written:
    """What a browser sends of a sheet: its fields, the order of its files, what each is. `version` as it was seen."""

    version: int
    fields: Mapping[str, str]
    files: Sequence[int] | None = None  # None: as they were
    labels: Mapping[int, str] | None = None


@dataclass(slots=True)
class FillIn:
    """Use cases of intake sheets."""

    store: Store
    vault: Vault
    clock: Clock
    rules: Rules
    painter: PreviewPainter
    forget_pictures: Forget

    def write(self, sheet_id: int, written: Written, actor: str) -> IntakeSheet:
        """Keep what was typed, whole or not; sheet 0 starts one.

        Raises:
            StaleRow: someone else wrote on it first, or it is no longer open.
        """
        now = self.clock.now()
        with self.store.transaction() as tx:
            sheet = tx.sheet(sheet_id) if sheet_id else tx.start_sheet(free_number(tx), now, actor)
            _refuse_closed(tx, sheet)
            seen = written.version if sheet_id else sheet.version
            wanted = replace(
                sheet, version=seen, fields=_kept(written.fields), files=_arranged(sheet, written.files, written.labels)
            )
            if (wanted.fields, wanted.files, seen) == (sheet.fields, sheet.files, sheet.version):
                return sheet
            return tx.save_sheet(wanted, now, actor)

    async def attach(self, sheet_id: int, path: Path, name: str, actor: str) -> IntakeSheet:
        """Keep a file with a sheet, if it can become pages; it is told by its bytes.

        Raises:
            InvalidIntake: what is wrong with it and what to do.
            WorkerFailed: it could not be opened within limits.
        """
        file = await take_file(self.vault, self.painter, path, name)
        return await asyncio.to_thread(self._add, sheet_id, file, actor)

    def _add(self, sheet_id: int, file: SheetFile, actor: str) -> IntakeSheet:
        with self.store.transaction() as tx:
            sheet = tx.sheet(sheet_id)
            _refuse_closed(tx, sheet)
            if len(sheet.files) >= MOST_ATTACHMENTS:
                raise InvalidIntake(f"there are {MOST_ATTACHMENTS} attachments already: join some of them")
            if any(one.sha256 == file.sha256 for one in sheet.files):
                raise InvalidIntake(f"{file.name} is attached already")
            label = item_named(load_checklists(), sheet.fields.get("specialty", ""), file.name)
            return tx.add_sheet_file(sheet_id, replace(file, label=label), self.clock.now(), actor)

    def intake(self, sheet: IntakeSheet) -> Intake:
        """The sheet as a checked intake.

        Raises:
            InvalidIntake: names each wrong field and what to write instead.
        """
        form = checked(sheet)
        with self.store.transaction() as tx:
            return self._intake(tx, sheet, form)

    def send(self, sheet_id: int, actor: str) -> Referral:
        """Open the referral, ready to be sent; the sheet is done with. Twice opens one.

        Raises:
            InvalidIntake: names each wrong field and what to write instead.
        """
        now = self.clock.now()
        with self.store.transaction() as tx:
            sheet = tx.sheet(sheet_id)
            if sheet.referral_id is not None:
                return tx.referral(sheet.referral_id)
            _refuse_closed(tx, sheet)
            intake = self._intake(tx, sheet, checked(sheet))
            referral, _ = opened(tx, self.clock, intake, actor, sheet.number)
            self._go_by(tx, sheet, referral, actor)
            tx.save_sheet(replace(sheet, fields={}, files=(), referral_id=referral.id), now, actor)
        forget_preview(self.forget_pictures, sheet)
        return referral

    def _intake(self, tx: Transaction, sheet: IntakeSheet, form: IntakeForm) -> Intake:
        if not isinstance(form.recipient, int):
            raise wrong("recipient", "choose an office of the directory")
        try:
            recipient = tx.heir_of(form.recipient)
        except NotFound:
            raise wrong("recipient", "this office is not in the directory: choose another") from None
        attachments = [Attachment(one.sha256, one.name, one.media_type, one.label) for one in sheet.files]
        return to_intake(form, recipient.id, attachments, ORIGIN, self.rules.policy.tiers)

    def _go_by(self, tx: Transaction, sheet: IntakeSheet, referral: Referral, actor: str) -> None:
        """The way a person chose, where it is not the way that would be taken by itself."""
        recipient = tx.recipient(referral.intake.recipient_id)
        chosen = chosen_channel(sheet, self.rules)
        if chosen is None or chosen is usable_channel(recipient, self.rules.channels):
            return
        if not recipient.destination(chosen):
            raise wrong("channel", f"{recipient.name} cannot be reached by {chosen.value}: choose another way")
        purpose = Purpose.NUMBER_TEST if goes_after_test(recipient, chosen, self.rules) else Purpose.REQUEST
        intend(
            tx,
            referral,
            channel=chosen,
            destination=recipient.destination(chosen),
            purpose=purpose,
            requested_by=actor,
            at=self.clock.now(),
        )

    def throw_away(self, sheet_id: int, actor: str) -> IntakeSheet:
        """Off the list of drafts; until the purge it can be taken back."""
        return self._discarded(sheet_id, actor, is_gone=True)

    def take_back(self, sheet_id: int, actor: str) -> IntakeSheet:
        """On the list of drafts again."""
        return self._discarded(sheet_id, actor, is_gone=False)

    def _discarded(self, sheet_id: int, actor: str, *, is_gone: bool) -> IntakeSheet:
        now = self.clock.now()
        with self.store.transaction() as tx:
            sheet = tx.sheet(sheet_id)
            if sheet.referral_id is not None:
                raise IllegalTransition("this draft was sent already: cancel its referral instead")
            changed = tx.save_sheet(replace(sheet, discarded_at=now if is_gone else None), now, actor)
        if is_gone:
            forget_preview(self.forget_pictures, sheet)
        return changed


def checked(sheet: IntakeSheet) -> IntakeForm:
    """The sheet through the checks of every intake.

    Raises:
        InvalidIntake: names each wrong field and what to write instead.
    """
    typed = sheet.fields
    raw: dict[str, object] = {"external_id": sheet.number}
    for part in _PARTS:
        begins = f"{part}."
        raw[part] = {name.removeprefix(begins): value for name, value in typed.items() if name.startswith(begins)}
    raw |= {name: typed[name] for name in _PLAIN if typed.get(name)}
    if typed.get("recipient", "").isdecimal():
        raw["recipient"] = int(typed["recipient"])
    raw["icd10"] = [code for code in re.split(r"[\s,;]+", typed.get("icd10", "")) if code]
    try:
        return IntakeForm.model_validate(raw)
    except ValidationError as error:
        raise refusal(error) from error


def chosen_channel(sheet: IntakeSheet, rules: Rules) -> Channel | None:
    """The way that was chosen on the sheet; None if that is left to the directory."""
    told = sheet.fields.get("channel", "")
    return Channel(told) if told in [channel.value for channel in rules.channels] else None


def _kept(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields a sheet has, whole or not; browsers end lines with CR LF."""
    return {
        name: value.replace("\r\n", "\n")[:_LONGEST_FIELD].strip()
        for name, value in fields.items()
        if _KNOWN.fullmatch(name) and value.strip()
    }


def _arranged(
    sheet: IntakeSheet, order: Sequence[int] | None, labels: Mapping[int, str] | None
) -> tuple[SheetFile, ...]:
    known = {file.id: file for file in sheet.files}
    wanted = known if order is None else dict.fromkeys(one for one in order if one in known)
    told = labels or {}
    return tuple(replace(known[one], label=told.get(one, known[one].label)) for one in wanted)


def _refuse_closed(tx: Transaction, sheet: IntakeSheet) -> None:
    if sheet.referral_id is not None:
        number = tx.referral(sheet.referral_id).number
        raise StaleRow(f"this draft was sent meanwhile, as referral {number}: what is typed now changes nothing")
    if sheet.discarded_at is not None:
        raise StaleRow("this draft was thrown away meanwhile: take it back first")
