"""Rows of intake sheets and their files, and who is referred already."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, func, insert, or_, select, update

from gateway.domain.intake_sheet import IntakeSheet, SheetFile
from gateway.domain.matching.names import as_recognised, folded
from gateway.domain.referral import OPEN, Patient, Referral, Status
from gateway.errors import NotFound, StaleRow
from gateway.storage.chain import EventRows
from gateway.storage.keys import keys_of
from gateway.storage.sheet_tables import intake_sheets, sheet_files
from gateway.storage.tables import referral_keys, referrals
from gateway.storage.values import INTAKE, referral_of

_GATHERED = 200
_OPEN = [status.value for status in (*OPEN, Status.DRAFT)]


class SheetRows(EventRows):
    """Sheets of one transaction's connection."""

    def start_sheet(self, number: str, at: datetime, actor: str) -> IntakeSheet:
        """An empty sheet under the number its referral will have."""
        new_id = self._insert(
            insert(intake_sheets).values(
                number=number, fields="{}", version=1, started_at=at, started_by=actor, saved_at=at, saved_by=actor
            )
        )
        return self.sheet(new_id)

    def sheet(self, sheet_id: int) -> IntakeSheet:
        """With its files in order. Raises NotFound."""
        row = self._connection.execute(select(intake_sheets).where(intake_sheets.c.id == sheet_id)).one_or_none()
        if row is None:
            raise NotFound(f"there is no draft {sheet_id}: it was opened as a referral or thrown away long ago")
        return _sheet_of(row, self._files([sheet_id])[sheet_id])

    def sheets_open(self, limit: int = 200) -> list[IntakeSheet]:
        """Neither opened as referrals nor thrown away, the last written first."""
        query = (
            select(intake_sheets)
            .where(intake_sheets.c.discarded_at.is_(None), intake_sheets.c.referral_id.is_(None))
            .order_by(intake_sheets.c.saved_at.desc(), intake_sheets.c.id.desc())
            .limit(limit)
        )
        rows = self._connection.execute(query).all()
        files = self._files([row.id for row in rows])
        return [_sheet_of(row, files[row.id]) for row in rows]

    def save_sheet(self, sheet: IntakeSheet, at: datetime, actor: str) -> IntakeSheet:
        """Write back; the files in the order given, those left out taken off. Raises StaleRow."""
        done = self._connection.execute(
            update(intake_sheets)
            .where(intake_sheets.c.id == sheet.id, intake_sheets.c.version == sheet.version)
            .values(
                fields=json.dumps(sheet.fields),
                version=sheet.version + 1,
                saved_at=at,
                saved_by=actor,
                discarded_at=sheet.discarded_at,
                referral_id=sheet.referral_id,
            )
        )
        if done.rowcount != 1:
            there = self.sheet(sheet.id)
            raise StaleRow(f"{there.saved_by} wrote on this draft meanwhile: reload it to go on from there")
        kept = [file.id for file in sheet.files]
        self._connection.execute(
            delete(sheet_files).where(sheet_files.c.sheet_id == sheet.id, sheet_files.c.id.not_in(kept))
        )
        for place, file in enumerate(sheet.files):
            self._connection.execute(
                update(sheet_files)
                .where(sheet_files.c.id == file.id, sheet_files.c.sheet_id == sheet.id)
                .values(place=place, label=file.label)
            )
        return replace(sheet, version=sheet.version + 1, saved_at=at, saved_by=actor)

    def add_sheet_file(self, sheet_id: int, file: SheetFile, at: datetime, actor: str) -> IntakeSheet:
        """Behind the others."""
        last = select(func.max(sheet_files.c.place)).where(sheet_files.c.sheet_id == sheet_id)
        place = self._connection.execute(last).scalar()
        self._insert(
            insert(sheet_files).values(
                sheet_id=sheet_id,
                place=0 if place is None else place + 1,
                sha256=file.sha256,
                name=file.name,
                media_type=file.media_type,
                size_bytes=file.size_bytes,
                pages=file.pages,
                label=file.label,
            )
        )
        self._connection.execute(
            update(intake_sheets)
            .where(intake_sheets.c.id == sheet_id)
            .values(version=intake_sheets.c.version + 1, saved_at=at, saved_by=actor)
        )
        return self.sheet(sheet_id)

    def forget_sheets(self, before: datetime) -> int:
        """Drop what was thrown away, or opened as a referral, before then."""
        old = select(intake_sheets.c.id).where(
            intake_sheets.c.saved_at < before,
            or_(intake_sheets.c.discarded_at.is_not(None), intake_sheets.c.referral_id.is_not(None)),
        )
        ids = list(self._connection.execute(old).scalars())
        self._connection.execute(delete(sheet_files).where(sheet_files.c.sheet_id.in_(ids)))
        self._connection.execute(delete(intake_sheets).where(intake_sheets.c.id.in_(ids)))
        return len(ids)

    def open_for_patient(self, patient: Patient, limit: int = 20) -> list[Referral]:
        """Open referrals of the same person, drafts too, newest first."""
        keys = [key for key in keys_of(patient) if key.startswith(("mrn:", "born:"))]
        named = select(referral_keys.c.referral_id).where(referral_keys.c.key.in_(keys))
        query = (
            select(referrals)
            .where(referrals.c.id.in_(named), referrals.c.status.in_(_OPEN))
            .order_by(referrals.c.id.desc())
            .limit(_GATHERED)
        )
        found = [referral_of(row) for row in self._connection.execute(query)]
        return [one for one in found if _is_same_person(patient, one.intake.patient)][:limit]

    def number_is_taken(self, number: str) -> bool:
        """Whether a referral or a sheet has it."""
        taken = (
            exists().where(referrals.c.number == number),
            exists().where(intake_sheets.c.number == number),
        )
        return bool(self._connection.execute(select(or_(*taken))).scalar())

    def clinicians_lately(self, limit: int = 30) -> Sequence[tuple[str, str, str, str]]:
        """Name, NPI, phone and email of those who referred lately, the latest first."""
        rows = self._connection.execute(select(referrals.c.intake).order_by(referrals.c.id.desc()).limit(_GATHERED))
        told = (INTAKE.validate_json(row.intake).clinician for row in rows)
        latest: dict[str, tuple[str, str, str, str]] = {}
        for one in told:
            latest.setdefault(one.name, (one.name, one.npi, one.phone, one.email))
        return tuple(latest.values())[:limit]

    def _files(self, ids: Sequence[int]) -> dict[int, list[SheetFile]]:
        query = select(sheet_files).where(sheet_files.c.sheet_id.in_(ids)).order_by(sheet_files.c.place)
        files: dict[int, list[SheetFile]] = defaultdict(list)
        for row in self._connection.execute(query):
            files[row.sheet_id].append(
                SheetFile(row.id, row.sha256, row.name, row.media_type, row.size_bytes, row.pages, row.label)
            )
        return files


def _is_same_person(one: Patient, other: Patient) -> bool:
    """The same record number, or the same birth date and family name however it is spelled."""
    if one.mrn and other.mrn and _plain(one.mrn) == _plain(other.mrn):
        return True
    return one.birth_date == other.birth_date and _spelled(one.family) == _spelled(other.family)


def _plain(mrn: str) -> str:
    return "".join(char for char in mrn if char.isalnum()).lstrip("0").casefold()


def _spelled(name: str) -> str:
    return as_recognised(folded(name).replace(" ", ""))


def _sheet_of(row: Row[Any], files: list[SheetFile]) -> IntakeSheet:
    return IntakeSheet(
        id=row.id,
        number=row.number,
        fields=json.loads(row.fields),
        files=tuple(files),
        version=row.version,
        started_at=row.started_at,
        started_by=row.started_by,
        saved_at=row.saved_at,
        saved_by=row.saved_by,
        discarded_at=row.discarded_at,
        referral_id=row.referral_id,
    )
