"""Getting and refreshing tokens at a mail account's provider, by OAuth 2.

By device code (RFC 8628), by browser with PKCE (RFC 7636), and the refresh (RFC 6749, section 6). Keeps nothing; what
it returns is secret.
"""

import asyncio
import re
import secrets
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from outbound.errors import AccessRefused, AccessUnavailable

_TIMEOUT_S = 30.0
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_SLOWER_S = 5.0  # RFC 8628, section 3.5
_LEAST_INTERVAL_S = 0.2
_LIFETIME_S = 3600.0  # where the provider names none
_PASSING = {"temporarily_unavailable", "server_error", "timeout"}
_PLAIN = re.compile(r"[^\x20-\x7e]+")
_MICROSOFT_CODE = re.compile(r"\bAADSTS\d+\b")
_MEANING = {
    "invalid_grant": "the grant was revoked or has expired",
    "interaction_required": "the provider asks for a person (a changed password, a new rule)",
    "access_denied": "the person at the browser declined",
    "authorization_declined": "the person at the browser declined",
    "expired_token": "the code was not used in time",
    "invalid_client": "the provider does not know mail.oauth.client_id, or its secret has expired",
    "unauthorized_client": "the provider does not let this application log in so: see docs/mail.md",
}


@dataclass(frozen=True, slots=True)
class Provider:
    """Where one mail account's tokens come from, and as which application we ask."""

    client_id: str
    token_url: str
    device_url: str = ""
    authorize_url: str = ""
    client_secret: str = field(default="", repr=False)
    scope: str = ""
    ask: Mapping[str, str] = field(default_factory=dict[str, str])  # further words for the browser's address
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """A grant. `access` opens the mailbox until `expires_at`; `refresh` gets the next one."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class DevicePrompt:
    """What a person types where, and until when."""

    user_code: str
    address: str
    expires_at: datetime
    interval_s: float
    device_code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BrowserPrompt:
    """The address a person opens; the provider sends their browser on to `redirect` with the answer."""

    address: str
    redirect: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


class TokenClient:
    """Speaks to one provider. Nothing is connected before the first question."""

    def __init__(self, provider: Provider, now: Callable[[], datetime]) -> None:
        self.provider = provider
        self._now = now

    async def begin_device(self) -> DevicePrompt:
        """Ask for a code that a person types on any device.

        Raises:
            AccessRefused, AccessUnavailable.
        """
        told = await asyncio.to_thread(self._begin_device)
        try:
            return DevicePrompt(
                user_code=_PLAIN.sub("", str(told["user_code"])),
                address=_PLAIN.sub("", str(told.get("verification_uri") or told["verification_url"])),
                expires_at=self._now() + timedelta(seconds=float(told["expires_in"])),
                interval_s=max(_LEAST_INTERVAL_S, float(told.get("interval", 5))),
                device_code=str(told["device_code"]),
            )
        except (KeyError, ValueError, TypeError) as error:
            raise AccessUnavailable("the provider's answer holds no code: is mail.oauth.device_url right?") from error

    async def wait_device(self, prompt: DevicePrompt) -> Tokens:
        """Wait until the person has typed the code.

        Raises:
            AccessRefused: they declined, or the code's time is over.
        """
        interval_s = prompt.interval_s
        while self._now() < prompt.expires_at:
            await asyncio.sleep(interval_s)
            try:
                tokens = await asyncio.to_thread(self._ask_device, prompt)
            except _SlowDown:
                interval_s += _SLOWER_S
            except AccessUnavailable:
                interval_s *= 2  # RFC 8628, section 3.5: a provider that does not answer is asked less often
            else:
                if tokens is not None:
                    return tokens
        raise AccessRefused(f"{_MEANING['expired_token']}: begin again")

    def begin_browser(self, redirect: str) -> BrowserPrompt:
        """The address for a browser, which is sent on to `redirect` afterwards."""
        verifier = secrets.token_urlsafe(64)
        with self._session(redirect_uri=redirect, code_challenge_method="S256") as session:
            address, state = session.create_authorization_url(
                self.provider.authorize_url, code_verifier=verifier, **self.provider.ask
            )
        return BrowserPrompt(str(address), redirect, str(state), verifier)

    async def redeem(self, prompt: BrowserPrompt, landed_on: str) -> Tokens:
        """Tokens for the address that the browser was sent on to.

        Raises:
            AccessRefused: declined, or an answer to another question than ours.
            AccessUnavailable.
        """
        answer = {name: values[0] for name, values in parse_qs(urlsplit(landed_on.strip()).query).items()}
        if "error" in answer:
            raise AccessRefused(_meaning(answer["error"], ""))
        if "code" not in answer or not secrets.compare_digest(answer.get("state", "").encode(), prompt.state.encode()):
            raise AccessRefused("this address does not answer our question: open the address above once more")
        return await asyncio.to_thread(self._redeem, prompt, answer["code"])

    async def refresh(self, refresh: str) -> Tokens:
        """The next tokens; where the provider gives no new refresh token, the old one stays good.

        Raises:
            AccessRefused: the grant is gone.
            AccessUnavailable.
        """
        return await asyncio.to_thread(self._refresh, refresh)

    def _begin_device(self) -> Mapping[str, Any]:
        provider = self.provider
        with _troubles(), self._session() as session:
            form = {"client_id": provider.client_id, "scope": provider.scope}
            answer = session.post(provider.device_url, data=form, withhold_token=True, timeout=_TIMEOUT_S)
            if answer.status_code >= 500:
                raise AccessUnavailable(f"the provider answers {answer.status_code}")
            told = answer.json()
            if "error" in told:
                raise AccessRefused(_meaning(str(told["error"]), str(told.get("error_description", ""))))
            return told

    def _ask_device(self, prompt: DevicePrompt) -> Tokens | None:
        try:
            with self._session() as session:
                return self._tokens(
                    session.fetch_token(
                        self.provider.token_url, grant_type=_DEVICE_GRANT, device_code=prompt.device_code
                    )
                )
        except Exception as error:
            match getattr(error, "error", None):
                case "authorization_pending":
                    return None
                case "slow_down":
                    raise _SlowDown from error
                case _:
                    raise _named(error) from error

    def _redeem(self, prompt: BrowserPrompt, code: str) -> Tokens:
        with _troubles(), self._session(redirect_uri=prompt.redirect) as session:
            return self._tokens(
                session.fetch_token(
                    self.provider.token_url, grant_type="authorization_code", code=code, code_verifier=prompt.verifier
                )
            )

    def _refresh(self, refresh: str) -> Tokens:
        with _troubles(), self._session() as session:
            return self._tokens(session.refresh_token(self.provider.token_url, refresh_token=refresh), refresh)

    def _tokens(self, told: Mapping[str, Any], refresh: str = "") -> Tokens:
        access, again = str(told.get("access_token", "")), str(told.get("refresh_token") or refresh)
        if not access or not again:
            raise AccessRefused("the provider gave no refresh token: ask for offline access (mail.oauth.scopes)")
        lifetime = timedelta(seconds=float(told.get("expires_in") or _LIFETIME_S))
        return Tokens(access, again, self._now() + lifetime)

    @contextmanager
    def _session(self, **more: str) -> Generator[Any]:
        from authlib.integrations.requests_client import OAuth2Session

        provider = self.provider
        method = "client_secret_post" if provider.client_secret else "none"
        made: Any = OAuth2Session(  # a requests session, as the library's types do not say
            client_id=provider.client_id,
            client_secret=provider.client_secret or None,
            token_endpoint_auth_method=method,
            scope=provider.scope or None,
            default_timeout=_TIMEOUT_S,
            **more,  # pyright: ignore[reportArgumentType]
        )
        with made as session:
            if provider.ca_file is not None:
                session.verify = str(provider.ca_file)
            yield session


class _SlowDown(Exception):
    """The provider asks for longer intervals."""


@contextmanager
def _troubles() -> Generator[None]:
    """Whatever the library raises, in this package's two words for it; never with a token in the text."""
    try:
        yield
    except (AccessRefused, AccessUnavailable):
        raise
    except Exception as error:
        raise _named(error) from error


def _named(error: Exception) -> Exception:
    from authlib.integrations.base_client import OAuthError
    from requests import RequestException

    if isinstance(error, AccessRefused | AccessUnavailable):
        return error
    if isinstance(error, OAuthError):
        told = str(error.error or "")
        if told in _PASSING:
            return AccessUnavailable(f"the provider says {told}")
        return AccessRefused(_meaning(told, str(error.description or "")))
    if isinstance(error, RequestException | ValueError | OSError):
        return AccessUnavailable(f"the provider cannot be asked ({type(error).__name__})")
    return error


def _meaning(code: str, description: str) -> str:
    plain = _PLAIN.sub("", code)[:60] or "no reason"
    number = _MICROSOFT_CODE.search(description)
    return f"{_MEANING.get(plain, 'the provider refuses')} ({plain}{f', {number[0]}' if number else ''})"
