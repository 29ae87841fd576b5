"""A clinic's settings: referloop.toml, the environment and systemd credentials, checked once at start.

The only reader of the environment. Precedence: environment (REFERLOOP_SECTION__KEY), then credentials,
then the file. Paths are relative to the file's folder.
"""

import difflib
import os
import tomllib
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.errors import SettingsError

SYSTEM_FILE = Path("/etc/referloop/referloop.toml")
_CREDENTIALS = {
    "code_key": ("code_key",),
    "smtp_password": ("mail", "smtp", "password"),
    "imap_password": ("mail", "imap", "password"),
}
_SHORTEST_KEY = 32
_Model = TypeVar("_Model", bound=BaseModel)

Security = Literal["starttls", "tls", "none"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ClinicSettings(_Section):
    """Who the clinic is, as printed on every page, and when it works."""

    name: str = Field(default="", description="As printed on every page and in every mail.")
    address: str = Field(default="", description="Street address for the cover page.")
    phone: str = Field(default="", description="Where offices call with questions.")
    fax_number: str = Field(default="", description="The number faxes go out from and come back to, like +15085550100.")
    reply_address: str = Field(default="", description="Mail address for replies; must accept plus-addresses.")
    zone: str = Field(default="America/New_York", description="IANA time zone of the clinic.")
    country: str = Field(default="US", description="ISO 3166 country whose public holidays count; empty for none.")
    subdivision: str = Field(default="", description="State or province for its own holidays, like MA.")
    opens: str = Field(default="08:00", pattern=r"^\d\d:\d\d$", description="Business time begins.")
    closes: str = Field(default="17:00", pattern=r"^\d\d:\d\d$", description="Business time ends.")
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


class StorageSettings(_Section):
    """Where rows and bytes lie."""

    data_dir: Path = Field(default=Path("data"), description="Database, document vault and watched folders.")
    database_url: str = Field(default="", description="SQLAlchemy URL; empty for SQLite in data_dir.")


class FaxSettings(_Section):
    """The fax line."""

    carrier: Literal["none", "loopback"] = Field(default="none", description="none, or loopback: a simulated line.")
    poll_seconds: int = Field(default=15, ge=1, description="How often received faxes are fetched.")
    test_unconfirmed_numbers: bool = Field(
        default=False, description="Send a page without patient data before the first packet to a new number."
    )
    loopback_exchange: Path = Field(default=Path("exchange"), description="The simulated exchange's folder.")


class SmtpSettings(_Section):
    """The server that mail goes out through."""

    host: str = Field(default="localhost", description="Server name, as on its certificate.")
    port: int = Field(default=587, ge=1, le=65535, description="587 with starttls, 465 with tls.")
    security: Security = Field(default="starttls", description="starttls or tls; none sends patient data in the clear.")
    username: str = Field(default="", description="Empty: no login.")
    password: SecretStr = Field(default=SecretStr(""), description="Better given as credential smtp_password.")
    ca_file: Path | None = Field(default=None, description="Certificate authority; the system's by default.")
    dot_timeout_s: float = Field(
        default=600, gt=0, description="Patience for the answer to the final dot (RFC 5321: 600)."
    )


class ImapSettings(_Section):
    """The mailbox that replies come to."""

    host: str = Field(default="localhost", description="Server name, as on its certificate.")
    port: int = Field(default=993, ge=1, le=65535, description="993 with tls, 143 with starttls.")
    security: Security = Field(default="tls", description="tls or starttls; none reads patient data in the clear.")
    username: str = Field(default="", description="Login name.")
    password: SecretStr = Field(default=SecretStr(""), description="Better given as credential imap_password.")
    ca_file: Path | None = Field(default=None, description="Certificate authority; the system's by default.")
    folders: list[str] = Field(default_factory=lambda: ["INBOX"], description="Folders to watch.")
    move_to: str = Field(default="", description="Folder that taken mail is moved to; empty: it is marked seen.")
    idle_renew_s: int = Field(default=540, ge=5, le=1740, description="IDLE is renewed this often.")
    poll_s: int = Field(default=60, ge=1, description="A poll as a net under IDLE.")


class MailSettings(_Section):
    """Mail out and in."""

    enabled: bool = Field(default=False, description="Send and receive mail.")
    from_address: str = Field(default="", description="Sender of packets.")
    from_name: str = Field(default="", description="Sender's name; the clinic's by default.")
    smtp: SmtpSettings = Field(default_factory=SmtpSettings, description="Outgoing server.")
    imap: ImapSettings = Field(default_factory=ImapSettings, description="Incoming mailbox.")


class InboxSettings(_Section):
    """Folders that are watched."""

    scan_dir: Path = Field(
        default=Path("data/scans"), description="Where the scanner saves; taken files move to taken/."
    )
    drop_dir: Path = Field(default=Path("data/drop"), description="Referrals as JSON beside their PDFs.")


class ReadingSettings(_Section):
    """Limits of the reading processes."""

    workers: int = Field(default=1, ge=1, le=64, description="Reading processes; one a core.")
    seconds: float = Field(default=120, gt=0, description="Time for one document.")
    memory_mb: int = Field(default=1500, ge=400, description="Address space of one process.")
    max_pages: int = Field(default=500, ge=1, description="Pages read of one file; further ones are kept and said.")
    worker_idle_s: float = Field(default=60, gt=0, description="An idle process ends after this.")


class MatchingSettings(_Section):
    """When a document is filed without a person."""

    threshold: float = Field(default=0.99, ge=0.9, lt=1, description="Least posterior for filing.")


class CoverSettings(_Section):
    """The cover page."""

    identity: Literal["initials", "full", "none"] = Field(
        default="initials",
        description="How much of the patient the cover shows: initials and year of birth, full, none.",
    )


class FollowupSettings(_Section):
    """The follow-up policy."""

    policy_file: Path | None = Field(default=None, description="policy.toml; the shipped one by default.")


class LoopSettings(_Section):
    """How often the loop looks for what is due. What is due is a time in a row; a late look loses nothing."""

    send_seconds: int = Field(default=15, ge=1, description="Packets to send.")
    chase_seconds: int = Field(default=60, ge=1, description="Referrals to chase.")
    poll_seconds: int = Field(default=15, ge=1, description="Delivery at the carriers.")
    sweep_seconds: int = Field(default=60, ge=1, description="What a crash or a lost nudge left lying.")
    purge_seconds: int = Field(default=3600, ge=1, description="Discarded documents past their time.")
    carrier_patience_hours: float = Field(
        default=4, gt=0, description="Silence after which a sending is called uncertain."
    )


class RetentionSettings(_Section):
    """The one policy that deletes."""

    discarded_days: int = Field(default=30, ge=1, description="Discarded documents keep their bytes this long.")


class WebSettings(_Section):
    """The web page, health and metrics."""

    host: str = Field(default="127.0.0.1", description="Loopback only, until the pages have logins.")
    port: int = Field(default=8470, ge=0, le=65535, description="0 takes a free port.")

    @field_validator("host")
    @classmethod
    def _is_loopback(cls, value: str) -> str:
        if value != "localhost" and not ip_address(value).is_loopback:
            raise ValueError("the pages have no login yet: bind to 127.0.0.1 and reach it through an SSH tunnel")
        return value


class LogSettings(_Section):
    """The log, one event a line, ids only."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="Least level written.")
    format: Literal["json", "text"] = Field(default="json", description="json for machines, text for eyes.")


class Settings(BaseSettings):
    """Everything a clinic may change."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="REFERLOOP_", env_nested_delimiter="__", case_sensitive=False
    )

    clinic: ClinicSettings = Field(default_factory=ClinicSettings, description="The clinic.")
    storage: StorageSettings = Field(default_factory=StorageSettings, description="Rows and bytes.")
    fax: FaxSettings = Field(default_factory=FaxSettings, description="The fax line.")
    mail: MailSettings = Field(default_factory=MailSettings, description="Mail.")
    inbox: InboxSettings = Field(default_factory=InboxSettings, description="Watched folders.")
    reading: ReadingSettings = Field(default_factory=ReadingSettings, description="Reading.")
    matching: MatchingSettings = Field(default_factory=MatchingSettings, description="Matching.")
    cover: CoverSettings = Field(default_factory=CoverSettings, description="The cover page.")
    followup: FollowupSettings = Field(default_factory=FollowupSettings, description="Follow-up.")
    loop: LoopSettings = Field(default_factory=LoopSettings, description="The loop.")
    retention: RetentionSettings = Field(default_factory=RetentionSettings, description="Retention.")
    web: WebSettings = Field(default_factory=WebSettings, description="The web page.")
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
        if self.mail.enabled and not (self.mail.from_address and self.clinic.reply_address):
            raise ValueError("mail.from_address and clinic.reply_address are needed when mail.enabled is true")
        return self


