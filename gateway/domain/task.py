"""What a person must do, because a machine cannot or must not."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TaskKind(StrEnum):
    """Why a person is asked."""

    CALL = "call"  # the recipient stays silent
    TELL_CLINICIAN = "tell_clinician"  # the last rung: the referring clinician must know
    INFORMATION = "information"  # the recipient asks for something
    DECLINED = "declined"  # find another recipient
    REACH_PATIENT = "reach_patient"
    NO_SHOW = "no_show"
    FIX_DESTINATION = "fix_destination"  # number or address does not work
    VERIFY_NUMBER = "verify_number"  # a fax number keeps failing and is dialled no more
    UNCERTAIN_TRANSMISSION = "uncertain_transmission"  # may have arrived; ask before sending again
    TEXT_REPLY = "text_reply"  # the patient wrote back in their own words
    REVIEW_REPORT = "review_report"


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do. At most one open task of a kind per referral."""

    id: int
    referral_id: int
    kind: TaskKind
    text: str
    created_at: datetime
    due_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str = ""
    snoozed_until: datetime | None = None  # off the work list until then
