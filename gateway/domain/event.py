"""Every change is an event, and events form a chain that shows when one was changed or removed."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What happened."""

    REFERRAL_OPENED = "referral_opened"
    REFERRAL_MOVED = "referral_moved"
    REFERRAL_ASSIGNED = "referral_assigned"  # to one account, or to nobody
    REFERRAL_REDIRECTED = "referral_redirected"  # another recipient
    REFERRAL_ENCLOSED = "referral_enclosed"  # one more file goes with its packets
    ENCLOSURE_TAKEN_OFF = "enclosure_taken_off"  # one file goes with them no longer
    REFERRAL_RESCHEDULED = "referral_rescheduled"  # appointment date set or changed without a move
    FOLLOW_UP_TAKEN = "follow_up_taken"  # a rung of the ladder
    FOLLOW_UP_PAUSED = "follow_up_paused"
    FOLLOW_UP_RESUMED = "follow_up_resumed"
    CALL_LOGGED = "call_logged"  # staff spoke with the office
    BARRIER_RECORDED = "barrier_recorded"  # what keeps the patient from going
    TRANSMISSION_INTENDED = "transmission_intended"
    TRANSMISSION_MOVED = "transmission_moved"
    TRANSMISSION_PRICED = "transmission_priced"  # what the carrier charges
    DOCUMENT_RECEIVED = "document_received"
    DOCUMENT_DUPLICATE = "document_duplicate"
    DOCUMENT_READ = "document_read"
    DOCUMENT_UNREADABLE = "document_unreadable"
    DOCUMENT_QUARANTINED = "document_quarantined"  # infected
    PART_FILED = "part_filed"
    PART_QUEUED = "part_queued"
    PART_LIKE_EARLIER = "part_like_earlier"  # likely the same paper, faxed again
    PART_DISCARDED = "part_discarded"
    PART_CORRECTED = "part_corrected"  # a person's word in place of the reader's, before filing
    PART_KEPT = "part_kept"  # off the queue for good: a paper of the clinic's own
    PART_TAKEN_BACK = "part_taken_back"  # settled wrongly: in the queue again
    PART_ASSIGNED = "part_assigned"
    PART_LABELLED = "part_labelled"
    PART_NOTED = "part_noted"
    PART_ARRANGING = "part_arranging"  # another arrangement of its pages was asked for
    PART_NOT_ARRANGED = "part_not_arranged"  # it could not be read so: it waits as it was
    PART_REARRANGED = "part_rearranged"  # split, joined, pages turned, ordered or left out
    DOCUMENT_READ_AGAIN = "document_read_again"
    REFERRAL_PUT_BACK = "referral_put_back"  # a document filed on it was taken back
    SENDER_BLOCKED = "sender_blocked"
    SENDER_UNBLOCKED = "sender_unblocked"
    TASK_OPENED = "task_opened"
    TASK_DONE = "task_done"
    TASK_SNOOZED = "task_snoozed"
    RECIPIENT_SAVED = "recipient_saved"
    RECIPIENT_MERGED = "recipient_merged"  # another entry of the directory was the same office
    RECIPIENT_PARTED = "recipient_parted"  # they were two after all
    NUMBER_CONFIRMED = "number_confirmed"
    NUMBER_SET_ASIDE = "number_set_aside"  # it kept failing
    TEXT_INTENDED = "text_message_intended"
    TEXT_MOVED = "text_message_moved"
    TEXT_WITHHELD = "text_message_withheld"  # its words would have given something away
    TEXT_REPLIED = "text_message_replied"  # the patient wrote back
    TEXT_CONSENT_GIVEN = "text_consent_given"
    TEXT_CONSENT_WITHDRAWN = "text_consent_withdrawn"
    CERTIFICATE_SAVED = "certificate_saved"
    CERTIFICATE_REMOVED = "certificate_removed"
    PURGED = "purged"


@dataclass(frozen=True, slots=True)
class Event:
    """One change. `detail` holds plain values by name; `actor` is "system" or a person's name."""

    kind: EventKind
    at: datetime
    actor: str = "system"
    referral_id: int | None = None
    arrival_id: int | None = None
    part_id: int | None = None
    transmission_id: int | None = None
    recipient_id: int | None = None
    detail: dict[str, str | int | float | bool | list[str] | None] | None = None


@dataclass(frozen=True, slots=True)
class ChainedEvent:
    """An event as stored: its place, the hash before it and its own."""

    seq: int
    event: Event
    previous_hash: str
    hash: str


GENESIS = "0" * 64


def chain_hash(seq: int, event: Event, previous_hash: str) -> str:
    """SHA-256 over the place, the hash before and every field of the event, as sorted JSON."""
    body = {
        "seq": seq,
        "previous": previous_hash,
        "kind": event.kind,
        "at": event.at.isoformat(),
        "actor": event.actor,
        "referral": event.referral_id,
        "arrival": event.arrival_id,
        "part": event.part_id,
        "transmission": event.transmission_id,
        "recipient": event.recipient_id,
        "detail": event.detail,
    }
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
