"""What a clue says: a weight of evidence and a sentence for staff."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gateway.domain.directory import Recipient
from gateway.domain.evidence import Evidence
from gateway.domain.referral import Referral


class Identifier(StrEnum):
    """Independent things that identify a patient or our own page; two agreeing ones are needed, or proof."""

    PROOF = "proof"  # a verified code or reply token
    NUMBER = "number"  # a printed referral number
    NAME = "name"
    BIRTH_DATE = "birth date"
    MRN = "MRN"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Finding:
    """One judgement. `weight` is a natural logarithm of the likelihood ratio; `is_against` forbids filing.

    `is_stranger` says that who wrote it is not whom we asked.
    """

    weight: float
    sentence: str
    identifies: Identifier | None = None
    is_against: bool = False
    is_stranger: bool = False


class Rule(Protocol):
    """One clue a file. A lone weak clue never files by itself."""

    def judge(self, evidence: Evidence, referral: Referral, recipient: Recipient) -> tuple[Finding, ...]:
        """What this clue says of one referral; nothing if it does not apply."""
        ...
