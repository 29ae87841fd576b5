"""A referral behind a number of a report, from its row."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.domain.referral import Status
from gateway.services.reports.questions import Loop, Which
from gateway.storage.values import INTAKE


def loop_of(row: Row[*tuple[Any, ...]], recipient: str, ordered_at: datetime, which: Which) -> Loop:
    """From the columns of a referral and its milestones that every question for loops selects."""
    patient = INTAKE.validate_json(row.intake).patient
    return Loop(
        referral_id=row.referral_id,
        number=row.number,
        patient=f"{patient.family}, {patient.given}",
        patient_key=row.patient_key,
        recipient=recipient,
        ordered_at=ordered_at,
        status=Status(row.status),
        reported_at=row.reported_at,
        report_from=row.report_from,
        which=which,
    )
