"""Two entries of the directory made one, and parted again. Rows of the retired one stay and point to its heir."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, delete, func, insert, select, update

from gateway.domain.directory import Merge, Recipient
from gateway.domain.event import Event, EventKind
from gateway.errors import NotFound
from gateway.storage.directory import RecipientRows, columns_of, recipient_of
from gateway.storage.sheet_tables import merged_referrals, recipient_merges
from gateway.storage.tables import recipients, referrals
from gateway.storage.values import INTAKE


class MergeRows(RecipientRows):
    """Merges of one transaction's connection."""

    def record_merge(self, merge: Merge, numbers_kept: int) -> list[str]:
        """Lead everything of the retired one to the kept one, with its event; the numbers of its referrals."""
        retired = self.recipient(merge.retired)
        self._point(retired, merge.kept)
        moved = self._lead(referrals.c.recipient_id == merge.retired, merge.kept)
        self._connection.execute(
            insert(recipient_merges).values(
                retired_id=merge.retired,
                kept_id=merge.kept,
                at=merge.at,
                actor=merge.actor,
                filled=json.dumps(merge.filled),
            )
        )
        if moved:
            rows = [{"retired_id": merge.retired, "referral_id": row.id} for row in moved]
            self._connection.execute(insert(merged_referrals), rows)
        numbers = [row.number for row in moved]
        self._tell(EventKind.RECIPIENT_MERGED, replace(merge, moved=len(numbers)), numbers[:numbers_kept])
        return numbers

    def undo_merge(self, retired_id: int, at: datetime, actor: str) -> list[str]:
        """Give back what the merge moved. Raises NotFound if it was not merged."""
        done = self._connection.execute(
            select(recipient_merges).where(recipient_merges.c.retired_id == retired_id)
        ).one_or_none()
        if done is None:
            raise NotFound(f"entry {retired_id} of the directory stands for itself: there is no merge to undo")
        self._point(self.recipient(retired_id), 0)
        theirs = select(merged_referrals.c.referral_id).where(merged_referrals.c.retired_id == retired_id)
        moved = self._lead(referrals.c.id.in_(theirs), retired_id)
        self._connection.execute(delete(merged_referrals).where(merged_referrals.c.retired_id == retired_id))
        self._connection.execute(delete(recipient_merges).where(recipient_merges.c.retired_id == retired_id))
        numbers = [row.number for row in moved]
        self._tell(EventKind.RECIPIENT_PARTED, Merge(retired_id, done.kept_id, at, actor, len(numbers)), numbers)
        return numbers

    def merges_into(self, kept_id: int) -> list[tuple[Merge, Recipient]]:
        """What was merged into an entry, the newest first."""
        counted = (
            select(merged_referrals.c.retired_id, func.count().label("moved"))
            .group_by(merged_referrals.c.retired_id)
            .subquery()
        )
        query = (
            select(recipient_merges, recipients.c.id, recipients.c.value, counted.c.moved)
            .join(recipients, recipients.c.id == recipient_merges.c.retired_id)
            .outerjoin(counted, counted.c.retired_id == recipient_merges.c.retired_id)
            .where(recipient_merges.c.kept_id == kept_id)
            .order_by(recipient_merges.c.at.desc(), recipient_merges.c.retired_id)
        )
        return [(_merge_of(row), recipient_of(row)) for row in self._connection.execute(query)]

    def _point(self, retired: Recipient, heir_id: int) -> None:
        value = replace(retired, merged_into=heir_id)
        self._connection.execute(update(recipients).where(recipients.c.id == retired.id).values(**columns_of(value)))

    def _lead(self, which: ColumnElement[bool], to: int) -> Sequence[Row[*tuple[Any, ...]]]:
        """These referrals go to another entry; what was read of them before can no longer be written back."""
        found = self._connection.execute(
            select(referrals.c.id, referrals.c.number, referrals.c.intake).where(which).order_by(referrals.c.id)
        ).all()
        if found:
            led = [{"which": row.id, "told": _addressed(row.intake, to)} for row in found]
            self._connection.execute(
                update(referrals)
                .where(referrals.c.id == bindparam("which"))
                .values(recipient_id=to, intake=bindparam("told"), version=referrals.c.version + 1),
                led,
            )
        return found

    def _tell(self, kind: EventKind, merge: Merge, numbers: list[str]) -> None:
        """One event at each of the two entries."""
        for one, other in ((merge.kept, merge.retired), (merge.retired, merge.kept)):
            detail: dict[str, str | int | float | bool | list[str] | None] = {
                "other": other,
                "stays": one == merge.kept,
                "moved": merge.moved,
                "referrals": numbers,
            }
            self.append(Event(kind, merge.at, merge.actor, recipient_id=one, detail=detail))


def _addressed(intake: str, to: int) -> str:
    return INTAKE.dump_json(replace(INTAKE.validate_json(intake), recipient_id=to)).decode()


def _merge_of(row: Row[Any]) -> Merge:
    return Merge(row.retired_id, row.kept_id, row.at, row.actor, row.moved or 0, tuple(json.loads(row.filled)))
