"""Files enclosed with a referral that is open already: they go with every packet from now on, or no longer."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from config.checklists import item_named, load_checklists
from config.reference import format_number
from gateway.domain.event import Event, EventKind
from gateway.domain.intake_sheet import SheetFile
from gateway.domain.referral import FINAL, Attachment, Referral
from gateway.errors import IllegalTransition, InvalidIntake, NotFound
from gateway.services.attachment_file import take_file
from gateway.services.change_referral import find
from gateway.services.intake_form import MOST_ATTACHMENTS
from gateway.services.ports import Clock, Store, Transaction, Vault
from gateway.services.preview_packet import PreviewPainter


@dataclass(frozen=True, slots=True)
class Enclose:
    """Each one commit with its event, which holds no file's name: a name may be a patient's."""

    store: Store
    vault: Vault
    clock: Clock
    painter: PreviewPainter

    async def add(self, number: str, path: Path, name: str, actor: str) -> Referral:
        """Enclose it behind the others. What went out already is as it was: send it again to let the office have it.

        Raises:
            InvalidIntake: what is wrong with the file and what to do.
            IllegalTransition: the referral is over.
            NotFound: no referral has this number.
            WorkerFailed: the file could not be opened within limits.
        """
        await asyncio.to_thread(self._open, number)
        file = await take_file(self.vault, self.painter, path, name)
        return await asyncio.to_thread(self._add, number, file, actor)

    def take_off(self, number: str, file_id: str, actor: str) -> Referral:
        """It goes with no packet from now on. What went out already is as it was, and is kept.

        Raises:
            NotFound: no referral has this number, or it has no such enclosure any more.
            IllegalTransition: the referral is over.
            StaleRow: somebody changed the referral at the same moment.
        """
        with self.store.transaction() as tx:
            referral = _still_open(tx, number)
            held = referral.intake.attachments
            gone = next((one for one in held if one.id == file_id), None)
            if gone is None:
                raise NotFound(f"that file is not enclosed with {format_number(referral.number)} any more: look again")
            kept = tuple(one for one in held if one is not gone)
            changed = replace(referral, intake=replace(referral.intake, attachments=kept))
            told: dict[str, str | int | float | bool | list[str] | None] = {"what": gone.label or "other"}
            event = Event(EventKind.ENCLOSURE_TAKEN_OFF, self.clock.now(), actor, referral_id=referral.id, detail=told)
            return tx.save_referral(changed, event)

    def _open(self, number: str) -> None:
        with self.store.transaction() as tx:
            _still_open(tx, number)

    def _add(self, number: str, file: SheetFile, actor: str) -> Referral:
        with self.store.transaction() as tx:
            referral = _still_open(tx, number)
            intake = referral.intake
            if len(intake.attachments) >= MOST_ATTACHMENTS:
                raise InvalidIntake(f"there are {MOST_ATTACHMENTS} attachments already: join some of them")
            if any(one.sha256 == file.sha256 for one in intake.attachments):
                raise InvalidIntake(f"{file.name} is enclosed already")
            label = item_named(load_checklists(), intake.specialty, file.name)
            enclosed = Attachment(file.sha256, file.name, file.media_type, label)
            changed = replace(referral, intake=replace(intake, attachments=(*intake.attachments, enclosed)))
            told: dict[str, str | int | float | bool | list[str] | None] = {
                "pages": file.pages,
                "what": label or "other",
            }
            event = Event(EventKind.REFERRAL_ENCLOSED, self.clock.now(), actor, referral_id=referral.id, detail=told)
            return tx.save_referral(changed, event)


def _still_open(tx: Transaction, number: str) -> Referral:
    referral = find(tx, number)
    if referral.status in FINAL:
        raise IllegalTransition(f"referral {referral.number} is {referral.status}: nothing goes out for it any more")
    return referral
