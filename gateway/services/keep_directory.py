"""Keeping the directory: entries added and changed by a checked form, numbers confirmed, two entries made one."""

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.domain.directory import Merge, Recipient
from gateway.domain.event import Event, EventKind
from gateway.errors import IllegalTransition, NotFound, StaleRow
from gateway.services.form_fields import wrong
from gateway.services.ports import Clock, Store, Transaction
from gateway.services.recipient_form import RecipientForm
from gateway.services.set_aside import confirmed, no_longer_asked, set_aside_since

_NUMBERS_KEPT = 1000  # in the event of a merge; all are kept in rows of their own
_FILLED = ("organization", "specialty", "npi", "fax", "email", "phone", "address", "city", "zone", "notes")
"""What an entry that stays takes over where it says nothing itself."""


def save_by_name(tx: Transaction, form: RecipientForm, at: datetime, actor: str) -> Recipient:
    """Add an office, or change the one of the same name. A changed fax number is unconfirmed again."""
    known = tx.recipient_named(form.name)
    if known is not None and known.name.casefold() != form.name.casefold():
        _refuse_merged(tx, form.name, known)
        known = None  # found by its organization: another desk of the same house
    return _saved(tx, form, known, at, actor)


def _saved(tx: Transaction, form: RecipientForm, known: Recipient | None, at: datetime, actor: str) -> Recipient:
    wanted = form.to_recipient()
    if known is not None:
        is_same = known.fax == wanted.fax
        wanted = replace(
            wanted,
            id=known.id,
            fax_confirmed_at=known.fax_confirmed_at if is_same else None,
            fax_confirmed_by=known.fax_confirmed_by if is_same else "",
            merged_into=known.merged_into,
        )
        if known.fax_set_aside_at and not is_same:
            no_longer_asked(tx, known.fax, at, actor)
    wanted = replace(wanted, fax_set_aside_at=set_aside_since(tx, wanted.fax))
    return tx.save_recipient(wanted, Event(EventKind.RECIPIENT_SAVED, at, actor))


@dataclass(frozen=True, slots=True)
class KeepDirectory:
    """Decisions about entries, each in one commit with its event."""

    store: Store
    clock: Clock

    def add(self, form: RecipientForm, actor: str) -> Recipient:
        """A new entry.

        Raises:
            InvalidIntake: an entry of that name is there already.
        """
        with self.store.transaction() as tx:
            _refuse_namesake(tx, form.name, 0)
            return _saved(tx, form, None, self.clock.now(), actor)

    def change(self, recipient_id: int, form: RecipientForm, seen: Recipient, actor: str) -> Recipient:
        """Change an entry, which may have a new name, unless it is no longer as it was seen.

        Raises:
            StaleRow: someone else changed it first.
            InvalidIntake: another entry has the new name.
        """
        with self.store.transaction() as tx:
            known = tx.recipient(recipient_id)
            if known != seen:
                raise StaleRow(f"someone else changed {known.name} meanwhile: look at it again before you save")
            if known.merged_into:
                raise IllegalTransition(f"{known.name} was merged into another entry: change that one")
            _refuse_namesake(tx, form.name, known.id)
            return _saved(tx, form, known, self.clock.now(), actor)

    def confirm(self, recipient: Recipient, actor: str) -> Recipient:
        """A person made sure that the fax number is the office's own; one that was set aside is dialled again."""
        now = self.clock.now()
        with self.store.transaction() as tx:
            known = tx.recipient(recipient.id)
            if not known.fax:
                raise NotFound(f"{known.name} has no fax number to confirm: add one first")
            if known.fax != recipient.fax:
                raise StaleRow(f"{known.name} has another number now: look at it again before you confirm it")
            return confirmed(tx, known, now, actor)

    def merge(self, kept_id: int, retired_id: int, actor: str) -> int:
        """Make two entries one: all referrals go to the one that stays; how many did.

        What the one that stays does not say itself it takes over; the other is kept as it was and points to it.

        Raises:
            IllegalTransition: they are the same, or one of them was merged before.
        """
        now = self.clock.now()
        with self.store.transaction() as tx:
            kept, retired = tx.recipient(kept_id), tx.recipient(retired_id)
            if kept.id == retired.id:
                raise IllegalTransition(f"{kept.name} cannot be merged into itself: choose two entries")
            if kept.merged_into or retired.merged_into:
                raise IllegalTransition("one of the two was merged meanwhile: look at the list again")
            filled = filled_by(kept, retired)
            moved = tx.record_merge(Merge(retired_id, kept_id, now, actor, 0, filled), _NUMBERS_KEPT)
            if filled:
                told = Event(EventKind.RECIPIENT_SAVED, now, actor, detail={"filled": list(filled)})
                tx.save_recipient(_filled(kept, retired, filled), told)
            return len(moved)

    def undo_merge(self, retired_id: int, actor: str) -> Recipient:
        """Part them again: what the merge moved goes back, what it filled in is emptied; the entry that returns.

        Raises:
            NotFound: it was not merged.
        """
        now = self.clock.now()
        with self.store.transaction() as tx:
            retired = tx.recipient(retired_id)
            if not retired.merged_into:
                raise NotFound(f"{retired.name} stands for itself: there is no merge to undo")
            kept = tx.recipient(retired.merged_into)
            filled = next(merge.filled for merge, _ in tx.merges_into(kept.id) if merge.retired == retired_id)
            tx.undo_merge(retired_id, now, actor)
            if still := [name for name in filled if getattr(kept, name) == getattr(retired, name)]:
                told = Event(EventKind.RECIPIENT_SAVED, now, actor, detail={"emptied": still})
                tx.save_recipient(_emptied(kept, still), told)
            return tx.recipient(retired_id)


def filled_by(kept: Recipient, retired: Recipient) -> tuple[str, ...]:
    """The fields that the one that stays would take over."""
    return tuple(name for name in _FILLED if getattr(retired, name) and not getattr(kept, name))


def _filled(kept: Recipient, retired: Recipient, names: tuple[str, ...]) -> Recipient:
    changed = replace(kept, **{name: getattr(retired, name) for name in names})
    if "fax" in names:
        changed = replace(
            changed,
            fax_confirmed_at=retired.fax_confirmed_at,
            fax_confirmed_by=retired.fax_confirmed_by,
            fax_set_aside_at=retired.fax_set_aside_at,
        )
    return changed


def _emptied(kept: Recipient, names: list[str]) -> Recipient:
    emptied: Recipient = replace(kept, **dict.fromkeys(names, ""))
    if "fax" in names:
        emptied = replace(emptied, fax_confirmed_at=None, fax_confirmed_by="", fax_set_aside_at=None)
    return emptied


def _refuse_namesake(tx: Transaction, name: str, own_id: int) -> None:
    known = tx.recipient_named(name)
    if known is None or known.id == own_id:
        return
    if known.name.casefold() == name.casefold():
        raise wrong("name", f"{known.name!r} is in the directory already: change that entry, or tell the two apart")
    _refuse_merged(tx, name, known)


def _refuse_merged(tx: Transaction, name: str, known: Recipient) -> None:
    """A name that leads to another entry would be there twice."""
    if any(was.name.casefold() == name.casefold() for _, was in tx.merges_into(known.id)):
        raise wrong("name", f"{name!r} was merged into {known.name!r}: change that entry, or part them first")
