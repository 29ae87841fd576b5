"""What filling in a referral asks of a transaction: sheets with their files, and who is referred already."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.domain.intake_sheet import IntakeSheet, SheetFile
from gateway.domain.referral import Patient, Referral


class SheetTransaction(Protocol):
    """Questions and statements about intake sheets. A change names the version it saw, or is refused as stale."""

    def start_sheet(self, number: str, at: datetime, actor: str) -> IntakeSheet:
        """An empty sheet under the number its referral will have."""
        ...

    def sheet(self, sheet_id: int) -> IntakeSheet:
        """With its files in order. Raises NotFound."""
        ...

    def sheets_open(self, limit: int = 200) -> list[IntakeSheet]:
        """Neither opened as referrals nor thrown away, the last written first."""
        ...

    def save_sheet(self, sheet: IntakeSheet, at: datetime, actor: str) -> IntakeSheet:
        """Write back fields, discarding and opening; the files in the order given, those left out taken off.

        Raises:
            StaleRow: someone else wrote on it first.
        """
        ...

    def add_sheet_file(self, sheet_id: int, file: SheetFile, at: datetime, actor: str) -> IntakeSheet:
        """Behind the others; files may be added whatever else was written meanwhile."""
        ...

    def forget_sheets(self, before: datetime) -> int:
        """Drop what was thrown away, or opened as a referral, before then; returns how many."""
        ...

    def open_for_patient(self, patient: Patient, limit: int = 20) -> list[Referral]:
        """Open referrals of the same person (by MRN, or birth date and family name), drafts too, newest first."""
        ...

    def number_is_taken(self, number: str) -> bool:
        """Whether a referral or a sheet has it."""
        ...

    def clinicians_lately(self, limit: int = 30) -> Sequence[tuple[str, str, str, str]]:
        """Name, NPI, phone and email of those who referred lately, the latest first."""
        ...
