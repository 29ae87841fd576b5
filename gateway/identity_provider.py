"""The clinic's identity provider over OpenID Connect: discovery, its keys, the code for a token, and what it says.

Code flow with PKCE, state and nonce. What it publishes is kept for an hour; a token signed with a key that is not
among those kept has them fetched anew, at most once a minute. No answer of it is believed that is not signed, for this
clinic, fresh, and for this very log-in.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from config.oidc_settings import OidcSettings, is_safe_address
from gateway.errors import ProviderFailed
from gateway.services.access.single_sign_on import Asked, Claims
from gateway.services.ports import Clock

_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_KEPT = timedelta(hours=1)
_KEYS_AT_MOST_EVERY = timedelta(minutes=1)
_LEEWAY_S = 60
_LONGEST_BYTES = 1 << 20
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures with a key pair alone: one made with the client's secret proves less."""
_log = logging.getLogger(__name__)


class OidcProvider:
    """One provider. Its errors name no person."""

    def __init__(self, settings: OidcSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._told: dict[str, Any] = {}
        self._told_at: datetime | None = None
        self._keys: list[Key] = []
        self._keys_at: datetime | None = None

    async def way_in(self, asked: Asked, back: str) -> str:
        """Where the browser goes to log in there."""
        endpoint = await self._endpoint("authorization_endpoint")
        scope = " ".join(dict.fromkeys(["openid", *self._settings.scopes]))
        return prepare_grant_uri(
            endpoint,
            self._settings.client_id,
            "code",
            redirect_uri=back,
            scope=scope,
            state=asked.state,
            nonce=asked.nonce,
            code_challenge=create_s256_code_challenge(asked.verifier),
            code_challenge_method="S256",
        )

    async def claims(self, code: str, asked: Asked, back: str) -> Claims:
        """Who came back with this code."""
        token = await self._exchanged(code, asked, back)
        id_token = token.get("id_token")
        if not isinstance(id_token, str):
            raise ProviderFailed("the identity provider sent no id_token: is openid among oidc.scopes?")
        told = await self._proved(id_token, asked, str(token.get("access_token", "")))
        if _inside(told, self._settings.role_claim) is None:
            told = await self._with_userinfo(told, str(token.get("access_token", "")))
        groups = _inside(told, self._settings.role_claim)
        listed = groups if isinstance(groups, list) else [groups] if groups else []
        return Claims(
            issuer=str(told["iss"]),
            subject=str(told["sub"]),
            name=str(told.get(self._settings.name_claim) or ""),
            email=str(told.get("email") or ""),
            is_email_verified=told.get("email_verified") is True,
            groups=frozenset(str(one) for one in listed),
        )

    async def way_out(self, back: str) -> str:
        """Where the browser goes to log out there; empty if it has no such place."""
        told = await self._discovered()
        endpoint = str(told.get("end_session_endpoint") or "")
        if not endpoint or not is_safe_address(endpoint):
            return ""
        asked = {"client_id": self._settings.client_id, "post_logout_redirect_uri": back}
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def _exchanged(self, code: str, asked: Asked, back: str) -> dict[str, Any]:
        endpoint, told = await self._endpoint("token_endpoint"), await self._discovered()
        secret = self._settings.client_secret.get_secret_value()
        methods = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        kind = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        auth = ClientAuth(self._settings.client_id, secret, kind if secret else "none")
        body = prepare_token_request("authorization_code", code=code, redirect_uri=back, code_verifier=asked.verifier)
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        url, headers, body = auth.prepare("POST", endpoint, headers, body)
        return await self._json("POST", url, headers=headers, content=body)

    async def _proved(self, id_token: str, asked: Asked, access_token: str) -> dict[str, Any]:
        """The token's claims, once everything about it holds."""
        settings = self._settings
        try:
            token = jwt.decode(id_token, await self._keys_for(id_token), algorithms=list(_ALGORITHMS))
            told = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": settings.issuer},
                    "aud": {"essential": True, "value": settings.client_id},
                },
                params={"nonce": asked.nonce, "client_id": settings.client_id, "access_token": access_token},
            )
            told.validate(now=int(self._clock.now().timestamp()), leeway=_LEEWAY_S)
        except (JoseError, ValueError, TypeError) as error:
            _log.warning(
                "token of the identity provider refused", extra={"action": "log in", "why": type(error).__name__}
            )
            raise ProviderFailed(f"what the identity provider says does not hold ({type(error).__name__})") from None
        if told.get("nonce") != asked.nonce or not isinstance(told["sub"], str) or not told["sub"]:
            raise ProviderFailed("what the identity provider says is not of this log-in")
        return dict(told)

    async def _with_userinfo(self, told: dict[str, Any], access_token: str) -> dict[str, Any]:
        """Groups that the token does not hold may stand in the user info; it is of the same subject or of no use."""
        endpoint = str((await self._discovered()).get("userinfo_endpoint") or "")
        if not endpoint or not access_token or not is_safe_address(endpoint):
            return told
        more = await self._json("GET", endpoint, headers={"Authorization": f"Bearer {access_token}"})
        return more | told if more.get("sub") == told["sub"] else told

    async def _endpoint(self, name: str) -> str:
        found = str((await self._discovered()).get(name) or "")
        if not is_safe_address(found):
            raise ProviderFailed(f"the identity provider names no {name} over https: check oidc.issuer")
        return found

    async def _discovered(self) -> Mapping[str, Any]:
        now = self._clock.now()
        if self._told_at is None or now - self._told_at >= _KEPT:
            issuer = self._settings.issuer
            told = await self._json("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if told.get("issuer") != issuer:
                raise ProviderFailed("the identity provider calls itself otherwise: write oidc.issuer as it does")
            self._told, self._told_at = told, now
        return self._told

    async def _keys_for(self, id_token: str) -> Key | KeySet:
        """The key that the token names; where it names none, the only one there is."""
        kid = _key_named(id_token)
        if not self._fitting(kid) or self._keys_at is None or self._clock.now() - self._keys_at >= _KEPT:
            await self._fetch_keys()
        fitting = self._fitting(kid)
        if len(fitting) != 1:
            raise ValueError("no key of the provider's fits")
        return fitting[0]

    def _fitting(self, kid: str | None) -> list[Key]:
        return [key for key in self._keys if kid is None or key.kid == kid]

    async def _fetch_keys(self) -> None:
        now = self._clock.now()
        if self._keys_at is not None and now - self._keys_at < _KEYS_AT_MOST_EVERY:
            return
        told = await self._json("GET", await self._endpoint("jwks_uri"))
        listed = told.get("keys")
        self._keys = [key for one in listed if (key := _key(one))] if isinstance(listed, list) else []
        self._keys_at = now

    async def _json(self, method: str, url: str, **sent: Any) -> dict[str, Any]:
        """One request; its JSON object."""
        verify: Any = str(self._settings.ca_file) if self._settings.ca_file else True
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT, verify=_context(verify), follow_redirects=False) as client:
                answer = await client.request(method, url, **sent)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            _log.warning("identity provider fails", extra={"action": "log in", "why": type(error).__name__})
            raise ProviderFailed("the identity provider does not answer: try again, or use a password") from None
        told = _object_in(answer)
        if answer.status_code >= 400 or told is None:
            _log.warning("identity provider refuses", extra={"action": "log in", "status": answer.status_code})
            raise ProviderFailed(f"the identity provider answered {answer.status_code}: try again, or use a password")
        return told


def _object_in(answer: httpx.Response) -> dict[str, Any] | None:
    """The JSON object of an answer; None if it is none, or longer than any that is asked for."""
    try:
        told = answer.json() if len(answer.content) <= _LONGEST_BYTES else None
    except ValueError:
        return None
    return {str(name): value for name, value in told.items()} if isinstance(told, dict) else None


def _context(verify: Any) -> Any:
    if verify is True:
        return True
    import ssl

    return ssl.create_default_context(cafile=verify)


def _key(one: object) -> Key | None:
    """A key to check signatures with; None for any other."""
    if not isinstance(one, dict) or one.get("use", "sig") != "sig" or one.get("kty") == "oct":
        return None
    try:
        return JWKRegistry.import_key(one)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _key_named(id_token: str) -> str | None:
    """The `kid` of the token's header, before anything of it is believed."""
    import json
    from base64 import urlsafe_b64decode

    head = id_token.partition(".")[0]
    header = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    kid = header.get("kid") if isinstance(header, dict) else None
    return kid if isinstance(kid, str) else None


def _inside(told: Mapping[str, Any], path: str) -> Any:
    """The claim at a dotted path; None if there is none. A name with dots of its own goes first."""
    if path in told:
        return told[path]
    found: Any = told
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found
