"""Small secrets sealed before they are stored or handed to a browser: AES-256-GCM, under keys made of the clinic's own.

Whoever holds the database or a backup of it without `code_key` can read none of them.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_MARK = "sealed1:"
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Seal:
    """Seals for one purpose; what is sealed for another, or about somebody else, does not open."""

    key: bytes
    purpose: str

    def close(self, text: str, about: str) -> str:
        """The text sealed, with what it is about bound to it; nothing stays nothing."""
        if not text:
            return ""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(self._own_key()).encrypt(nonce, text.encode(), about.encode())
        return _MARK + urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, about: str) -> str | None:
        """The text; None if it was not sealed so, under this key, about this."""
        if not is_sealed(sealed):
            return None
        try:
            raw = urlsafe_b64decode(sealed.removeprefix(_MARK))
            return AESGCM(self._own_key()).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], about.encode()).decode()
        except (ValueError, InvalidTag):
            return None

    def _own_key(self) -> bytes:
        return HKDF(SHA256(), 32, salt=None, info=f"referloop: {self.purpose}".encode()).derive(self.key)


def is_sealed(text: str) -> bool:
    """Whether it says of itself that it is."""
    return text.startswith(_MARK)
