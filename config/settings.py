"""A clinic's settings as values: every key, its default, its limits and what it means.

The descriptions here are the documentation: `referloop init` and docs/settings.md are written from them. Where the
values come from, and what is said when one is wrong, is `config/load.py`.
"""

import re
from datetime import date, time
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import (
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.fax_settings import FaxSettings
from config.mail_settings import MailSettings
from config.oidc_settings import OidcSettings
from config.section import OptionalFile, Section
from config.text_settings import TextSettings
from config.trust_settings import ScanningSettings


class ClinicSettings(Section):
    """Who the clinic is, as printed on every page, and when it works."""

    name: str = Field(default="", description="As printed on every page and in every mail.")
    address: str = Field(default="", description="Street address for the cover page.")
    phone: str = Field(default="", description="Where offices call with questions.")
    fax_number: str = Field(default="", description="The number faxes go out from and come back to, like +15085550100.")
    reply_address: str = Field(default="", description="Mail address for replies; must accept plus-addresses.")
    zone: str = Field(default="America/New_York", description="IANA time zone of the clinic.")
    country: str = Field(default="US", description="ISO 3166 country whose public holidays count; empty for none.")
    subdivision: str = Field(default="", description="State or province for its own holidays, like MA.")
    opens: str = Field(default="08:00", description="Business time begins, Monday to Friday.")
    closes: str = Field(default="17:00", description="Business time ends.")
    closed_days: list[date] = Field(default_factory=list[date], description="Further days the clinic is closed.")
    always_open: bool = Field(default=False, description="Count every hour as business time (demonstrations).")

    @field_validator("fax_number")
    @classmethod
    def _is_e164(cls, value: str) -> str:
        if value and not (value.startswith("+") and value[1:].isdigit() and 8 <= len(value) <= 16):
            raise ValueError("write it in international form, like +15085550100")
        return value

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(value)
        except (KeyError, ValueError) as error:
            raise ValueError("no such time zone; write one like America/Chicago") from error
        return value

    @field_validator("opens", "closes")
    @classmethod
    def _is_time_of_day(cls, value: str) -> str:
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
            raise ValueError('write a time of day such as "08:00"')
        return value

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> "ClinicSettings":
        if time.fromisoformat(self.opens) >= time.fromisoformat(self.closes):
            raise ValueError(f"closes ({self.closes}) must be after opens ({self.opens})")
        return self


class StorageSettings(Section):
    """Where rows and bytes lie."""

    data_dir: Path = Field(default=Path("data"), description="Database, document vault and watched folders.")
    database_url: str = Field(default="", description="SQLAlchemy URL; empty for SQLite in data_dir.")
    pictures_mb: int = Field(default=500, ge=10, description="Pictures of pages kept on disk, at most.")


class InboxSettings(Section):
    """Folders that are watched."""

    scan_dir: Path = Field(
        default=Path("data/scans"), description="Where the scanner saves; in storage.data_dir by default."
    )
    drop_dir: Path = Field(
        default=Path("data/drop"), description="Referrals as JSON beside their PDFs; in storage.data_dir by default."
    )


class ReadingSettings(Section):
    """Limits of the reading processes."""

    workers: int = Field(default=1, ge=1, le=64, description="Reading processes; one a core.")
    seconds: float = Field(default=120, gt=0, description="Time for one document.")
    memory_mb: int = Field(default=1500, ge=400, description="Address space of one process.")
    max_pages: int = Field(default=500, ge=1, description="Pages read of one file; further ones are kept and said.")
    worker_idle_s: float = Field(default=60, gt=0, description="An idle process ends after this.")


class MatchingSettings(Section):
    """When a document is filed without a person."""

    threshold: float = Field(default=0.99, ge=0.9, lt=1, description="Least posterior for filing.")


class CoverSettings(Section):
    """The cover page."""

    identity: Literal["initials", "full", "none"] = Field(
        default="initials",
        description="How much of the patient the cover shows: initials and year of birth, full, none.",
    )


class FollowupSettings(Section):
    """The follow-up policy."""

    policy_file: OptionalFile = Field(default=None, description="policy.toml; the shipped one by default.")


class LoopSettings(Section):
    """How often the loop looks for what is due. What is due is a time in a row; a late look loses nothing."""

    send_seconds: int = Field(default=15, ge=1, description="Packets to send.")
    chase_seconds: int = Field(default=60, ge=1, description="Referrals to chase.")
    poll_seconds: int = Field(default=15, ge=1, description="Delivery at the carriers.")
    sweep_seconds: int = Field(default=60, ge=1, description="What a crash or a lost nudge left lying.")
    purge_seconds: int = Field(default=3600, ge=1, description="Discarded documents past their time.")
    carrier_patience_hours: float = Field(
        default=4, gt=0, description="Silence after which a sending is called uncertain."
    )


class RetentionSettings(Section):
    """The one policy that deletes."""

    discarded_days: int = Field(default=30, ge=1, description="Discarded documents keep their bytes this long.")


class WebSettings(Section):
    """The web pages, health and metrics."""

    host: str = Field(
        default="127.0.0.1", description="Address to listen on; any but this machine's own needs TLS (access.md)."
    )
    port: int = Field(default=8470, ge=0, le=65535, description="0 takes a free port.")
    names: list[str] = Field(
        default_factory=list[str],
        description='Names people type for it, like "referloop.clinic.example"; this machine\'s own always do.',
    )
    tls_certificate: OptionalFile = Field(default=None, description="Certificate chain (PEM): https without a proxy.")
    tls_key: OptionalFile = Field(default=None, description="Its private key (PEM).")
    tls_proxies: list[str] = Field(
        default_factory=list[str],
        description="Addresses of the proxy in front that speaks https; its X-Forwarded-For and -Proto are believed.",
    )
    idle_minutes: int = Field(default=15, ge=1, le=720, description="A desk nobody uses must log in again after this.")
    longest_hours: int = Field(default=12, ge=1, le=72, description="Everybody must log in again after this.")
    api_per_minute: int = Field(default=600, ge=1, le=60_000, description="Requests of one token to the API a minute.")
    second_factor_for: list[Literal["viewer", "staff", "manager", "administrator"]] = Field(
        default_factory=list[Literal["viewer", "staff", "manager", "administrator"]],
        description="Roles that need an authenticator app.",
    )

    @field_validator("tls_proxies")
    @classmethod
    def _are_addresses(cls, value: list[str]) -> list[str]:
        for one in value:
            try:
                ip_address(one)
            except ValueError as error:
                raise ValueError(f"{one!r} is no address: write the proxy's, like 127.0.0.1") from error
        return value

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the pages over https only."""
        return self.tls_certificate is not None or bool(self.tls_proxies)

    @model_validator(mode="after")
    def _is_safe_to_reach(self) -> "WebSettings":
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together: name both files, or neither")
        if _is_own(self.host):
            return self
        if not self.is_secure:
            raise ValueError(
                f"host {self.host} can be reached from elsewhere, and passwords must not travel in the clear: set "
                "tls_certificate and tls_key, or tls_proxies where an https proxy is in front, or host 127.0.0.1"
            )
        if not self.names:
            raise ValueError('names is empty: write the names people type, like ["referloop.clinic.example"]')
        return self


def _is_own(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class LogSettings(Section):
    """The log, one event a line, ids only."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="Least level written.")
    format: Literal["json", "text"] = Field(default="json", description="json for machines, text for eyes.")


class Settings(BaseSettings):
    """Everything a clinic may change."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        env_prefix="REFERLOOP_",
        env_nested_delimiter="__",
        case_sensitive=False,
    )

    clinic: ClinicSettings = Field(default_factory=ClinicSettings, description="The clinic.")
    storage: StorageSettings = Field(default_factory=StorageSettings, description="Rows and bytes.")
    fax: FaxSettings = Field(default_factory=FaxSettings, description="The fax line.")
    mail: MailSettings = Field(default_factory=MailSettings, description="Mail.")
    inbox: InboxSettings = Field(default_factory=InboxSettings, description="Watched folders.")
    reading: ReadingSettings = Field(default_factory=ReadingSettings, description="Reading.")
    scanning: ScanningSettings = Field(default_factory=ScanningSettings, description="Virus scanning.")
    matching: MatchingSettings = Field(default_factory=MatchingSettings, description="Matching.")
    cover: CoverSettings = Field(default_factory=CoverSettings, description="The cover page.")
    followup: FollowupSettings = Field(default_factory=FollowupSettings, description="Follow-up.")
    loop: LoopSettings = Field(default_factory=LoopSettings, description="The loop.")
    retention: RetentionSettings = Field(default_factory=RetentionSettings, description="Retention.")
    texts: TextSettings = Field(default_factory=TextSettings, description="Text messages.")
    web: WebSettings = Field(default_factory=WebSettings, description="The web page.")
    oidc: OidcSettings = Field(default_factory=OidcSettings, description="Logging in with an account elsewhere.")
    log: LogSettings = Field(default_factory=LogSettings, description="The log.")
    code_key: SecretStr = Field(
        default=SecretStr(""), description="Signs the printed codes; credential or secrets/code_key."
    )
    notify_socket: str = Field(
        default="", exclude=True, description="systemd's notification socket, from NOTIFY_SOCKET."
    )
    watchdog_s: float = Field(default=0, exclude=True, description="systemd's watchdog interval, from WATCHDOG_USEC.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment over what `load_settings` passes in; nothing else is read."""
        return env_settings, init_settings

    @model_validator(mode="after")
    def _is_whole(self) -> "Settings":
        if self.fax.carrier != "none" and not self.clinic.fax_number:
            raise ValueError("clinic.fax_number is empty: faxes need the number they come back to")
        if self.fax.carrier == "email" and not self.mail.enabled:
            raise ValueError("fax.carrier is email: mail.enabled must be true, for faxes go and come by mail")
        if self.mail.enabled and not (self.mail.from_address and self.clinic.reply_address):
            raise ValueError("mail.from_address and clinic.reply_address are needed when mail.enabled is true")
        return self
