"""What a receipt means for the mail that it is about."""

from datetime import datetime

from config.vocabulary import Channel
from gateway.domain.transmission import Transmission
from gateway.services.late_word import record_word
from gateway.services.ports import Transaction
from gateway.services.record_delivery import record_bounce
from gateway.services.rules import Rules
from outbound.sender import DeliveryState, DeliveryStatus
from parsers.reading import Receipt


def note_receipt(tx: Transaction, rules: Rules, receipt: Receipt, row: Transmission, at: datetime) -> None:
    """It reached the office's mailbox, or it will not; of what was deleted unread or says nothing, nothing follows."""
    if row.channel is not Channel.EMAIL or receipt.is_delivered is None:
        return
    if receipt.is_delivered:
        status = DeliveryStatus(DeliveryState.DELIVERED, pages_confirmed=None, detail=f"receipt: {receipt.words}")
        record_word(tx, rules, row, status, at, is_final=True)
    else:
        record_bounce(tx, rules, row, f"the office's mail system says: {receipt.words}", at, is_permanent=True)
