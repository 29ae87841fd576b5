"""Telnyx's signature on a callback: Ed25519 over the time it was sent and the raw body."""

import base64
import binascii
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from outbound.callbacks import Callback

_WINDOW_S = 300


def is_signed(callback: Callback, public_key: str, now: datetime) -> bool:
    """Whether the holder of the key signed this body, at most five minutes from now; False without a key of ours."""
    sent_at = callback.headers.get("telnyx-timestamp", "")
    if not public_key or not sent_at.isascii() or not sent_at.isdigit() or len(sent_at) > 12:
        return False
    if abs(now.timestamp() - int(sent_at)) > _WINDOW_S:
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        signature = base64.b64decode(callback.headers.get("telnyx-signature-ed25519", ""), validate=True)
        key.verify(signature, sent_at.encode() + b"|" + callback.body)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
