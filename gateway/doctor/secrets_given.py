"""Secrets: each that the settings need is there, and none lies open."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, SecretStr

from config.load import credentials, credentials_of_a_box
from config.settings import Settings
from gateway.doctor.finding import Finding, Tell, doubt, fault, well
from gateway.mailboxes import MAIN, Mailbox, mailboxes

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
        known = _given(self.settings)
        missing = [name for name in needed if not known[name]]
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
        boxes = written.get("mail", {}).get("boxes", [])
        shown += [
            f"{name}_{box.get('name')}"
            for box in boxes
            for name, keys in credentials_of_a_box().items()
            if _raw(box, keys)
        ]
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
        if own := [name for name in missing if name not in credentials()]:  # of further mailboxes, in no shipped unit
            mend = f"systemctl edit referloop: under [Service] LoadCredential={own[0]}:referloop.{own[0]}, and so on"
        return [doubt(f"the service does not load {', '.join(missing)}", mend)]


def needed_secrets(settings: Settings) -> dict[str, str]:
    """Each secret that must be given, and why."""
    fax, calls = settings.fax, bool(settings.fax.callbacks.public_url)
    unbelieved = "without it no callback is believed"
    wanted = (
        ("code_key", True, "it signs the printed codes"),
        *(one for box in mailboxes(settings) for one in _of_mailbox(box)),
        ("sinch_secret", fax.carrier == "sinch", "fax.carrier is sinch"),
        ("telnyx_key", fax.carrier == "telnyx", "fax.carrier is telnyx"),
        ("signalwire_token", fax.carrier == "signalwire", "fax.carrier is signalwire"),
        ("signalwire_signing_key", fax.carrier == "signalwire" and calls, unbelieved),
        ("callback_password", fax.carrier == "sinch" and calls, unbelieved),
    )
    return {name: why for name, is_wanted, why in wanted if is_wanted}


def _of_mailbox(box: Mailbox) -> Iterator[tuple[str, bool, str]]:
    """Passwords where no provider gives tokens instead."""
    by_password, provider = box.oauth.provider == "none", box.oauth.provider
    setting, behind = ("mail", "") if box.name == MAIN else (f"mail.boxes ({box.name})", f"_{box.name}")
    yield f"smtp_password{behind}", by_password and bool(box.smtp.username), f"{setting}.smtp.username is set"
    yield f"imap_password{behind}", by_password and bool(box.imap.username), f"{setting}.imap.username is set"
    yield f"oauth_secret{behind}", provider == "google", f"{setting}.oauth.provider is google"


def _given(settings: Settings) -> dict[str, str]:
    """Every secret by its credential's name; empty where there is none."""
    found = {name: _value(settings, keys) for name, keys in credentials().items()}
    for box in settings.mail.boxes:
        found |= {f"{name}_{box.name}": _value(box, keys) for name, keys in credentials_of_a_box().items()}
    return found


def _where(file: Path, name: str) -> str:
    return (
        f"install -m 0600 /dev/stdin {file.parent / 'secrets' / name}, or /etc/credstore/referloop.{name} with systemd"
    )


def _value(section: BaseModel, keys: tuple[str, ...]) -> str:
    value: object = section
    for key in keys:
        value = getattr(value, key) if isinstance(value, BaseModel) else None
    return value.get_secret_value() if isinstance(value, SecretStr) else ""


def _raw(written: Mapping[str, object], keys: tuple[str, ...]) -> bool:
    value: object = written
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None  # pyright: ignore
    return bool(value)
