"""Packets laid out for a carrier that fetches what it is to send: each under an address that is signed and works once.

The address holds our key of the packet and the time it ends, never a name; without the signature nothing is looked
for on the disk. That a packet was fetched proves that the carrier took the order.
"""

import hashlib
import hmac
import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

_LIFE = timedelta(hours=3)  # a carrier that is busy fetches late
_KEPT_AFTERWARDS = timedelta(days=2)
_NAME = re.compile(r"([A-Za-z0-9._-]{1,80})\.(\d{10})\.([0-9a-f]{40})\.pdf", re.ASCII)


class MediaShelf:
    """The folder, and the public address under which the daemon serves it. `secret` signs."""

    def __init__(self, folder: Path, public_url: str, secret: bytes, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._url = f"{public_url.rstrip('/')}/media/"
        self._secret = secret
        self._now = now

    def offer(self, pdf: bytes, key: str) -> str:
        """Lay a packet out, durably; its address. What ended days ago is cleared away."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._clear()
        ends = int((self._now() + _LIFE).timestamp())
        path = self._folder / f"{key}.pdf"
        half = path.with_suffix(".part")
        with half.open("wb") as out:
            out.write(pdf)
            out.flush()
            os.fsync(out.fileno())
        self._mark(key).unlink(missing_ok=True)
        half.replace(path)
        return f"{self._url}{key}.{ends}.{self._sign(key, ends)}.pdf"

    def find(self, name: str) -> Path | None:
        """The packet of an address's last part; None if it is not signed, is over or was fetched."""
        named = _NAME.fullmatch(name)
        if named is None:
            return None
        key, ends, signature = named[1], int(named[2]), named[3]
        if not hmac.compare_digest(signature, self._sign(key, ends)) or self._now().timestamp() > ends:
            return None
        path = self._folder / f"{key}.pdf"
        return path if path.is_file() else None

    def burn(self, path: Path) -> None:
        """It was fetched whole: the address works no more."""
        self._mark(path.stem).touch(mode=0o600)
        path.unlink(missing_ok=True)

    def was_fetched(self, key: str) -> bool:
        """Whether the packet offered under this key was fetched whole."""
        return self._mark(key).exists()

    def is_address_of(self, key: str, url: str) -> bool:
        """Whether an address was given out for this key, by whatever time it ends."""
        return url.startswith(f"{self._url}{key}.")

    def _mark(self, key: str) -> Path:
        return self._folder / f"{key}.fetched"

    def _sign(self, key: str, ends: int) -> str:
        return hmac.new(self._secret, f"media {key} {ends}".encode(), hashlib.sha256).hexdigest()[:40]

    def _clear(self) -> None:
        before = (self._now() - _LIFE - _KEPT_AFTERWARDS).timestamp()
        for path in self._folder.iterdir():
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
