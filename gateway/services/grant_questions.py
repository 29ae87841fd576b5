"""What of a transaction knows the grants that open mailboxes. What is kept is sealed before it comes here."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SealedGrant:
    """One account's tokens, sealed; `trouble` says why they open nothing any more, in words for staff."""

    account: str
    sealed: str = field(repr=False)
    kept_at: datetime
    trouble: str = ""


class GrantTransaction(Protocol):
    """Grants of one transaction."""

    def grant(self, account: str) -> SealedGrant | None:
        """The account's grant, or None."""
        ...

    def keep_grant(self, grant: SealedGrant, instead_of: str | None = None) -> bool:
        """Keep it, over whatever was kept; or only if `instead_of` is still the sealed text. Whether it was kept."""
        ...

    def forget_grant(self, account: str) -> bool:
        """Whether there was one."""
        ...


class GrantStore(Protocol):
    """The clinic's store, as far as grants go."""

    def transaction(self) -> AbstractContextManager[GrantTransaction]:
        """Begin; commit at the end of the block, roll back if it raises."""
        ...
