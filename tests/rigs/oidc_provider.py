"""A small OpenID Connect provider of our own: real signatures, PKCE and client secret checked, and faults to order."""

import json
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.rigs.browser import served

CLIENT, SECRET = "referloop-clinic", "a secret of the client"


@dataclass(slots=True)
class Provider:
    """Who logs in there next, what is wrong with its answers, and what it was asked."""

    subject: str = "u-17"
    claims: dict[str, Any] = field(default_factory=lambda: {"name": "Maria Gomez", "groups": ["clinic-staff"]})
    fault: str = ""
    issuer: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    asked: list[str] = field(default_factory=list[str])
    generation: int = 0
    key: RSAKey = field(default_factory=lambda: _key(0))

    def rotate(self) -> None:
        """Sign with another key from now on; the old one is published no more."""
        self.generation += 1
        self.key = _key(self.generation)

    def token(self, nonce: str) -> str:
        """The id token, with the fault that was ordered."""
        now, header = int(time.time()), {"alg": "RS256", "kid": f"key-{self.generation}"}
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            **self.claims,
        }
        signing: RSAKey | OctKey = self.key
        match self.fault:
            case "nonce":
                claims["nonce"] = "of another log-in"
            case "no nonce":
                del claims["nonce"]
            case "audience":
                claims["aud"] = "another client"
            case "two audiences":
                claims["aud"] = [CLIENT, "another client"]
            case "issuer":
                claims["iss"] = "https://elsewhere.example"
            case "expired":
                claims |= {"iat": now - 7200, "exp": now - 3600}
            case "signature":
                signing = _key(99)
            case "unsigned":
                head = _b64(b'{"alg":"none","kid":"key-0"}')
                return f"{head}.{_b64(json.dumps(claims).encode())}."
            case "shared secret":
                signing = OctKey.import_key(SECRET)
                return jwt.encode({"alg": "HS256", "kid": "key-0"}, claims, signing, algorithms=["HS256"])
            case _:
                pass
        return jwt.encode(header, claims, signing)


def _key(generation: int) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": f"key-{generation}", "use": "sig"})


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


@contextmanager
def provider() -> Generator[Provider, None, None]:
    """A running one."""
    there = Provider()
    with served(_app(there)) as address:
        there.issuer = address.rstrip("/")
        yield there


def _app(there: Provider) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.middleware("http")
    async def failing(request: Request, call_next: Any) -> Response:  # pyright: ignore[reportUnusedFunction]
        there.asked.append(request.url.path)
        return Response(status_code=503) if there.fault == "down" else await call_next(request)

    @app.get("/.well-known/openid-configuration")
    async def discovery() -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        return {
            "issuer": there.issuer,
            "authorization_endpoint": f"{there.issuer}/authorize",
            "token_endpoint": f"{there.issuer}/token",
            "jwks_uri": f"{there.issuer}/keys",
            "userinfo_endpoint": f"{there.issuer}/userinfo",
            "end_session_endpoint": f"{there.issuer}/logout",
        }

    @app.get("/keys")
    async def keys() -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        return {"keys": [there.key.as_dict(private=False)]}

    @app.get("/authorize")
    async def authorize(request: Request) -> HTMLResponse:  # pyright: ignore[reportUnusedFunction]
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert (asked["client_id"], asked["code_challenge_method"]) == (CLIENT, "S256")
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        there.codes[code] = asked
        back = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
        page = f'<h1>The provider</h1><a id="yes" href="{back.replace("&", "&amp;")}">Yes, it is me</a>'
        return HTMLResponse(page)

    @app.post("/token")
    async def token(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        code: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
    ) -> Response:
        shown = b64decode(request.headers["authorization"].partition(" ")[2]).decode()
        asked = there.codes.pop(code, None)
        challenge = _b64(sha256(code_verifier.encode()).digest())
        is_right = asked and (asked["code_challenge"], asked["redirect_uri"]) == (challenge, redirect_uri)
        if not is_right or shown != f"{CLIENT}:{SECRET}" or asked is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "at-1", "token_type": "Bearer", "id_token": there.token(asked["nonce"])})

    @app.get("/userinfo")
    async def userinfo(request: Request) -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        assert request.headers["authorization"] == "Bearer at-1"
        return {"sub": there.subject, "groups": ["clinic-managers"]}

    @app.get("/logout")
    async def logout(post_logout_redirect_uri: str, client_id: str) -> Response:  # pyright: ignore[reportUnusedFunction]
        assert client_id == CLIENT
        return RedirectResponse(post_logout_redirect_uri, status_code=303)

    return app
