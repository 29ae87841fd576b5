"""Logging in with an account at the clinic's own identity provider (OpenID Connect). Part of `config/settings.py`."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from config.section import Section


def _is_safe_url(value: str) -> str:
    if value and not is_safe_address(value):
        raise ValueError("who logs in travels there: the address begins with https://")
    return value


def is_safe_address(url: str) -> bool:
    """Whether it is https, or http on this machine alone."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class OidcSettings(Section):
    """Logging in with an account elsewhere (OpenID Connect), off without an issuer: docs/access.md."""

    issuer: Annotated[str, AfterValidator(_is_safe_url)] = Field(
        default="", description="The provider's issuer, exactly as it writes it itself. Empty: off."
    )
    client_id: str = Field(default="", description="How the provider knows this clinic's Referloop.")
    client_secret: SecretStr = Field(
        default=SecretStr(""), description="Better given as credential oidc_secret. Empty: a client without one."
    )
    label: str = Field(default="your clinic account", description="The log-in page says: Log in with … this.")
    scopes: list[str] = Field(
        default_factory=lambda: ["openid", "profile", "email"], description="What is asked for; openid always is."
    )
    name_claim: str = Field(default="name", description="The claim that a new account is named by.")
    role_claim: str = Field(
        default="groups", description="The claim that gives the role; dots lead inside, like realm_access.roles."
    )
    viewers: list[str] = Field(default_factory=list[str], description="Values of role_claim that make a viewer.")
    staff: list[str] = Field(default_factory=list[str], description="Values that make staff.")
    managers: list[str] = Field(default_factory=list[str], description="Values that make a manager.")
    administrators: list[str] = Field(default_factory=list[str], description="Values that make an administrator.")
    allowed_domains: list[str] = Field(
        default_factory=list[str],
        description="Only people whose verified mail address is in one of these; empty: the role alone decides.",
    )
    local_passwords: Literal["everybody", "administrators"] = Field(
        default="everybody",
        description="Who may still log in with a password here; administrators always may, for the provider can fail.",
    )
    ca_file: Annotated[Path | None, BeforeValidator(lambda value: value or None)] = Field(
        default=None, description="Certificate authority of the provider; the system's by default."
    )

    @model_validator(mode="after")
    def _is_whole(self) -> "OidcSettings":
        if not self.issuer:
            return self
        if not self.client_id:
            raise ValueError("client_id is empty: write the one that the provider gave this clinic")
        if not (self.viewers or self.staff or self.managers or self.administrators):
            raise ValueError("nobody would get a role: name values of role_claim under staff, administrators and so on")
        return self
