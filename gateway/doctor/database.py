"""The database: opens, is whole, and takes a commit soon."""

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from config.settings import Settings
from gateway.desk import Desk, open_desk
from gateway.doctor.finding import Finding, Tell, doubt, fault, well
from gateway.errors import ReferloopError

_SLOW_S = 1.0
_PLACE = "doctor"


@dataclass(frozen=True, slots=True)
class DatabaseCheck:
    """Opens the store as every command does, which brings its schema up to date."""

    settings: Settings
    name: str = "database"
    limit_s: float = 60.0

    async def run(self, tell: Tell) -> list[Finding]:
        """Open, write one row, count."""
        tell("opening it and committing a row")
        return await asyncio.to_thread(self._try)

    def _try(self) -> list[Finding]:
        try:
            with open_desk(self.settings) as desk:
                return self._commit(desk)
        except (ReferloopError, OSError) as error:
            return [fault(str(error), "check storage.database_url, the server, the disk and the folder's owner")]

    def _commit(self, desk: Desk) -> list[Finding]:
        began_at = time.monotonic()
        with desk.store.transaction() as tx:
            tx.keep_place(_PLACE, datetime.now(UTC).isoformat())
            rows = tx.counts()
        took_s = time.monotonic() - began_at
        referrals = sum(count for name, count in rows.items() if name.startswith("referrals."))
        what = f"opens and takes a commit in {took_s * 1000:.0f} ms; {referrals} referrals"
        found = well(what)
        if took_s > _SLOW_S:
            found = replace(doubt(what, ""), mend="the disk or the server is slow: everything waits for its commits")
        return [found]
