"""Who hands out access tokens for a mail account, to whoever logs in with one."""

from typing import Protocol


class TokenSource(Protocol):
    """One account's tokens, however they are kept and refreshed."""

    async def token(self, refused: str = "") -> str:
        """A token that is good now.

        Args:
            refused: the token that a server has just refused; another one is got.

        Raises:
            AccessRefused: a person must log in again.
            AccessUnavailable: it may work later.
        """
        ...
