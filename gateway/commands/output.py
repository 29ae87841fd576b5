"""How every command prints: a table for people, JSON for programs, errors on standard error."""

import json
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, tzinfo
from typing import Annotated, cast

import typer
from rich.console import Console
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def print_json(value: object) -> None:
    """One JSON document; dates and other values as text."""
    sys.stdout.write(json.dumps(value, default=str, ensure_ascii=False, indent=2) + "\n")


def print_rows(rows: Sequence[Mapping[str, object]], *, as_json: bool, empty: str, zone: tzinfo | None = None) -> None:
    """Rows with the same keys, as a table or as a JSON list; `empty` says what none means.

    A table is for people: times in the clinic's `zone` and to the minute, details in words.
    """
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        Console().print(empty)
        return
    table = Table(*[name.replace("_", " ") for name in rows[0]], box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*[_in_words(value, zone) for value in row.values()])
    Console().print(table)


def _in_words(value: object, zone: tzinfo | None) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(value, Mapping):
        told = cast("Mapping[str, object]", value)
        said = {name.replace("_", " "): _in_words(one, zone) for name, one in told.items()}
        return "; ".join(f"{name}: {words}" for name, words in said.items() if words)
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)


@contextmanager
def failing_clearly(*expected: type[Exception]) -> Generator[None, None]:
    """Turn an expected error into its message and exit code 1; anything else is a bug and shows itself."""
    try:
        yield
    except expected as error:
        sys.stderr.write(f"referloop: {error}\n")
        raise typer.Exit(1) from error
    except ExceptionGroup as group:
        known, others = group.split(expected)
        if known is None or others is not None:
            raise
        for error in _leaves(known):
            sys.stderr.write(f"referloop: {error}\n")
        raise typer.Exit(1) from group


def _leaves(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _leaves(cast("ExceptionGroup[Exception]", error))
        else:
            yield error
