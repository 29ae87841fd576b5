"""An intake sheet: what staff have filled in so far of a referral that is not opened yet. Pure.

It holds whatever was typed, whole or not; the checks of an intake come when it is sent.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SheetFile:
    """An attachment whose bytes are in the vault. `pages` 0: not counted."""

    id: int
    sha256: str
    name: str
    media_type: str
    size_bytes: int
    pages: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class IntakeSheet:
    """One sheet. `number` is the referral's own once it is opened; `version` counts the changes."""

    id: int
    number: str
    fields: dict[str, str] = field(default_factory=dict[str, str])
    files: tuple[SheetFile, ...] = ()
    version: int = 1
    started_at: datetime | None = None
    started_by: str = ""
    saved_at: datetime | None = None
    saved_by: str = ""
    discarded_at: datetime | None = None
    referral_id: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can still be written on."""
        return self.referral_id is None and self.discarded_at is None
