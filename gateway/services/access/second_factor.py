"""The second factor: time-based codes of an authenticator app (RFC 6238), and codes on paper for when it is lost.

An account holds the app's secret sealed; it is opened only here, where a code is checked or the secret is shown.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from pyotp import random_base32
from pyotp.totp import TOTP

from gateway.domain.audit import AuditEntry, AuditKind
from gateway.domain.person import Person, name_key
from gateway.errors import PersonRefused
from gateway.services.access.passwords import drawn, hash_of_drawn
from gateway.services.access.ports import AccessStore
from gateway.services.access.sealing import Seal, is_sealed
from gateway.services.ports import Clock

_STEP_S = 30
_EITHER_SIDE = 1  # clocks of phones and servers differ
_RECOVERY_CODES = 10
_GROUPS = 3  # 59 bits: a fast hash does


def code_step(secret: str, typed: str, now: datetime, *, after: int = 0) -> int:
    """The time step whose code was typed, if it is near and later than `after`; else 0."""
    if not secret:
        return 0
    code, totp = plain_code(typed), TOTP(secret, interval=_STEP_S)
    current = int(now.timestamp()) // _STEP_S
    steps = range(current - _EITHER_SIDE, current + _EITHER_SIDE + 1)
    right = [step for step in steps if secrets.compare_digest(totp.at(step * _STEP_S).encode(), code.encode())]
    return next((step for step in right if step > after), 0)


def seal_of_factors(key: bytes) -> Seal:
    """The seal on secrets of authenticator apps, made of the clinic's key."""
    return Seal(key, "second factors")


def opened(seal: Seal, person: Person, sealed: str) -> str:
    """A secret of this person's; empty if there is none, or it was sealed under another key: then no code is right."""
    return seal.open(sealed, name_key(person.name)) or ""


def plain_code(typed: str) -> str:
    """A code without the spaces and hyphens people read it with."""
    return "".join(char for char in typed.casefold() if char.isalnum())


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """Use cases of a person's own second factor."""

    store: AccessStore
    clock: Clock
    seal: Seal

    def offer(self, person_id: int) -> str:
        """The secret to take into the app; the same one until it is proved, so that a reload spoils nothing."""
        with self.store.transaction() as tx:
            person = tx.person(person_id)
            if known := opened(self.seal, person, person.totp_offered):
                return known
            offered = random_base32()
            tx.save_person(replace(person, totp_offered=self._sealed(offered, person)))
            return offered

    def confirm(self, person_id: int, typed: str, address: str) -> list[str]:
        """Put the offered secret in force, once a code proves that the app has it; the recovery codes, told once.

        Raises:
            PersonRefused: the code is wrong.
        """
        now = self.clock.now()
        codes = [drawn(_GROUPS) for _ in range(_RECOVERY_CODES)]
        with self.store.transaction() as tx:
            person = tx.person(person_id)
            step = code_step(opened(self.seal, person, person.totp_offered), typed, now)
            if not step:
                raise PersonRefused("this is not the code the app shows now: check the phone's clock, and type it anew")
            proved = replace(person, totp_secret=person.totp_offered, totp_used_step=step, totp_offered="")
            tx.save_person(proved)
            tx.keep_recovery_codes(person_id, [hash_of_drawn(plain_code(code)) for code in codes])
            tx.record(AuditEntry(AuditKind.SECOND_FACTOR_SET, now, person.name, address))
        return codes

    def seal_kept(self) -> int:
        """Seal what an older Referloop kept as it was; how many secrets that were."""
        count = 0
        with self.store.transaction() as tx:
            for person in tx.people():
                plain = [text for text in (person.totp_secret, person.totp_offered) if text and not is_sealed(text)]
                if plain:
                    secret, offered = (self._sealed(text, person) for text in (person.totp_secret, person.totp_offered))
                    tx.save_person(replace(person, totp_secret=secret, totp_offered=offered))
                    count += len(plain)
        return count

    def _sealed(self, text: str, person: Person) -> str:
        return text if is_sealed(text) else self.seal.close(text, name_key(person.name))

    def codes_left(self, person_id: int) -> int:
        """How many recovery codes can still be used."""
        with self.store.transaction() as tx:
            return tx.recovery_codes_left(person_id)


def without_second_factor(person: Person) -> Person:
    """The account as it was before there was one."""
    return replace(person, totp_secret="", totp_offered="", totp_used_step=0)


def in_app_words(secret: str, name: str, clinic: str) -> str:
    """What the picture says that an authenticator app reads."""
    return TOTP(secret, interval=_STEP_S).provisioning_uri(name=name, issuer_name=clinic or "Referloop")
