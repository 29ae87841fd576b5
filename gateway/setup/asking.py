"""Where answers come from: a person at a terminal, or a file."""

import getpass
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.text import Text

from config.errors import SettingsError
from gateway.setup.question import Answers, Part, Question, Value, WrongAnswer, read_as


class Asker(Protocol):
    """Gives answers, and hears what is said."""

    @property
    def is_person(self) -> bool:
        """Whether somebody is there who can go and log in somewhere."""
        ...

    def begin(self, part: Part) -> None:
        """A part begins."""
        ...

    def ask(self, question: Question, default: Value, *, has_secret: bool) -> Value | None:
        """The answer; None where a secret that is given already is kept."""
        ...

    def agrees(self, words: str, *, default: bool) -> bool:
        """Yes or no."""
        ...

    def after_fault(self) -> str:
        """`again`, `change`, `keep` or `stop`."""
        ...

    def say(self, words: str) -> None:
        """Something to know."""
        ...


@dataclass
class AtTerminal:
    """Asks, shows the default in brackets, and asks again where an answer will not do."""

    console: Console = field(default_factory=lambda: Console(highlight=False))
    is_person: bool = True

    def begin(self, part: Part) -> None:
        """A heading."""
        self.console.print()
        self.console.print(Text(part.title, "bold"))

    def ask(self, question: Question, default: Value, *, has_secret: bool) -> Value | None:
        """Until it will do."""
        if question.choices is not None:
            for name, about in question.choices.items():
                self.console.print(Text.assemble("    ", (f"{name:<11}", "bold"), about))
        while True:
            if question.is_secret:
                typed = self._unseen(question, has_secret=has_secret)
                if typed is None:
                    return None
            else:
                typed = self.console.input(Text.assemble("  ", question.words, *_shown(question, default), ": "))
                typed = typed.strip() or _as_typed(default)
            try:
                return read_as(question, "" if typed == "-" and question.may_be_empty else typed)
            except WrongAnswer as error:
                self.console.print(Text.assemble(("    ✗ ", "bold red"), str(error)))

    def _unseen(self, question: Question, *, has_secret: bool) -> str | None:
        kept = " [given; nothing keeps it]" if has_secret else ""
        typed = getpass.getpass(f"  {question.words}{kept}: ")
        if not typed and has_secret:
            return None
        if question.id == "administrator.password" and typed and getpass.getpass("  Once more: ") != typed:
            self.console.print(Text.assemble(("    ✗ ", "bold red"), "the two differ"))
            return self._unseen(question, has_secret=has_secret)
        return typed

    def agrees(self, words: str, *, default: bool) -> bool:
        """Until it is y or n."""
        while True:
            typed = self.console.input(f"  {words} [{'Y/n' if default else 'y/N'}] ").strip().lower()
            if typed in ("", "y", "yes", "n", "no"):
                return default if not typed else typed.startswith("y")

    def after_fault(self) -> str:
        """By its first letter."""
        words = "  Try [a]gain, [c]hange the answers, [k]eep them as they are, or [s]top: "
        while True:
            typed = self.console.input(Text(words)).strip().lower()
            found = [name for name in ("again", "change", "keep", "stop") if typed and name.startswith(typed)]
            if found:
                return found[0]

    def say(self, words: str) -> None:
        """A line."""
        self.console.print(Text("  " + words), soft_wrap=True)


def _shown(question: Question, default: Value) -> list[str | tuple[str, str]]:
    if question.kind == "yes_no":
        return [(" [Y/n]" if default else " [y/N]", "cyan")]
    shown = _as_typed(default)
    empties = "; - for nothing" if shown and question.may_be_empty else ""
    return [(f" [{shown}{empties}]", "cyan")] if shown else []


def _as_typed(value: Value) -> str:
    if isinstance(value, bool):
        return "y" if value else "n"
    return ", ".join(value) if isinstance(value, list) else str(value)


@dataclass
class FromFile:
    """Answers from a TOML file with a table a part; says nothing twice and asks nobody."""

    given: Answers
    tell: Callable[[str], None]
    may_overwrite: bool
    keeps_faults: bool
    used: set[str] = field(default_factory=set[str])
    is_person: bool = False

    def begin(self, part: Part) -> None:
        """Nothing to say."""

    def ask(self, question: Question, default: Value, *, has_secret: bool) -> Value | None:
        """From the file, else the default. Raises SettingsError where neither will do."""
        self.used.add(question.id)
        if question.id in self.given:
            value = self.given[question.id]
        elif has_secret:
            return None
        else:
            value = default
        try:
            return read_as(question, _as_typed(value))
        except WrongAnswer as error:
            raise SettingsError(f"answer {question.id}: {error}") from error

    def agrees(self, words: str, *, default: bool) -> bool:
        """Only what was allowed beforehand."""
        return self.may_overwrite

    def after_fault(self) -> str:
        """Nobody is there to ask."""
        return "keep" if self.keeps_faults else "stop"

    def say(self, words: str) -> None:
        """A line."""
        self.tell(words)


def read_answers(path: Path, known: set[str]) -> Answers:
    """The file's answers by id. Raises SettingsError: unreadable, open to all, or with an answer nobody asks for."""
    try:
        if path.stat().st_mode & 0o007:
            raise SettingsError(f"{path} may hold passwords and everybody may read it: chmod 600 {path}")
        told: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: is no TOML: {error}") from error
    found: Answers = {}
    for part, table in told.items():
        if not isinstance(table, dict):
            raise SettingsError(f"{path}: {part} stands outside a table: write it under [clinic], [mail], [fax] …")
        found |= {f"{part}.{name}": value for name, value in table.items()}  # pyright: ignore
    if strangers := sorted(found.keys() - known):
        raise SettingsError(f"{path}: nobody asks for {', '.join(strangers)}; there are {', '.join(sorted(known))}")
    return found
