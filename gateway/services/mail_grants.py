"""The grants that open mailboxes without a password: kept sealed, refreshed in time, one refresh at a time.

A grant that its provider no longer honours is told to staff once and asked about rarely, never in a loop.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from gateway.services.access.sealing import Seal
from gateway.services.grant_questions import GrantStore, GrantTransaction, SealedGrant
from gateway.services.ports import Clock
from outbound.errors import AccessRefused
from outbound.oauth import TokenClient, Tokens

_EARLY = timedelta(minutes=5)  # before its end a token is replaced; a connection made with it lives on
_ASK_AGAIN = timedelta(hours=1)  # a refused grant may have been restored at the provider
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class MailGrants:
    """All accounts' grants. `key` is the clinic's secret, from which the sealing key is made."""

    store: GrantStore
    clock: Clock
    key: bytes = field(repr=False)
    clients: Mapping[str, TokenClient]
    _one_at_a_time: dict[str, asyncio.Lock] = field(default_factory=dict[str, asyncio.Lock])
    _refused_at: dict[str, datetime] = field(default_factory=dict[str, datetime])

    def source(self, account: str) -> "AccountTokens":
        """The tokens of one account, for whoever logs in."""
        return AccountTokens(self, account)

    async def token(self, account: str, refused: str = "") -> str:
        """See `TokenSource.token`."""
        async with self._one_at_a_time.setdefault(account, asyncio.Lock()):
            grant = await asyncio.to_thread(self._kept, account)
            if grant is None:
                raise AccessRefused(f"nobody has logged in to mailbox {account} yet: {_remedy(account)}")
            tokens = self._opened(grant)
            is_good = tokens.access != refused and tokens.expires_at - _EARLY > self.clock.now()
            if is_good and not grant.trouble:
                return tokens.access
            return await self._refreshed(grant, tokens)

    async def _refreshed(self, grant: SealedGrant, tokens: Tokens) -> str:
        """Get the next tokens and keep them before anyone uses them: some providers end the old ones."""
        account, now = grant.account, self.clock.now()
        refused_at = self._refused_at.get(account)
        if grant.trouble and refused_at is not None and now < refused_at + _ASK_AGAIN:
            raise AccessRefused(grant.trouble)
        try:
            after = await self.clients[account].refresh(tokens.refresh)
        except AccessRefused as error:
            self._refused_at[account] = now
            said = f"mailbox {account} is shut: {error}; {_remedy(account)}"
            await asyncio.to_thread(self._keep, replace(grant, trouble=said), grant.sealed)
            _log.error("grant refused", extra={"action": "mail_grant", "account": account})
            raise AccessRefused(said) from error
        sealed = SealedGrant(account, self._sealed(account, after), self.clock.now())
        await asyncio.to_thread(self._keep, sealed, grant.sealed)
        self._refused_at.pop(account, None)
        _log.info("grant refreshed", extra={"action": "mail_grant", "account": account})
        return after.access

    def keep(self, account: str, tokens: Tokens) -> None:
        """What a person's log-in brought."""
        self._keep(SealedGrant(account, self._sealed(account, tokens), self.clock.now()), None)

    def forget(self, account: str) -> bool:
        """Drop an account's grant; whether there was one."""
        with self.store.transaction() as tx:
            return tx.forget_grant(account)

    def kept(self, tx: GrantTransaction) -> dict[str, SealedGrant | None]:
        """Every account that needs a grant, and what it has."""
        return {account: tx.grant(account) for account in self.clients}

    def troubles(self) -> list[str]:
        """For health and the web: which mailboxes are shut, and what to do."""
        with self.store.transaction() as tx:
            kept = self.kept(tx)
        missing = [
            f"nobody has logged in to mailbox {name} yet: {_remedy(name)}" for name, one in kept.items() if not one
        ]
        return [*missing, *(grant.trouble for grant in kept.values() if grant and grant.trouble)]

    def _kept(self, account: str) -> SealedGrant | None:
        with self.store.transaction() as tx:
            return tx.grant(account)

    def _keep(self, grant: SealedGrant, instead_of: str | None) -> None:
        with self.store.transaction() as tx:
            tx.keep_grant(grant, instead_of)

    def _seal(self) -> Seal:
        return Seal(self.key, "mail grants")

    def _sealed(self, account: str, tokens: Tokens) -> str:
        told = {"access": tokens.access, "refresh": tokens.refresh, "expires_at": tokens.expires_at.isoformat()}
        return self._seal().close(json.dumps(told), account)

    def _opened(self, grant: SealedGrant) -> Tokens:
        opened = self._seal().open(grant.sealed, grant.account)
        if opened is None:
            said = f"the grant of mailbox {grant.account} was sealed with another code_key: {_remedy(grant.account)}"
            raise AccessRefused(said)
        told = json.loads(opened)
        return Tokens(told["access"], told["refresh"], datetime.fromisoformat(told["expires_at"]))


@dataclass(frozen=True, slots=True)
class AccountTokens:
    """The tokens of one account; a `TokenSource`."""

    grants: MailGrants
    account: str

    async def token(self, refused: str = "") -> str:
        """See `TokenSource.token`."""
        return await self.grants.token(self.account, refused)


def _remedy(account: str) -> str:
    return f"run `referloop mail login {account}`"
