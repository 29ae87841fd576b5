"""What is heard of a packet that its carrier has, from whoever may say so and however late.

An accepted packet ends as told. One that nobody could know about is settled; what has ended is left alone.
"""

from dataclasses import replace
from datetime import datetime

from gateway.domain.task import TaskKind
from gateway.domain.transmission import Transmission, TransmissionState
from gateway.services.ending import delivered, failed, write
from gateway.services.ports import Transaction
from gateway.services.record_delivery import end_as_told, is_whole
from gateway.services.rules import Rules
from outbound.sender import DeliveryState, DeliveryStatus

T = TransmissionState


def record_word(
    tx: Transaction, rules: Rules, row: Transmission, status: DeliveryStatus, at: datetime, *, is_final: bool
) -> None:
    """Record it. `is_final`: a failure is not to be tried again, because its carrier has."""
    if row.state is T.ACCEPTED:
        end_as_told(tx, rules, row, status, at, is_final=is_final)
    elif row.state is T.UNCERTAIN and _settle(tx, rules, row, status, at, is_final=is_final):
        _close_task(tx, row, at)


def _settle(
    tx: Transaction, rules: Rules, row: Transmission, status: DeliveryStatus, at: datetime, *, is_final: bool
) -> bool:
    if status.state is DeliveryState.DELIVERED and is_whole(row, status):
        counted = replace(row, pages_confirmed=status.pages_confirmed or 0, dials=status.attempts)
        delivered(tx, rules, counted, at, counts_pages=status.pages_confirmed is not None)
        return True
    if status.state is DeliveryState.FAILED:
        _fail(tx, rules, row, status, at, is_final=is_final)
        return True
    return False


def _fail(
    tx: Transaction, rules: Rules, row: Transmission, status: DeliveryStatus, at: datetime, *, is_final: bool
) -> None:
    """As any failure, unless something was sent since: then nothing further follows."""
    cause = f"{status.cause.value}: {status.detail}"
    if any(later.ordinal > row.ordinal for later in tx.transmissions_of(row.referral_id)):
        write(tx, row, replace(row, state=T.FAILED, ended_at=at, cause=cause), at)
    else:
        failed(tx, rules, row, cause, at, may_work_later=status.cause.may_work_later(was_dialled_again=is_final))


def _close_task(tx: Transaction, row: Transmission, at: datetime) -> None:
    if not any(other.state is T.UNCERTAIN for other in tx.transmissions_of(row.referral_id)):
        tx.close_tasks(row.referral_id, [TaskKind.UNCERTAIN_TRANSMISSION], at, "system")
