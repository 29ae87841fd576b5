"""The same paper faxed again: linked to the first, kept, and never allowed to move a referral a second time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from config.vocabulary import DocumentKind
from gateway.domain.arrival import Part, PartState
from gateway.domain.evidence import Evidence
from gateway.domain.likeness import fingerprint, from_json, likeness

_NOT_PAPER = frozenset({DocumentKind.BOUNCE, DocumentKind.AUTO_REPLY})


class TwinsTransaction(Protocol):
    """What of a transaction knows earlier papers."""

    def fingerprints_before(self, part: Part) -> Iterator[tuple[Part, str]]:
        """Earlier parts of other files of the same kind with their fingerprints, the newest first."""
        ...

    def keep_fingerprint(self, part: Part, fingerprint: str, like: Part | None, why: str, at: datetime) -> None:
        """Keep a part's fingerprint and, where it is likely the same paper as an earlier one, the link and why."""
        ...


@dataclass(frozen=True, slots=True)
class Twin:
    """The earlier part and why the two are the same paper."""

    part: Part
    why: str

    @property
    def is_filed(self) -> bool:
        """Whether the first one's answer was already taken."""
        return self.part.state is PartState.FILED

    def sentence(self) -> str:
        """For staff."""
        return f"likely the same paper as item {self.part.id} ({self.part.state.value}): {self.why}"


def find_twin(tx: TwinsTransaction, part: Part, evidence: Evidence, text: str, at: datetime) -> Twin | None:
    """The earlier part that this one repeats, if any; its fingerprint and the link are kept."""
    if part.kind in _NOT_PAPER:
        return None
    own = fingerprint(evidence, text)
    alike = (
        Twin(earlier, why) for earlier, kept in tx.fingerprints_before(part) if (why := likeness(own, from_json(kept)))
    )
    twin = next(alike, None)
    tx.keep_fingerprint(part, own.as_json(), twin.part if twin else None, twin.why if twin else "", at)
    return twin
