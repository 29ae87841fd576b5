"""What the loopback exchange does to calls, read from `script.toml` in its folder.

Owns the words of that file; refuses to touch a line. One table a number that is called; what is not
written there goes through at once. All keys of one number together:

    ["+15085550199"]
    busy = 2             # the first two calls find the line busy
    no_answer = 1        # the call after those rings out
    cut_after_page = 3   # calls that get through are cut after page 3; the pages so far land as a partial fax
    cut_calls = 1        # ... so many of them (default 1), then the line is good
    voice = true         # a person answers, always
    wrong_number = true  # no such number, always
    rejected = true      # the far machine refuses, always
    silent = true        # accepted, then nothing is ever heard of it and nothing lands
    late_seconds = 5     # the pages land at once, the receipt is told so much later
    repeat_events = true # what lands there is announced twice
"""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from outbound.errors import CarrierMisconfigured
from outbound.sender import Cause


@dataclass(frozen=True, slots=True)
class LineScript:
    """What happens to calls to one number."""

    busy: int = 0
    no_answer: int = 0
    cut_after_page: int = -1
    cut_calls: int = 1
    voice: bool = False
    wrong_number: bool = False
    rejected: bool = False
    silent: bool = False
    late_seconds: float = 0.0
    repeat_events: bool = False


@dataclass(frozen=True, slots=True)
class Fate:
    """How one call goes. `pages` is how many land; `cause` is NONE when the call goes through."""

    cause: Cause
    pages: int
    is_silent: bool = False
    late_seconds: float = 0.0


def fate_of_call(script: LineScript, ordinal: int, pages: int) -> Fate:
    """The fate of the `ordinal`-th call (from 1) to a number, with a packet of so many pages."""
    for is_so, cause in (
        (script.wrong_number, Cause.WRONG_NUMBER),
        (script.voice, Cause.NOT_A_FAX),
        (script.rejected, Cause.REJECTED),
        (ordinal <= script.busy, Cause.BUSY),
        (ordinal <= script.busy + script.no_answer, Cause.NO_ANSWER),
    ):
        if is_so:
            return Fate(cause, 0)
    through = ordinal - script.busy - script.no_answer
    if 0 <= script.cut_after_page < pages and through <= script.cut_calls:
        return Fate(Cause.LINE, script.cut_after_page, late_seconds=script.late_seconds)
    if script.silent:
        return Fate(Cause.NONE, 0, is_silent=True)
    return Fate(Cause.NONE, pages, late_seconds=script.late_seconds)


def read_script(path: Path, number: str) -> LineScript:
    """The script of calls to `number`; an absent file or number is a good line.

    Raises:
        CarrierMisconfigured: the file is not TOML, or holds an unknown key or a value of the wrong kind.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return LineScript()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CarrierMisconfigured(f"{path} is not TOML ({error}): correct or remove it") from error
    table = tables.get(number, {})
    if not isinstance(table, dict):
        raise CarrierMisconfigured(f"{path}: {number!r} is not a table: write it as [{number!r}] and keys below")
    defaults = {field.name: field.default for field in fields(LineScript)}
    for key, value in table.items():
        if key not in defaults:
            raise CarrierMisconfigured(f"{path}: unknown key {key!r} of {number}; known are {', '.join(defaults)}")
        if not _fits(value, defaults[key]):
            raise CarrierMisconfigured(f"{path}: {key!r} of {number} cannot be {value!r}")
    return LineScript(**table)


def _fits(value: object, default: object) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    return isinstance(value, int | float if isinstance(default, float) else int) and value >= 0
