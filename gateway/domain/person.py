"""Who works with the clinic's referrals, what each may do, and for how long a wrong secret shuts the door. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Role(StrEnum):
    """What a person may do; each may also do what those before it may."""

    VIEWER = "viewer"  # sees referrals
    STAFF = "staff"  # settles the queue, sends, cancels
    MANAGER = "manager"  # reads the audit log
    ADMINISTRATOR = "administrator"  # adds and shuts out people

    def allows(self, needed: "Role") -> bool:
        """Whether this role may do what `needed` may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Person:
    """One account. `name` is typed to log in and is the actor of what they do; it is never given to another."""

    id: int
    name: str
    role: Role
    password_hash: str
    created_at: datetime
    must_change_password: bool = False  # someone else chose it
    totp_secret: str = ""  # empty: no second factor
    totp_used_step: int = 0  # the newest time step whose code was taken: no code opens twice
    totp_offered: str = ""  # a secret shown to the person, not yet proved
    is_disabled: bool = False
    has_password: bool = True  # else they come by the identity provider alone

    @property
    def has_second_factor(self) -> bool:
        """Whether a password alone does not let them in."""
        return bool(self.totp_secret)


_NAME = re.compile(r"[^\W_](?:[\w .'@-]{0,38}[\w.])?")
_MACHINES = ("system", "retry", "referloop", "follow-up", "drop folder")
"""Actors of events that are nobody."""


def name_fault(name: str) -> str:
    """Why this cannot be a person's name, or nothing."""
    if not _NAME.fullmatch(name):
        return "a name has 1 to 40 letters, digits, spaces, dots, hyphens or apostrophes, and begins with a letter"
    if name_key(name).startswith(_MACHINES):
        return "this name stands for the program itself in the history: choose another"
    return ""


def name_key(name: str) -> str:
    """What two names share that nobody should be asked to tell apart."""
    return " ".join(name.split()).casefold()


_LONGEST_LOCK = timedelta(minutes=15)
_FIRST_LOCK = timedelta(seconds=15)
FORGOTTEN_AFTER = timedelta(hours=1)
"""Wrong secrets count no longer after this."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How many wrong secrets are borne before the door is shut for a while, each time for longer."""

    borne: int

    def lock(self, failures: int) -> timedelta:
        """How long nothing is tried any more after this many failures in a row."""
        over = failures - self.borne
        if over < 0:
            return timedelta(0)
        return min(_LONGEST_LOCK, _FIRST_LOCK * 2 ** min(over, 10))


WITH_A_NAME = Patience(5)
WITH_AN_ADDRESS = Patience(20)
"""A clinic's desks may all show one address."""
