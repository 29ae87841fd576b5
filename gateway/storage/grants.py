"""Sealed grants that open mailboxes, one row an account."""

from sqlalchemy import Column, Table, delete, insert, select, update

from gateway.services.grant_questions import SealedGrant
from gateway.storage.chain import EventRows
from gateway.storage.tables import Utc, Words, metadata

mail_grants = Table(
    "mail_grants",
    metadata,
    Column("account", Words, primary_key=True),
    Column("sealed", Words, nullable=False),
    Column("kept_at", Utc, nullable=False),
    Column("trouble", Words, nullable=False),
)


class GrantRows(EventRows):
    """Grants on one transaction's connection; see `GrantTransaction`."""

    def grant(self, account: str) -> SealedGrant | None:
        """The account's grant, or None."""
        row = self._connection.execute(select(mail_grants).where(mail_grants.c.account == account)).one_or_none()
        return SealedGrant(row.account, row.sealed, row.kept_at, row.trouble) if row else None

    def keep_grant(self, grant: SealedGrant, instead_of: str | None = None) -> bool:
        """Keep it, over whatever was kept; or only if `instead_of` is still the sealed text. Whether it was kept."""
        values = {"sealed": grant.sealed, "kept_at": grant.kept_at, "trouble": grant.trouble}
        change = update(mail_grants).where(mail_grants.c.account == grant.account)
        if instead_of is not None:
            change = change.where(mail_grants.c.sealed == instead_of)
        if self._connection.execute(change.values(**values)).rowcount:
            return True
        if instead_of is None:
            self._connection.execute(insert(mail_grants).values(account=grant.account, **values))
        return instead_of is None

    def forget_grant(self, account: str) -> bool:
        """Whether there was one."""
        return bool(self._connection.execute(delete(mail_grants).where(mail_grants.c.account == account)).rowcount)
