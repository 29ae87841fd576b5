"""What opens mailboxes without a password, as far as it is kept: read for a moment, and nothing is made."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from config.settings import Settings
from gateway.desk import database_url
from gateway.doctor.finding import Finding, doubt, fault
from gateway.services.grant_questions import GrantTransaction, SealedGrant
from gateway.storage.store import SqlStore

_NOBODY_YET = "nobody has logged in"


@dataclass(frozen=True, slots=True)
class GrantsOnDisk:
    """The clinic's store, opened for each question; one that is not there yet holds nothing."""

    settings: Settings

    @contextmanager
    def transaction(self) -> Generator[GrantTransaction]:
        """See `GrantStore.transaction`."""
        storage = self.settings.storage
        if not storage.database_url and not (storage.data_dir / "referloop.sqlite").exists():
            yield _Nothing()
            return
        store = SqlStore.open(database_url(self.settings))
        try:
            with store.transaction() as tx:
                yield tx
        finally:
            store.close()


class _Nothing:
    """A store before its first day."""

    def grant(self, account: str) -> SealedGrant | None:
        """Nobody's."""
        del account

    def keep_grant(self, grant: SealedGrant, instead_of: str | None = None) -> bool:
        """Where there was none there is none to replace."""
        del grant, instead_of
        return False

    def forget_grant(self, account: str) -> bool:
        """There is none."""
        del account
        return False


def no_token(cause: str, username: str, *, login_follows: bool) -> Finding:
    """Why a mailbox without a password does not open. `username` is the setting that names its owner."""
    what, _, remedy = cause.rpartition(": run ")
    if _NOBODY_YET in cause:
        if login_follows:
            return doubt(what, "that comes at the end of this setup")
        return fault(what, f"run {remedy}")
    what, _, remedy = cause.rpartition("; run ")
    if what:
        return fault(what, f"run {remedy}")
    return fault(cause, f"is {username} the mailbox that somebody logged in to, and mail.oauth right? See docs/mail.md")
