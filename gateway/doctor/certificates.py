"""Certificates of mail (S/MIME): the clinic's own with their keys, and those on file for others, before they end."""

import asyncio
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime

from config.errors import SettingsError
from config.settings import Settings
from gateway.desk import database_url
from gateway.doctor.finding import Finding, Tell, doubt, fault, well
from gateway.doctor.tls import judge_expiry
from gateway.domain.certificate import Certificate
from gateway.errors import ReferloopError
from gateway.mail_keys import own_signature, smime_of_reader
from gateway.mailboxes import mailboxes
from gateway.storage.store import SqlStore
from parsers.certificates import names

_RENEW = "have it renewed, then name the new files in mail.smime and the old ones in mail.smime.former"


@dataclass(frozen=True, slots=True)
class CertificatesCheck:
    """Asked for where mail is on; says nothing of S/MIME where nobody uses it."""

    settings: Settings
    name: str = "certificates"
    limit_s: float = 30.0

    async def run(self, tell: Tell) -> list[Finding]:
        """Read the files and the rows."""
        tell("looking at own certificates and those on file")
        return await asyncio.to_thread(self._look, datetime.now(UTC))

    def _look(self, now: datetime) -> list[Finding]:
        found: list[Finding] = []
        try:
            smime_of_reader(self.settings)
            for box in mailboxes(self.settings):
                if (own := own_signature(box.smime)) is not None:
                    found.append(judge_expiry(own.certificate, box.from_address, _RENEW, now))
                    if not names(own.certificate, box.from_address):
                        mend = "offices will be told of a stranger's signature: have it issued for this address"
                        found.append(fault(f"mail.smime.certificate is not for {box.from_address}", mend))
        except SettingsError as error:
            found.append(fault(str(error), "see docs/mail.md, Signed and encrypted mail"))
        on_file = self._on_file()
        found += [_of_office(one, now) for one in on_file if one.warning(now)]
        if not found and not on_file:
            return [well("no mail is signed or encrypted by us (S/MIME)")]
        if shutil.which("openssl") is None:
            found.append(fault("OpenSSL is not installed: no signed mail is verified", "apt-get install openssl"))
        return [*found, well(f"{len(on_file)} certificates of others are on file")]

    def _on_file(self) -> list[Certificate]:
        storage = self.settings.storage
        if not storage.database_url and not (storage.data_dir / "referloop.sqlite").exists():
            return []
        try:
            store = SqlStore.open(database_url(self.settings))
        except ReferloopError:
            return []  # the check of the database says so
        try:
            with store.transaction() as tx:
                return tx.certificates()
        finally:
            store.close()


def _of_office(one: Certificate, now: datetime) -> Finding:
    what, _, mend = one.warning(now).partition(": ")
    mend = f"{mend}, and `referloop certificate add` it"
    return fault(what, mend) if one.not_after <= now else doubt(what, mend)
