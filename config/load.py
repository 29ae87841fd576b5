"""Where settings come from: the environment, systemd's credentials, referloop.toml, the secrets folder beside it.

Reads the environment for the whole project. Paths in the file are relative to its folder. Every mistake is one line
that names the key, the place it stands in and the fix, and never shows a secret.
"""

import os
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsError as UnparsableVariable

from config.errors import SettingsError
from config.settings import Settings
from config.toml_place import line_of

SYSTEM_FILE = Path("/etc/referloop/referloop.toml")
_PREFIX = "REFERLOOP_"
_CONFIG = "REFERLOOP_CONFIG"
_FROM_SYSTEMD = {"notify_socket", "watchdog_s"}
_CREDENTIALS = {
    "code_key": ("code_key",),
    "smtp_password": ("mail", "smtp", "password"),
    "imap_password": ("mail", "imap", "password"),
    "oauth_secret": ("mail", "oauth", "client_secret"),
    "hylafax_password": ("fax", "hylafax", "password"),
    "hylafax_admin": ("fax", "hylafax", "admin_password"),
    "sinch_secret": ("fax", "sinch", "key_secret"),
    "telnyx_key": ("fax", "telnyx", "api_key"),
    "signalwire_token": ("fax", "signalwire", "token"),
    "signalwire_signing_key": ("fax", "signalwire", "signing_key"),
    "twilio_token": ("texts", "auth_token"),
    "callback_password": ("fax", "callbacks", "password"),
    "oidc_secret": ("oidc", "client_secret"),
}
_OF_A_BOX = {
    "smtp_password": ("smtp", "password"),
    "imap_password": ("imap", "password"),
    "oauth_secret": ("oauth", "client_secret"),
}
"""Credentials of a further mailbox, with its name behind: `imap_password_NAME`."""
_SHORTEST_KEY = 32
_Model = TypeVar("_Model", bound=BaseModel)


def load_settings(path: Path | None = None, *, credstore: Path | None = None) -> Settings:
    """The settings in force: of `path`, or of the first file found.

    `credstore` is where root keeps what systemd hands to the daemon; for root's own eyes, outside the service.

    Raises:
        SettingsError: names the key, the file and the fix.
    """
    file = path or _find_file()
    text = _read(file, "check the path and its permissions")
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: is no TOML: {error}") from error
    _refuse_unknown(raw, file, text)
    _refuse_unknown_variables()
    _add_credentials(raw, file, credstore)
    raw |= {"notify_socket": os.environ.get("NOTIFY_SOCKET", ""), "watchdog_s": _watchdog_s()}
    try:
        settings = Settings(**raw)
    except ValidationError as error:
        complaints = [_complaint(one, file, text) for one in error.errors(include_url=False)]
        raise SettingsError("\n".join(complaints)) from error
    except UnparsableVariable as error:
        raise SettingsError(f"environment: {error}: write lists and tables as JSON") from error
    _require_key(settings, file)
    return _rooted(_inside_data_dir(settings), file.resolve().parent)


def _find_file() -> Path:
    named = os.environ.get(_CONFIG)
    places = [Path(named)] if named else [Path("referloop.toml"), SYSTEM_FILE]
    found = next((place for place in places if named or place.exists()), None)
    if found is None:
        raise SettingsError("there is no referloop.toml here: `referloop init DIR` writes one, --config names another")
    return found


def _read(file: Path, fix: str) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read ({error.strerror}): {fix}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: is not UTF-8 text: {fix}") from error


def _watchdog_s() -> float:
    return int(os.environ.get("WATCHDOG_USEC", "0")) / 1e6


def _refuse_unknown(raw: dict[str, Any], file: Path, text: str, above: tuple[str, ...] = ()) -> None:
    for key, value in raw.items():
        keys = (*above, key)
        if hint := _unknown(keys):
            raise SettingsError(f"{_place(file, text, keys)}: unknown key {'.'.join(keys)}; {hint}")
        if _model_at(keys) is None:
            continue
        for table in value if isinstance(value, list) else [value]:
            if isinstance(table, dict):
                _refuse_unknown(table, file, text, keys)


def _refuse_unknown_variables() -> None:
    for name in os.environ:
        if name.startswith(_PREFIX) and name != _CONFIG:
            keys = tuple(name.removeprefix(_PREFIX).lower().split("__"))
            if hint := _unknown(keys):
                raise SettingsError(f"environment variable {name}: unknown key {'.'.join(keys)}; {hint}")


def _unknown(keys: Sequence[str]) -> str:
    """What to write instead, where no such key exists; else nothing."""
    for depth, key in enumerate(keys):
        model = _model_at(keys[:depth])
        if model is None:
            return f"{'.'.join(keys[:depth])} holds no further keys"
        known = [name for name in model.model_fields if name not in _FROM_SYSTEMD]
        if key not in known:
            near = get_close_matches(key, known, 1)
            return f"did you mean {'.'.join([*keys[:depth], near[0]])}?" if near else f"known here: {', '.join(known)}"
    return ""


def _model_at(keys: Sequence[str]) -> type[BaseModel] | None:
    """The section under these keys; None if they name a value."""
    model: type[BaseModel] = Settings
    for key in keys:
        field = model.model_fields.get(key)
        inner = field.annotation if field else None
        if get_origin(inner) is list:
            inner = get_args(inner)[0]
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return None
        model = inner
    return model


