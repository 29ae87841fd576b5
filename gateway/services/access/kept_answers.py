"""Requests that are made once although they are sent twice: the first answer is kept under the sender's own key."""

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta

from gateway.services.access.ports import AccessStore
from gateway.services.access.token_questions import KeptAnswer
from gateway.services.ports import Clock

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class KeptAnswers:
    """Claim a key before the deed, keep the answer after it."""

    store: AccessStore
    clock: Clock

    def claim(self, token_id: int, key: str, asked: bytes) -> KeptAnswer | None:
        """None if this request is the first under its key and is now to be done; else what was asked and answered."""
        now, hashed = self.clock.now(), _hash(key.encode())
        with self.store.transaction() as tx:
            tx.forget_answers(now - KEPT_FOR)
            if known := tx.kept_answer(token_id, hashed):
                return known
            tx.keep_answer(token_id, hashed, KeptAnswer(_hash(asked), now))
            return None

    def is_same(self, kept: KeptAnswer, asked: bytes) -> bool:
        """Whether the request under the key was this one."""
        return kept.asked_hash == _hash(asked)

    def keep(self, token_id: int, key: str, status: int, headers: tuple[tuple[str, str], ...], body: str) -> None:
        """The answer that a repeat gets too."""
        hashed = _hash(key.encode())
        with self.store.transaction() as tx:
            if known := tx.kept_answer(token_id, hashed):
                tx.keep_answer(token_id, hashed, replace(known, status=status, headers=headers, body=body))

    def release(self, token_id: int, key: str) -> None:
        """Nothing was done: the request may be sent again, mended."""
        with self.store.transaction() as tx:
            tx.drop_answer(token_id, _hash(key.encode()))


def _hash(what: bytes) -> str:
    return hashlib.sha256(what).hexdigest()
