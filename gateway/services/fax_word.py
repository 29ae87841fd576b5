"""What a fax-by-mail service's own mail means for the fax that it was to send."""

from collections.abc import Collection, Sequence
from datetime import datetime

from config.vocabulary import Channel, DocumentKind
from gateway.domain.evidence import Evidence
from gateway.domain.transmission import Transmission, TransmissionState
from gateway.services.late_word import record_word
from gateway.services.ports import Transaction
from gateway.services.rules import Rules
from outbound.sender import Cause, DeliveryState, DeliveryStatus
from parsers.reading import FaxSent

_WAITING = (TransmissionState.ACCEPTED, TransmissionState.UNCERTAIN)
_CAUSES = (("busy", Cause.BUSY), ("no answer", Cause.NO_ANSWER), ("invalid", Cause.WRONG_NUMBER))


def faxes_meant(
    tx: Transaction, word: FaxSent, printed: Collection[str], received_at: datetime
) -> Sequence[Transmission]:
    """The one fax that the mail can mean: of the referral it names, else the only one that waits at its number."""
    waiting: dict[int, Transmission] = {}
    for number in word.numbers:
        asked = Evidence(DocumentKind.AUTO_REPLY, 1.0, Channel.FAX, received_at, numbers=tuple(printed), sender=number)
        for referral in tx.candidates_for(asked):
            waiting |= {t.id: t for t in tx.transmissions_of(referral.id) if _waits(t, number)}
    named = [t for t in waiting.values() if tx.referral(t.referral_id).number in printed]
    meant = named or list(waiting.values())
    return meant if len(meant) == 1 else ()


def _waits(row: Transmission, number: str) -> bool:
    return row.carrier == "email" and row.destination == number and row.state in _WAITING


def note_fax_word(tx: Transaction, rules: Rules, word: FaxSent, row: Transmission, at: datetime) -> None:
    """The service counts no pages we could trust, and has dialled as often as it does."""
    if row.channel is not Channel.FAX:
        return
    if word.is_delivered:
        status = DeliveryStatus(DeliveryState.DELIVERED, pages_confirmed=None, detail=word.words)
    else:
        words = word.words.casefold()
        cause = next((cause for part, cause in _CAUSES if part in words), Cause.OTHER)
        status = DeliveryStatus(DeliveryState.FAILED, cause=cause, detail="the service says that it could not send it")
    record_word(tx, rules, row, status, at, is_final=True)
