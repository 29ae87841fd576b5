"""Writing the audit log and asking it."""

import csv
import io
from dataclasses import dataclass, replace

from gateway.domain.audit import AuditEntry, AuditKind, ChainedEntry
from gateway.services.access.accounts import By
from gateway.services.access.ports import AccessStore, AuditQuestion
from gateway.services.ports import Clock

_MOST_EXPORTED = 200_000
_COLUMNS = ("entry", "time (UTC)", "who", "what", "referral", "item", "page", "answer", "address", "detail", "hash")


@dataclass(frozen=True, slots=True)
class AuditLog:
    """Use cases of the audit log."""

    store: AccessStore
    clock: Clock

    def record(self, entry: AuditEntry) -> None:
        """Durable once this returns: what cannot be recorded is not shown."""
        with self.store.transaction() as tx:
            tx.record(entry)

    def ask(self, question: AuditQuestion) -> list[ChainedEntry]:
        """The newest first."""
        with self.store.transaction() as tx:
            return tx.audit(question)

    def export(self, question: AuditQuestion, by: By) -> str:
        """CSV of all that is asked for, oldest first; the export is an entry itself."""
        with self.store.transaction() as tx:
            found = tx.audit(replace(question, limit=_MOST_EXPORTED, before_seq=None))
            detail = f"{len(found)} entries of the audit log"
            tx.record(AuditEntry(AuditKind.EXPORTED, self.clock.now(), by.name, by.address, detail=detail))
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(_COLUMNS)
        writer.writerows(_line(chained) for chained in reversed(found))
        return out.getvalue()


def _line(chained: ChainedEntry) -> list[str]:
    entry = chained.entry
    values = (
        chained.seq,
        entry.at.isoformat(),
        entry.actor,
        entry.kind,
        entry.referral,
        entry.item,
        entry.path,
        entry.status,
        entry.address,
        entry.detail,
        chained.hash,
    )
    return [_harmless("" if value is None else str(value)) for value in values]


def _harmless(text: str) -> str:
    """No formula for the spreadsheet that opens it."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) and not text[1:].isdigit() else text
