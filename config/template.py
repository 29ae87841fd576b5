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
from pydantic.fields import FieldInfo

from config.errors import SettingsError
from config.settings import Settings

_HEAD = """# Referloop: a clinic's settings. Every key stands here with its default; commented where it will do.
# Relative paths lie in this file's folder. REFERLOOP_SECTION__KEY in the environment goes before this file.
# Passwords are better given as systemd credentials, or as files in secrets/ beside this one: smtp_password,
# imap_password, oauth_secret, hylafax_password, hylafax_admin, sinch_secret, telnyx_key, signalwire_token,
# signalwire_signing_key, twilio_token, callback_password, oidc_secret, code_key.
"""
_FILL_IN = {"name", "address", "phone", "fax_number", "reply_address", "zone", "carrier"}
_BESIDE = {"policy_file": "policy.toml"}
"""Files that `init` writes too, and that the settings must therefore name."""


def settings_template() -> str:
    """The text of a fresh referloop.toml."""
    return _HEAD + "".join(_table(name, model) for name, model in sections())


def sections(model: type[BaseModel] = Settings, above: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Every section by its dotted name, in the order of the file."""
    for name, field in model.model_fields.items():
        if inner := _section(field):
            yield f"{above}{name}", inner
            yield from sections(inner, f"{above}{name}.")


def keys(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys that hold values, not further sections."""
    return {name: field for name, field in model.model_fields.items() if not _section(field)}


def as_toml(value: Any) -> str:
    """A default as it is written in the file."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None or isinstance(value, Path):
        value = str(value or "")
    return tomlkit.item(value).as_string()


def _section(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _table(name: str, model: type[BaseModel]) -> str:
    about = (model.__doc__ or "").strip().splitlines()[0]
    return f"\n# {about}\n[{name}]\n" + "".join(_line(*key) for key in keys(model).items())


def _line(name: str, field: FieldInfo) -> str:
    value = _BESIDE.get(name, field.get_default(call_default_factory=True))
    mark = "" if name in _FILL_IN or name in _BESIDE else "# "
    return f"{mark}{name} = {as_toml(value)}  # {field.description}\n"


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
