"""What tokens of the HTTP API ask of a transaction: the tokens, and answers kept for repeated requests."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.domain.token import ApiToken


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What a request with an idempotency key was, and what it was answered; `status` is None while it is worked on."""

    asked_hash: str
    asked_at: datetime
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""


class TokensTransaction(Protocol):
    """Tokens of one transaction."""

    def tokens(self) -> list[ApiToken]:
        """All, the newest first, revoked ones too."""
        ...

    def token_hashed(self, secret_hash: str) -> ApiToken | None:
        """By its secret's hash."""
        ...

    def add_token(self, token: ApiToken) -> ApiToken:
        """A new one; the id is given here."""
        ...

    def touch_token(self, token_id: int, at: datetime) -> None:
        """It was used."""
        ...

    def revoke_token(self, token_id: int, at: datetime, by: str) -> None:
        """It opens nothing any more."""
        ...

    def kept_answer(self, token_id: int, key_hash: str) -> KeptAnswer | None:
        """What was asked and answered under a key."""
        ...

    def keep_answer(self, token_id: int, key_hash: str, kept: KeptAnswer) -> None:
        """In place of what was kept under the key."""
        ...

    def drop_answer(self, token_id: int, key_hash: str) -> None:
        """The request did nothing: the key may be used again."""
        ...

    def forget_answers(self, asked_before: datetime) -> None:
        """Drop what is too old to be repeated."""
        ...