def find_settings_file() -> Path | None:
    """REFERLOOP_CONFIG, ./referloop.toml or /etc/referloop/referloop.toml, whichever is first."""
    named = os.environ.get("REFERLOOP_CONFIG")
    if named:
        return Path(named)
    return next((path for path in (Path("referloop.toml"), SYSTEM_FILE) if path.exists()), None)


def load_settings(path: Path | None = None) -> Settings:
    """The settings in force.

    Raises:
        SettingsError: names the key, the file and the fix.
    """
    file = path or find_settings_file()
    if file is None:
        raise SettingsError("there is no referloop.toml here: `referloop init DIR` writes one, --config names another")
    raw = _read(file)
    _refuse_unknown(raw, Settings, file)
    _add_credentials(raw, file)
    try:
        settings = _validate(raw, file)
    except ValidationError as error:
        raise SettingsError(_explained(error, file)) from error
    if len(settings.code_key.get_secret_value()) < _SHORTEST_KEY:
        raise SettingsError(
            f"code_key: {file.parent / 'secrets' / 'code_key'} is missing or shorter than {_SHORTEST_KEY} characters; "
            "`referloop init` writes one. Printed codes cannot be trusted without it"
        )
    return settings


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read ({error.strerror}); check the path and its permissions") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: is no TOML: {error}") from error


