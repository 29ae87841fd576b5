"""Passwords and other secrets as they are kept: argon2 for what people choose, SHA-256 for what we drew at random."""

import hashlib
import hmac
import secrets
import threading
from base64 import b32encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.domain.person import name_key
from gateway.errors import PersonRefused

SHORTEST = 12
_LONGEST = 200
_FEWEST_DIFFERENT = 5
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # no 0, o, 1, i, l
_AT_ONCE = 2  # each takes 64 MiB and a core for a moment


class Passwords:
    """Hashes and proves passwords; a few at once, so that a flood of log-ins cannot fill the memory."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = threading.BoundedSemaphore(_AT_ONCE)
        self._nobodys = ""

    def hash(self, password: str) -> str:
        """As kept, with its own salt and costs."""
        with self._turn:
            return self._hasher.hash(password)

    def is_right(self, kept: str | None, password: str) -> bool:
        """Whether it is the one kept; with None it is not, but the answer takes as long."""
        with self._turn:
            try:
                return self._hasher.verify(kept or self._nobody(), password[:_LONGEST]) and bool(kept)
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, kept: str) -> bool:
        """Whether it was hashed with other costs than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _nobody(self) -> str:
        self._nobodys = self._nobodys or self._hasher.hash("nobody has this password")
        return self._nobodys


def refuse_weak(password: str, name: str) -> None:
    """Raise PersonRefused, saying what to choose instead, where a password would be guessed first."""
    if not SHORTEST <= len(password) <= _LONGEST:
        raise PersonRefused(f"a password has at least {SHORTEST} characters (and at most {_LONGEST}): a few words do")
    told = "".join(password.split()).casefold()
    if len(set(told)) < _FEWEST_DIFFERENT:
        raise PersonRefused("this password repeats the same few characters: choose a few words")
    rest = told.replace("".join(name_key(name).split()), "").replace("referloop", "").replace("password", "")
    if len(rest.strip("0123456789.!-_")) < _FEWEST_DIFFERENT:
        raise PersonRefused("this password is little more than a name or a number: choose a few words")


def drawn(groups: int) -> str:
    """A secret to be read out and typed: groups of four letters and digits, 19 bits each."""
    letters = ["".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(groups)]
    return "-".join(letters)


def hash_of_drawn(secret: str) -> str:
    """How a token or a recovery code of ours is kept: it is too long to be guessed, so a fast hash does."""
    return hashlib.sha256(secret.encode()).hexdigest()


def first_code(key: bytes) -> str:
    """The code that lets the first administrator in, made from the clinic's key: nothing to keep, nothing to lose."""
    made = b32encode(hmac.digest(key, b"referloop: the first administrator", hashlib.sha256)[:10]).decode()
    return "-".join(made[start : start + 4] for start in range(0, 16, 4))


def is_first_code(key: bytes, typed: str) -> bool:
    """Whether this is it, however it was spaced."""
    plain = "".join(char for char in typed.upper() if char.isalnum())
    return hmac.compare_digest(plain.encode(), first_code(key).replace("-", "").encode())