def credentials() -> Mapping[str, tuple[str, ...]]:
    """Every secret's name, and the key it is the value of."""
    return _CREDENTIALS


def credentials_of_a_box() -> Mapping[str, tuple[str, ...]]:
    """Those of a further mailbox, whose name stands behind: `imap_password_NAME`."""
    return _OF_A_BOX


def settings_file(path: Path | None = None) -> Path:
    """The file that `load_settings` reads. Raises SettingsError if there is none."""
    return path or _find_file()


def _add_credentials(raw: dict[str, Any], file: Path, credstore: Path | None) -> None:
    """Systemd's credentials go before the file; the secrets folder is taken where nothing else gives one."""
    for name, keys in _CREDENTIALS.items():
        if (given := _given(name, keys, file, credstore, is_written=bool(_value_at(raw, keys)))) is not None:
            _put(raw, keys, given)
    for box in _boxes(raw):
        for name, keys in _OF_A_BOX.items():
            whole, is_written = f"{name}_{box.get('name', '')}", bool(_value_at(box, keys))
            if (given := _given(whole, ("mail", "boxes", *keys), file, credstore, is_written=is_written)) is not None:
                _put(box, keys, given)


def _boxes(raw: dict[str, Any]) -> list[dict[str, Any]]:
    """The further mailboxes, as far as they have a form to put a secret into."""
    boxes = _value_at(raw, ("mail", "boxes"))
    return [box for box in boxes if isinstance(box, dict)] if isinstance(boxes, list) else []


def _given(name: str, keys: Sequence[str], file: Path, credstore: Path | None, *, is_written: bool) -> str | None:
    """A secret from where it is handed over; the secrets folder's only where the settings say none."""
    handed_over = os.environ.get("CREDENTIALS_DIRECTORY")
    first = [Path(handed_over) / name] if handed_over else []
    first += [credstore / f"referloop.{name}"] if credstore else []
    is_shut = name != "code_key" and not os.access(_secrets(file), os.X_OK)  # root's, in front of the daemon
    last = [] if is_shut or is_written else [_secrets(file) / name]
    return next((found for place in (*first, *last) if (found := _secret(place, keys)) is not None), None)


def _secrets(file: Path) -> Path:
    return file.parent / "secrets"


def _value_at(raw: dict[str, Any], keys: Sequence[str]) -> Any:
    value: Any = raw
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _secret(place: Path, keys: Sequence[str]) -> str | None:
    """The text of a secret's file; None if there is none."""
    try:
        is_open_to_all = place.stat().st_mode & 0o007
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"{place}: {'.'.join(keys)}: cannot be reached ({error.strerror})") from error
    if is_open_to_all:
        raise SettingsError(f"{place}: {'.'.join(keys)}: everybody may read this secret: chmod 600 {place}")
    return _read(place, f"{'.'.join(keys)} is read from it; let the daemon's user own it").strip()


def _put(raw: dict[str, Any], keys: Sequence[str], value: str) -> None:
    for key in keys[:-1]:
        raw = raw.setdefault(key, {})
    raw[keys[-1]] = value


def _require_key(settings: Settings, file: Path) -> None:
    if len(settings.code_key.get_secret_value()) < _SHORTEST_KEY:
        raise SettingsError(
            f"code_key: {_secrets(file) / 'code_key'} is missing or shorter than {_SHORTEST_KEY} characters; "
            "`referloop init` writes one. Printed codes cannot be trusted without it"
        )


def _inside_data_dir(settings: Settings) -> Settings:
    """Watched folders that nobody named lie in the data folder, wherever that is."""
    inbox = settings.inbox
    moved = {
        name: settings.storage.data_dir / getattr(inbox, name).name
        for name in type(inbox).model_fields
        if name not in inbox.model_fields_set
    }
    return settings.model_copy(update={"inbox": inbox.model_copy(update=moved)})


def _rooted(model: _Model, folder: Path) -> _Model:
    """Relative paths lie in the file's folder, wherever the daemon was started."""
    changed: dict[str, object] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, Path):
            changed[name] = folder / value
        elif isinstance(value, BaseModel):
            changed[name] = _rooted(value, folder)
        elif isinstance(value, list):
            changed[name] = [_rooted_one(one, folder) for one in value]
    return model.model_copy(update=changed)


def _rooted_one(value: Any, folder: Path) -> Any:
    if isinstance(value, BaseModel):
        return _rooted(value, folder)
    return folder / value if isinstance(value, Path) else value


def _complaint(error: ErrorDetails, file: Path, text: str) -> str:
    keys = tuple(str(part) for part in error["loc"])
    variable = _PREFIX + "__".join(key.upper() for key in keys)
    place = f"environment variable {variable}" if variable in os.environ else _place(file, text, keys)
    message = error["msg"].removeprefix("Value error, ")
    return f"{place}: {'.'.join(keys)}: {message}" if keys else f"{place}: {message}"


def _place(file: Path, text: str, keys: Sequence[str]) -> str:
    line = line_of(text, ".".join(keys))
    return f"{file}, line {line}" if line else str(file)