def _refuse_unknown(raw: dict[str, Any], model: type[BaseModel], file: Path, prefix: str = "") -> None:
    for key, value in raw.items():
        field = model.model_fields.get(key)
        if field is None:
            near = difflib.get_close_matches(key, model.model_fields, 1)
            hint = f"did you mean {prefix}{near[0]}?" if near else f"known here: {', '.join(model.model_fields)}"
            raise SettingsError(f"{file}: unknown key {prefix}{key}; {hint}")
        inner = field.annotation
        if isinstance(value, dict) and isinstance(inner, type) and issubclass(inner, BaseModel):
            _refuse_unknown(value, inner, file, f"{prefix}{key}.")


def _add_credentials(raw: dict[str, Any], file: Path) -> None:
    """Credentials given by systemd, and the key that `init` wrote beside the file; never over what the file says."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    for name, keys in _CREDENTIALS.items():
        places = [Path(folder) / name] if folder else []
        if name == "code_key":
            places.append(file.parent / "secrets" / name)
        place = next((place for place in places if place.exists()), None)
        if place is None:
            continue
        try:
            secret = place.read_text(encoding="utf-8").strip()
        except OSError as error:
            key = ".".join(keys)
            raise SettingsError(f"{key}: the secret {place} cannot be read ({error.strerror})") from error
        section = raw
        for key in keys[:-1]:
            section = section.setdefault(key, {})
        section.setdefault(keys[-1], secret)


def _validate(raw: dict[str, Any], file: Path) -> Settings:
    """Relative paths lie in the file's folder, wherever the daemon was started."""
    raw["notify_socket"] = os.environ.get("NOTIFY_SOCKET", "")
    raw["watchdog_s"] = int(os.environ.get("WATCHDOG_USEC", "0")) / 1e6
    return _rooted(Settings(**raw), file.resolve().parent)


def _rooted(model: _Model, folder: Path) -> _Model:
    changed: dict[str, object] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, Path):
            changed[name] = folder / value
        elif isinstance(value, BaseModel):
            changed[name] = _rooted(value, folder)
    return model.model_copy(update=changed)


def _explained(error: ValidationError, file: Path) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    variable = "REFERLOOP_" + "__".join(str(part).upper() for part in first["loc"])
    source = f"environment variable {variable}" if variable in os.environ else str(file)
    message = str(first["msg"]).removeprefix("Value error, ")
    return f"{source}: {key}: {message}" if key else f"{source}: {message}"
