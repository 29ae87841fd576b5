"""One carrier's HTTP API: bounded in time and size, never redirected, and left alone when it asks for that.

Nothing is retried here: only the caller knows what was committed. After an answer that asks for patience, further
questions fail at once until the time is over. What comes back is JSON or a file; a redirect is no answer.
"""

import email.utils
import ssl
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from outbound.errors import (
    CarrierBusy,
    CarrierRefused,
    CarrierSilent,
    CarrierTrouble,
    CarrierUnreachable,
    FileRefused,
)

_TIMEOUT = httpx.Timeout(60.0, connect=15.0)
_LONGEST_JSON_BYTES = 8_000_000
_SHORTEST_QUIET_S, _LONGEST_QUIET_S = 5.0, 3600.0
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_BUSY = frozenset({408, 425, 429, 503})


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was fetched, and what its server called it."""

    path: Path
    media_type: str


class CloudHttp:
    """Requests to `base_url` with the carrier's credentials in `headers` or `auth`."""

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._headers = dict(headers or {})
        self._auth = auth
        self._monotonic = monotonic
        self._quiet_until = 0.0

    async def ask(self, method: str, path: str, **content: Any) -> Any:
        """One request; its JSON answer, None where the answer is empty. `content` is httpx's params, data, files, json.

        Raises:
            CarrierTrouble: which one says whether the request may have been carried out.
        """
        self.check_quiet()
        try:
            async with self._client() as client, client.stream(method, self.base_url + path, **content) as answer:
                body = await _bounded(answer, _LONGEST_JSON_BYTES)
        except _NEVER_SENT as error:
            raise CarrierUnreachable(f"no connection: {type(error).__name__}") from error
        except httpx.HTTPError as error:
            raise CarrierSilent(f"no answer: {type(error).__name__}") from error
        self._judge(answer)
        return _json(answer, body)

    async def fetch(
        self,
        url: str,
        into: Path,
        *,
        hosts: Collection[str],
        limit_bytes: int,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """Fetch a file from exactly one of `hosts`, all of it, into a file that appears whole.

        Our credentials go to the API's own host alone; `headers` go along wherever it is.

        Raises:
            CarrierTrouble: not one of the hosts, a redirect, too large, cut off, or the server's no.
        """
        self.check_quiet()
        self._check_host(url, hosts)
        own = _origin(url) == _origin(self.base_url)
        half = into.with_suffix(".part")
        try:
            async with self._client(is_own=own) as client, client.stream("GET", url, headers=headers) as answer:
                self._judge(answer)
                await _save(answer, half, limit_bytes)
        except httpx.HTTPError as error:
            raise CarrierUnreachable(f"the file did not come: {type(error).__name__}") from error
        half.replace(into)
        return Fetched(into, answer.headers.get("content-type", "").partition(";")[0].strip().lower())

    def check_quiet(self) -> None:
        """Raises CarrierBusy while the carrier asked to be left alone."""
        left_s = self._quiet_until - self._monotonic()
        if left_s > 0:
            raise CarrierBusy("the carrier asked for patience", left_s)

    def be_quiet(self, told: str) -> float:
        """The carrier asked for patience, with this Retry-After or none; for how many seconds nothing is asked."""
        wait_s = min(max(_retry_after_s(told), _SHORTEST_QUIET_S), _LONGEST_QUIET_S)
        self._quiet_until = self._monotonic() + wait_s
        return wait_s

    def _judge(self, answer: httpx.Response) -> None:
        if (trouble := self.trouble(answer.status_code, answer.headers.get("retry-after", ""))) is not None:
            raise trouble

    def trouble(self, status: int, retry_after: str) -> CarrierTrouble | None:
        """What an HTTP status means for a request that was sent; None if it is a yes."""
        if 200 <= status < 300:
            return None
        if status in _BUSY:
            return CarrierBusy(f"the carrier answers {status}: later", self.be_quiet(retry_after))
        if status >= 500:
            if retry_after:
                self.be_quiet(retry_after)
            return CarrierSilent(f"the carrier answers {status}")
        if 300 <= status < 400:
            return CarrierRefused(f"the carrier answers {status}: it is not followed elsewhere", status)
        return CarrierRefused(f"the carrier answers {status}{_HINTS.get(status, '')}", status)

    def _check_host(self, url: str, hosts: Collection[str]) -> None:
        if _origin(url) == _origin(self.base_url):
            return
        parts = urlsplit(url)
        if parts.scheme != "https" or parts.port not in (None, 443) or parts.username is not None:
            raise FileRefused("its address is not a plain https one")
        if parts.hostname not in hosts:
            raise FileRefused("it lies at a host that is not the carrier's")

    def _client(self, *, is_own: bool = True) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            headers=self._headers if is_own else {},
            auth=self._auth if is_own else None,
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=False,
            verify=_tls(),
        )


_HINTS = {
    401: ": the key or its secret is wrong",
    402: ": the account's balance is used up",
    403: ": the key may not do this",
    413: ": the packet is too large for it",
}


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


async def _bounded(answer: httpx.Response, limit_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > limit_bytes:
            raise CarrierSilent("the carrier's answer is longer than an answer can be")
    return bytes(body)


async def _save(answer: httpx.Response, half: Path, limit_bytes: int) -> None:
    size = 0
    with half.open("wb") as out:
        async for chunk in answer.aiter_bytes():
            size += len(chunk)
            if size > limit_bytes:
                raise FileRefused(f"it is larger than {limit_bytes} bytes")
            out.write(chunk)


def _json(answer: httpx.Response, body: bytes) -> Any:
    import json

    if not body.strip():
        return None
    try:
        return json.loads(body)
    except ValueError as error:
        raise CarrierSilent(f"the carrier answers {answer.status_code} with something that is not JSON") from error


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _retry_after_s(told: str) -> float:
    """RFC 9110: seconds, or a date."""
    if told.strip().isdigit():
        return float(told)
    try:
        at = email.utils.parsedate_to_datetime(told)
    except ValueError:
        return 0.0
    return (at - datetime.now(UTC)).total_seconds() if at.tzinfo else 0.0
