"""What `referloop init` writes: a commented referloop.toml made from the settings themselves, a policy, a key.

The comments are the fields' own descriptions, so that the file can never document what is not there.
"""

import secrets
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import BaseModel, SecretStr

from config.errors import SettingsError
from config.settings import Settings

_HEAD = """# Referloop: a clinic's settings. Every key stands here with its default, commented out where the default will do.
# Relative paths lie in this file's folder. REFERLOOP_SECTION__KEY in the environment goes before this file.
# Passwords are better given as systemd credentials: smtp_password, imap_password, code_key.
"""
_FILL_IN = {"name", "address", "phone", "fax_number", "reply_address", "zone", "carrier"}
_NOT_WRITTEN = {"code_key", "notify_socket", "watchdog_s"}


def settings_template() -> str:
    """The text of a fresh referloop.toml."""
    return _HEAD + "".join(_section(name, field) for name, field in _sections(Settings, ""))


def _sections(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield f"{prefix}{name}", kind
            yield from _sections(kind, f"{prefix}{name}.")


def _section(name: str, model: type[BaseModel]) -> str:
    about = (model.__doc__ or "").strip().splitlines()[0]
    return f"\n# {about}\n[{name}]\n" + "".join(_keys(model))


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if name in _NOT_WRITTEN or (isinstance(kind, type) and issubclass(kind, BaseModel)):
            continue
        value = field.get_default(call_default_factory=True)
        mark = "" if name in _FILL_IN else "# "
        yield f"{mark}{name} = {_toml(value)}  # {field.description}\n"


def _toml(value: Any) -> str:
    if value is None:
        return '""'
    if isinstance(value, SecretStr | Path):
        value = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    return tomlkit.item(value).as_string()


def write_clinic_folder(folder: Path) -> list[Path]:
    """Write referloop.toml, policy.toml and secrets/code_key; returns what was written, settings first.

    Raises:
        SettingsError: one of them exists already; nothing is overwritten.
    """
    key = folder / "secrets" / "code_key"
    texts = {
        folder / "referloop.toml": settings_template(),
        folder / "policy.toml": files("config").joinpath("defaults", "policy.toml").read_text(encoding="utf-8"),
        key: secrets.token_urlsafe(48) + "\n",
    }
    for path in texts:
        if path.exists():
            raise SettingsError(f"{path} exists already: name another folder, or remove it first")
    try:
        key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path, text in texts.items():
            path.touch(mode=0o600 if path is key else 0o644)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{folder}: cannot be written ({error.strerror}): choose a folder of yours") from error
    return list(texts)
