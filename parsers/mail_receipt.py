"""Receipts: that a mail of ours reached its mailbox, was shown, or will not be.

Owns RFC 8098 (MDN) with Direct's `dispatched`, and the "delivered" of RFC 3464. What a receipt says is its sender's
word; that it names our Message-ID shows that they had our mail.
"""

import re
from email.message import Message

from parsers.mail_bounce import originals
from parsers.mail_headers import message_ids, value, values
from parsers.reading import Receipt

_ARRIVED = {"displayed", "dispatched", "processed"}
_LOST = {"failed", "denied", "error"}
_TYPE = re.compile(r";\s*([a-z]+)", re.IGNORECASE)


def find_receipt(message: Message, parts: list[Message]) -> Receipt | None:
    """What a mail confirms, or None if it is no receipt.

    Args:
        message: the whole mail.
        parts: all of it, containers too, in order.
    """
    for part in parts:
        payload = part.get_payload()
        if not isinstance(payload, list):
            continue
        blocks = [block for block in payload[:100] if isinstance(block, Message)]
        match part.get_content_type():
            case "message/disposition-notification" if blocks:
                return _disposition(blocks[0])
            case "message/delivery-status":
                told = {value(block, "Action").strip().lower() for block in blocks}
                if "delivered" in told and not told & {"failed", "delayed"}:
                    return Receipt(originals(message, parts, ""), is_delivered=True, words="delivered")
            case _:
                pass
    return None


def _disposition(block: Message) -> Receipt | None:
    """`automatic-action/MDN-sent-automatically; dispatched`: the word behind the semicolon decides."""
    found = _TYPE.search(value(block, "Disposition"))
    word = found[1].lower() if found else ""
    ids = tuple(message_ids(values(block, "Original-Message-ID")))
    if word in _ARRIVED:
        return Receipt(ids, is_delivered=True, words=word)
    return Receipt(ids, is_delivered=False if word in _LOST else None, words=word or "nothing we know")
