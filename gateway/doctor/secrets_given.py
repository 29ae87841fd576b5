"""Secrets: each that the settings need is there, and none lies open."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, SecretStr

from config.load import credentials
from config.settings import Settings
from gateway.doctor.finding import Finding, Tell, doubt, fault, well

UNIT = Path("/etc/systemd/system/referloop.service")


@dataclass(frozen=True, slots=True)
class SecretsCheck:
    """`file` is the referloop.toml in force; `unit` the service's, if it is installed."""

    settings: Settings
    file: Path
    unit: Path = UNIT
    name: str = "secrets"
    limit_s: float = 10.0

    async def run(self, tell: Tell) -> list[Finding]:
        """By name only; no secret is shown."""
        tell("looking for each")
        return await asyncio.to_thread(self._look)

    def _look(self) -> list[Finding]:
        needed = needed_secrets(self.settings)
        known = credentials()
        missing = [name for name in needed if not _value(self.settings, known[name])]
        found = [
            fault(f"{name} is empty: {why}", _where(self.file, name)) for name, why in needed.items() if name in missing
        ]
        found += self._open()
        found += self._not_handed_over(set(needed) - set(missing))
        return found or [well(f"{len(needed)} secrets are given: {', '.join(needed)}")]

    def _open(self) -> list[Finding]:
        """Passwords in the settings themselves, where others may read them."""
        import tomllib

        try:
            is_open = self.file.stat().st_mode & 0o004
            written = tomllib.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        shown = [name for name, keys in credentials().items() if _raw(written, keys)]
        if not (is_open and shown):
            return []
        mend = f"move them to {self.file.parent / 'secrets'} or to credentials, or chmod 640 {self.file}"
        return [doubt(f"everybody may read {', '.join(shown)} in {self.file}", mend)]

    def _not_handed_over(self, names: set[str]) -> list[Finding]:
        """Secrets that the installed unit does not load."""
        try:
            unit = self.unit.read_text(encoding="utf-8")
        except OSError:
            return []
        missing = sorted(name for name in names if f"LoadCredential={name}:" not in unit)
        if not missing:
            return []
        mend = f"install systemd/referloop.service anew to {self.unit}, then systemctl daemon-reload"
        return [doubt(f"the service does not load {', '.join(missing)}", mend)]


def needed_secrets(settings: Settings) -> dict[str, str]:
    """Each secret that must be given, and why."""
    fax, mail, calls = settings.fax, settings.mail, bool(settings.fax.callbacks.public_url)
    unbelieved = "without it no callback is believed"
    wanted = (
        ("code_key", True, "it signs the printed codes"),
        ("smtp_password", mail.enabled and bool(mail.smtp.username), "mail.smtp.username is set"),
        ("imap_password", mail.enabled and bool(mail.imap.username), "mail.imap.username is set"),
        ("sinch_secret", fax.carrier == "sinch", "fax.carrier is sinch"),
        ("telnyx_key", fax.carrier == "telnyx", "fax.carrier is telnyx"),
        ("signalwire_token", fax.carrier == "signalwire", "fax.carrier is signalwire"),
        ("signalwire_signing_key", fax.carrier == "signalwire" and calls, unbelieved),
        ("callback_password", fax.carrier == "sinch" and calls, unbelieved),
    )
    return {name: why for name, is_wanted, why in wanted if is_wanted}


def _where(file: Path, name: str) -> str:
    return (
        f"install -m 0600 /dev/stdin {file.parent / 'secrets' / name}, or /etc/credstore/referloop.{name} with systemd"
    )


def _value(settings: Settings, keys: tuple[str, ...]) -> str:
    value: object = settings
    for key in keys:
        value = getattr(value, key) if isinstance(value, BaseModel) else None
    return value.get_secret_value() if isinstance(value, SecretStr) else ""


def _raw(written: Mapping[str, object], keys: tuple[str, ...]) -> bool:
    value: object = written
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None  # pyright: ignore
    return bool(value)
