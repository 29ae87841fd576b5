"""The words of text messages by language and kind, from texts.toml; a mistake names the key, the file and the fix."""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from config.errors import SettingsError

LANGUAGES = ("en", "es")
_FOR_PATIENTS = {"referral_sent": (), "appointment_booked": ("date",), "appointment_changed": ("date",), "call_us": ()}
_FOR_STAFF = {"staff_escalated": ("number",), "staff_health": ("what",)}
_SAID_ALIKE = {"clinic", "phone", "date", "time"}
_HELPERS = {"at_time": {"hour"}, "date_format": {"day"}, "time_format": set[str]()}
_LONGEST = 480  # three parts of a text message


@dataclass(frozen=True, slots=True)
class TextTemplates:
    """Templates by language; staff read English."""

    by_language: Mapping[str, Mapping[str, str]]

    def filled(self, kind: str, language: str, said: Mapping[str, str]) -> str:
        """The message; in English where a language lacks it."""
        templates = self.by_language.get(language, {})
        template = templates.get(kind) or self.by_language["en"][kind]
        return template.format(**({"date": "", "time": ""} | dict(said)))[:_LONGEST]

    def moment(self, language: str, at: datetime, *, has_time: bool) -> tuple[str, str]:
        """Date and time in the language's words, of a local time; an empty time where none is known."""
        words = {**self.by_language["en"], **self.by_language.get(language, {})}
        date = at.strftime(words["date_format"]).replace("{day}", str(at.day))
        hour = at.strftime(words["time_format"]).lstrip("0")
        return date, words["at_time"].format(hour=hour) if has_time else ""


def load_texts(path: Path | None = None) -> TextTemplates:
    """The templates of a file, or those shipped.

    Raises:
        SettingsError: a template is missing, too long, or holds what it may not.
    """
    source = path or files("config").joinpath("defaults", "texts.toml")
    try:
        raw = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"texts.templates_file {source}: it cannot be read ({error}): correct it") from error
    for language in ("en", *[one for one in raw if one != "en"]):
        _check(source, language, raw.get(language, {}), is_whole=language == "en")
    return TextTemplates(raw)


def _check(source: object, language: str, templates: object, *, is_whole: bool) -> None:
    if not isinstance(templates, dict):
        raise SettingsError(f"{source}: [{language}] must be a table of messages")
    told: dict[str, object] = {str(key): value for key, value in templates.items()}  # pyright: ignore[reportUnknownVariableType]
    needed = [*_FOR_PATIENTS, *(_FOR_STAFF if is_whole else ()), *(_HELPERS if is_whole else ())]
    if missing := [key for key in needed if key not in told]:
        raise SettingsError(f"{source}: [{language}] lacks {missing[0]}: copy it from the shipped texts.toml")
    for key, value in told.items():
        _check_one(f"{source}: {language}.{key}", key, value)


def _check_one(where: str, key: str, value: object) -> None:
    if not isinstance(value, str):
        raise SettingsError(f"{where} must be a text")
    may_hold = _HELPERS.get(key, _SAID_ALIKE | set(_FOR_STAFF.get(key, ())))
    must_hold: tuple[str, ...] = {**_FOR_PATIENTS, **_FOR_STAFF}.get(key, ())
    try:
        held = {name for _, name, _, _ in string.Formatter().parse(value) if name is not None}
    except ValueError as error:
        raise SettingsError(f"{where}: {error}: write a brace twice to mean it") from error
    if held - may_hold:
        raise SettingsError(f"{where} may hold {', '.join(sorted(may_hold))}, not {sorted(held - may_hold)[0]!r}")
    if lacking := set(must_hold) - held:
        raise SettingsError(f"{where} must hold {{{sorted(lacking)[0]}}}")
    if len(value) > _LONGEST:
        raise SettingsError(f"{where} is longer than {_LONGEST} characters")
