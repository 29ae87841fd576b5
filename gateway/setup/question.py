"""One question: what is asked, what is a good answer, and where it is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Value = str | int | bool | list[str]
Answers = dict[str, Value]
"""What was answered so far, by the questions' ids. Secrets are among them, and are never kept in a file of ours."""


class WrongAnswer(Exception):
    """It will not do; the message says why and what to write instead."""


@dataclass(frozen=True, slots=True)
class Question:
    """`keys` are the settings it is written to, dotted; `credential` names a secret instead.

    `read` turns what was typed into the value, or raises ValueError. `default` and `is_asked` look at the answers so
    far.
    """

    id: str
    words: str
    keys: tuple[str, ...] = ()
    credential: str = ""
    default: Callable[[Answers], Value] = lambda answers: ""
    read: Callable[[str], Value] = lambda typed: typed
    is_asked: Callable[[Answers], bool] = lambda answers: True
    choices: Mapping[str, str] | None = None
    kind: Literal["text", "yes_no", "password"] = "text"
    may_be_empty: bool = False

    @property
    def is_secret(self) -> bool:
        """Whether it is typed unseen."""
        return self.kind == "password"


@dataclass(frozen=True, slots=True)
class Part:
    """Questions that belong together, and the doctor's checks that try their answers."""

    name: str
    title: str
    questions: tuple[Question, ...]
    checks: frozenset[str] = frozenset()


def read_as(question: Question, typed: str) -> Value:
    """The value of what was typed. Raises WrongAnswer."""
    text = typed.strip() if not question.is_secret else typed
    if not text and question.may_be_empty:
        return ""
    if not text:
        raise WrongAnswer("an answer is needed here")
    if question.kind == "yes_no":
        if text.lower() in ("y", "yes", "true"):
            return True
        if text.lower() in ("n", "no", "false"):
            return False
        raise WrongAnswer("answer y or n")
    if question.choices is not None and text not in question.choices:
        raise WrongAnswer(f"{text!r} is none of {', '.join(question.choices)}")
    try:
        return question.read(text)
    except ValueError as error:
        raise WrongAnswer(str(error)) from error
