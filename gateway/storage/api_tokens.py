"""Rows of tokens of the HTTP API, and of answers kept for repeated requests."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, delete, insert, select, update

from gateway.domain.person import Role
from gateway.domain.token import ApiToken, Scope
from gateway.services.access.token_questions import KeptAnswer
from gateway.storage.access_tables import api_answers, api_tokens
from gateway.storage.chain import EventRows

_HEADERS: TypeAdapter[tuple[tuple[str, str], ...]] = TypeAdapter(tuple[tuple[str, str], ...])


class TokenRows(EventRows):
    """Tokens and kept answers of one transaction's connection."""

    def tokens(self) -> list[ApiToken]:
        """All, the newest first, revoked ones too."""
        return [_token_of(row) for row in self._connection.execute(select(api_tokens).order_by(api_tokens.c.id.desc()))]

    def token_hashed(self, secret_hash: str) -> ApiToken | None:
        """By its secret's hash."""
        query = select(api_tokens).where(api_tokens.c.secret_hash == secret_hash)
        row = self._connection.execute(query).one_or_none()
        return _token_of(row) if row else None

    def add_token(self, token: ApiToken) -> ApiToken:
        """A new one; the id is given here."""
        columns: dict[str, Any] = asdict(token)
        del columns["id"]
        columns |= {"role": token.role.value, "scopes": " ".join(sorted(token.scopes))}
        new_id = self._insert(insert(api_tokens).values(columns))
        row = self._connection.execute(select(api_tokens).where(api_tokens.c.id == new_id)).one()
        return _token_of(row)

    def touch_token(self, token_id: int, at: datetime) -> None:
        """It was used."""
        self._connection.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(used_at=at))

    def revoke_token(self, token_id: int, at: datetime, by: str) -> None:
        """It opens nothing any more."""
        changed = update(api_tokens).where(api_tokens.c.id == token_id).values(revoked_at=at, revoked_by=by)
        self._connection.execute(changed)

    def kept_answer(self, token_id: int, key_hash: str) -> KeptAnswer | None:
        """What was asked and answered under a key."""
        query = select(api_answers).where(api_answers.c.token_id == token_id, api_answers.c.key_hash == key_hash)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        headers = _HEADERS.validate_json(row.headers)
        return KeptAnswer(row.asked_hash, row.asked_at, row.status, headers, row.body)

    def keep_answer(self, token_id: int, key_hash: str, kept: KeptAnswer) -> None:
        """In place of what was kept under the key."""
        self.drop_answer(token_id, key_hash)
        values = asdict(kept) | {"headers": _HEADERS.dump_json(kept.headers).decode()}
        self._connection.execute(insert(api_answers).values(token_id=token_id, key_hash=key_hash, **values))

    def drop_answer(self, token_id: int, key_hash: str) -> None:
        """The request did nothing: the key may be used again."""
        theirs = (api_answers.c.token_id == token_id, api_answers.c.key_hash == key_hash)
        self._connection.execute(delete(api_answers).where(*theirs))

    def forget_answers(self, asked_before: datetime) -> None:
        """Drop what is too old to be repeated."""
        self._connection.execute(delete(api_answers).where(api_answers.c.asked_at < asked_before))


def _token_of(row: Row[Any]) -> ApiToken:
    return ApiToken(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        secret_hash=row.secret_hash,
        role=Role(row.role),
        scopes=frozenset(Scope(scope) for scope in row.scopes.split()),
        made_by=row.made_by,
        maker_id=row.maker_id,
        made_at=row.made_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
    )
