"""The door that shuts for a while after wrong secrets: for a name, known or not, and for an address."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.person import FORGOTTEN_AFTER, WITH_A_NAME, WITH_AN_ADDRESS, Patience, name_key
from gateway.services.access.ports import Failures, SessionsTransaction


@dataclass(frozen=True, slots=True)
class Door:
    """One attempt's two doors. Kept by hash: people type passwords where the name belongs."""

    name: str
    address: str

    def knock(self, tx: SessionsTransaction, now: datetime) -> datetime | None:
        """Until when it is shut; else None, and the attempt counts as failed until `forgive` or `open`.

        It counts before the secret is looked at, so that many at once are many.
        """
        known = [(subject, patience, _recent(tx.failures(subject), now)) for subject, patience in self._subjects()]
        shut = [until for _, patience, failures in known if (until := _shut_until(failures, patience)) and until > now]
        if shut:
            return max(shut)
        for subject, _, failures in known:
            tx.keep_failures(subject, Failures(failures.count + 1, now))
        return None

    def forgive(self, tx: SessionsTransaction) -> None:
        """The secret was right: the last knock was no failure."""
        for subject, _ in self._subjects():
            failures = tx.failures(subject)
            tx.keep_failures(subject, Failures(max(0, failures.count - 1), failures.last_at))

    def open(self, tx: SessionsTransaction) -> None:
        """They are in: nothing stands against the name any more. The address only has its last knock back."""
        self.forgive(tx)
        tx.keep_failures(_hashed("name", name_key(self.name)), Failures())

    def _subjects(self) -> list[tuple[str, Patience]]:
        named = (_hashed("name", name_key(self.name)), WITH_A_NAME)
        return [named, (_hashed("address", self.address), WITH_AN_ADDRESS)]


@dataclass(frozen=True, slots=True)
class TokenDoor:
    """The door of programs, by their address alone; it is another than people's at the same address.

    While it is shut nothing is tried, right tokens neither. A right one does not count, and does not open it.
    """

    address: str

    def shut_until(self, tx: SessionsTransaction, now: datetime) -> datetime | None:
        """Until when it is shut; None if it is open."""
        until = _shut_until(_recent(tx.failures(self._subject()), now), WITH_AN_ADDRESS)
        return until if until and until > now else None

    def count(self, tx: SessionsTransaction, now: datetime) -> None:
        """A wrong token was shown."""
        failures = _recent(tx.failures(self._subject()), now)
        tx.keep_failures(self._subject(), Failures(failures.count + 1, now))

    def _subject(self) -> str:
        return _hashed("token address", self.address)


def reopen(tx: SessionsTransaction, name: str) -> None:
    """Forget what stood against a name: an administrator has given it a new password."""
    tx.keep_failures(_hashed("name", name_key(name)), Failures())


def _hashed(kind: str, what: str) -> str:
    return hashlib.sha256(f"{kind}:{what}".encode()).hexdigest()


def _recent(failures: Failures, now: datetime) -> Failures:
    is_recent = failures.last_at is not None and now - failures.last_at < FORGOTTEN_AFTER
    return failures if is_recent else Failures()


def _shut_until(failures: Failures, patience: Patience) -> datetime | None:
    return failures.last_at + patience.lock(failures.count) if failures.last_at else None
