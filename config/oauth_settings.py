"""How we log in to mail servers that take no passwords: OAuth 2 at Microsoft, Google or another provider."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from config.section import OptionalFile, Section

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class OAuthSettings(Section):
    """Mail servers that take no passwords: OAuth 2, with `referloop mail login`. A password that is set goes before."""

    provider: Literal["none", "microsoft", "google", "other"] = Field(
        default="none", description="Who gives the tokens; none: passwords."
    )
    client_id: str = Field(default="", description="The application's id, as registered at the provider (mail.md).")
    client_secret: SecretStr = Field(
        default=SecretStr(""), description="Its secret, where the provider gives one; credential oauth_secret."
    )
    tenant: str = Field(default="organizations", description="Microsoft: the clinic's tenant id or domain.")
    authority: str = Field(
        default="https://login.microsoftonline.com",
        description="Microsoft: https://login.microsoftonline.us for the US government's cloud.",
    )
    flow: Literal["", "device", "browser"] = Field(
        default="", description="By a code typed elsewhere or by this browser; empty: as the provider allows."
    )
    device_url: str = Field(default="", description="Where codes are asked for; the provider's by default.")
    authorize_url: str = Field(default="", description="Where a browser logs in; the provider's by default.")
    token_url: str = Field(default="", description="Where tokens are got; the provider's by default.")
    scopes: list[str] = Field(default_factory=list[str], description="What is asked for; the provider's by default.")
    redirect_port: int = Field(
        default=8471, ge=1024, le=65535, description="The browser comes back to http://127.0.0.1 at this port."
    )
    ca_file: OptionalFile = Field(default=None, description="Certificate authority; the system's by default.")

    @field_validator("authority", "device_url", "authorize_url", "token_url")
    @classmethod
    def _is_secure(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise ValueError("write an https address: tokens open the mailbox")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _is_whole(self) -> "OAuthSettings":
        if self.provider == "none":
            return self
        if not self.client_id:
            raise ValueError("client_id is empty: register the application at the provider first (docs/mail.md)")
        is_led = bool(self.device_url or self.authorize_url)
        if self.provider == "other" and not (self.token_url and self.scopes and is_led):
            raise ValueError("provider other needs token_url, scopes, and device_url or authorize_url")
        return self
