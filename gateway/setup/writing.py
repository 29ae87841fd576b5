"""Answers into files: referloop.toml with its comments kept, policy.toml, and secrets that only their owner reads."""

import os
import re
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import tomlkit

from config.load import load_settings
from config.settings import Settings
from config.template import settings_template, write_clinic_folder
from gateway.setup.question import Answers, Part, Question, Value

_POLICY = "policy:"


@dataclass(frozen=True, slots=True)
class ClinicFolder:
    """Where the clinic's files lie. `credstore` is systemd's; without one secrets lie beside the settings."""

    folder: Path
    credstore: Path | None = None

    @property
    def settings(self) -> Path:
        """referloop.toml."""
        return self.folder / "referloop.toml"

    @property
    def progress(self) -> Path:
        """What was answered before setup was interrupted."""
        return self.folder / ".setup-progress.json"

    def secret(self, name: str) -> Path:
        """Where a secret lies."""
        if self.credstore is not None:
            return self.credstore / f"referloop.{name}"
        return self.folder / "secrets" / name

    def make(self) -> None:
        """As `referloop init` does, where there is nothing yet; the key goes where secrets go."""
        if self.settings.exists():
            return
        write_clinic_folder(self.folder)
        key = self.folder / "secrets" / "code_key"
        if self.credstore is not None and not self.secret("code_key").exists():
            write_secret(self.secret("code_key"), key.read_text(encoding="utf-8").strip())
            key.unlink()

    def load(self) -> Settings:
        """The settings in force. Raises SettingsError."""
        return load_settings(self.settings, credstore=self.credstore)

    @contextmanager
    def tried(self, parts: tuple[Part, ...], answers: Answers) -> Generator[tuple[Settings, Path]]:
        """The settings as they would be, in a file for so long; nothing is changed. Raises SettingsError."""
        text = with_answers(self.settings.read_text(encoding="utf-8"), values_of(parts, answers))
        with tempfile.TemporaryDirectory() as store:
            for name, secret in secrets_of(parts, answers).items():
                write_secret(Path(store) / f"referloop.{name}", secret)
            for name in _kept(self, store):
                write_secret(Path(store) / f"referloop.{name}", self.secret(name).read_text(encoding="utf-8").strip())
            candidate = self.folder / ".referloop-tried.toml"
            try:
                write_private(candidate, text)
                yield load_settings(candidate, credstore=Path(store)), candidate
            finally:
                candidate.unlink(missing_ok=True)

    def write(self, parts: tuple[Part, ...], answers: Answers) -> list[Path]:
        """Put the answers where they belong; which files were changed."""
        values = values_of(parts, answers)
        written: list[Path] = []
        for name, secret in secrets_of(parts, answers).items():
            write_secret(self.secret(name), secret)
            written.append(self.secret(name))
        texts = {
            self.settings: with_answers(self.settings.read_text(encoding="utf-8"), values),
            self.folder / "policy.toml": _policy(self.folder / "policy.toml", values),
        }
        for path, text in texts.items():
            if text != path.read_text(encoding="utf-8"):
                _replace(path, text)
                written.append(path)
        return written


def _kept(place: ClinicFolder, store: str) -> list[str]:
    """Secrets given before, of which nothing was asked now."""
    if place.credstore is None or not place.credstore.is_dir():
        return []
    names = [path.name.removeprefix("referloop.") for path in place.credstore.glob("referloop.*")]
    return [name for name in names if not (Path(store) / f"referloop.{name}").exists()]


def values_of(parts: tuple[Part, ...], answers: Answers) -> dict[str, Value]:
    """Each setting by its dotted key."""
    asked = [one for part in parts for one in part.questions if one.id in answers and one.is_asked(answers)]
    return {key: answers[one.id] for one in asked for key in one.keys}


def secrets_of(parts: tuple[Part, ...], answers: Answers) -> dict[str, str]:
    """Each credential that was typed; the incoming mailbox's is that of outgoing mail where nothing was typed."""
    asked = [one for part in parts for one in part.questions if one.credential and one.is_asked(answers)]
    found = {one.credential: str(answers[one.id]) for one in asked if answers.get(one.id)}
    if "smtp_password" in found and answers.get("mail.imap_password") == "":
        found.setdefault("imap_password", found["smtp_password"])
    return found


def with_answers(text: str, values: Mapping[str, Value]) -> str:
    """The file's text with each key set; its comments stay, and a key that was commented out is put in force."""
    told = {key: value for key, value in values.items() if not key.startswith(_POLICY)}
    for key in told:
        text = _in_force(text, *key.rpartition(".")[::2])
    document: Any = tomlkit.parse(text)
    for key, value in told.items():
        *tables, name = key.split(".")
        table = document
        for one in tables:
            table = table.setdefault(one, tomlkit.table())
        if value != "" or name in table:
            table[name] = value
    return tomlkit.dumps(document)


def _in_force(text: str, table: str, name: str) -> str:
    """The line `# name = …` of a table without its mark."""
    start = re.search(rf"^\[{re.escape(table)}\][^\n]*\n", text, re.MULTILINE)
    if start is None:
        return text
    end = re.compile(r"^\[", re.MULTILINE).search(text, start.end())
    body = text[start.end() : end.start() if end else len(text)]
    if re.search(rf"^{name}\s*=", body, re.MULTILINE):
        return text
    body = re.sub(rf"^# ({name} = )", r"\1", body, count=1, flags=re.MULTILINE)
    return text[: start.end()] + body + (text[end.start() :] if end else "")


def _policy(path: Path, values: Mapping[str, Value]) -> str:
    document: Any = tomlkit.parse(path.read_text(encoding="utf-8"))
    for key, value in values.items():
        if key.startswith(_POLICY):
            document[key.removeprefix(_POLICY)] = value
    return tomlkit.dumps(document)


def present(question: Question, folder: ClinicFolder) -> Value | None:
    """What the files say now of a question; None if nothing."""
    for key in question.keys:
        path = folder.folder / "policy.toml" if key.startswith(_POLICY) else folder.settings
        try:
            value = _at(path.read_text(encoding="utf-8"), key)
        except OSError:
            return None
        if value not in (None, ""):
            return value
    return None


def fresh_value(question: Question) -> Value | None:
    """What a fresh folder says of it, which is nobody's answer."""
    for key in question.keys:
        if key.startswith(_POLICY):
            text = files("config").joinpath("defaults", "policy.toml").read_text(encoding="utf-8")
            return _at(text, key)
        return _at(settings_template(), key)
    return None


def _at(text: str, key: str) -> Value | None:
    value: Any = tomlkit.parse(text).unwrap()
    for name in key.removeprefix(_POLICY).split("."):
        value = value.get(name) if isinstance(value, dict) else None  # pyright: ignore
    return value


def write_secret(path: Path, secret: str) -> None:
    """A file that only its owner reads."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, secret + "\n")


def write_private(path: Path, text: str) -> None:
    """All of it or nothing, mode 0600."""
    half = path.with_name(f".{path.name}.part")
    half.unlink(missing_ok=True)
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def _replace(path: Path, text: str) -> None:
    """With the mode and the owner it had."""
    had = path.stat()
    write_private(path, text)
    path.chmod(had.st_mode & 0o777)
    if os.geteuid() == 0:
        os.chown(path, had.st_uid, had.st_gid)
