"""What reports need of SQL that databases say differently, and quantiles, which not all of them have."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    case,
    column,
    func,
    select,
    values,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from gateway.storage.tables import Utc

QUARTERS = ((1, 4), (1, 2), (3, 4))
MEDIAN_AND_NINTH_TENTH = ((1, 2), (9, 10))
Span = tuple[date, datetime, datetime]


class SecondsBetween(FunctionElement[int]):
    """Whole seconds from the first time to the second."""

    type = Integer()
    inherit_cache = True
    name = "seconds_between"


@compiles(SecondsBetween, "sqlite")
def _seconds_on_sqlite(element: SecondsBetween, compiler: SQLCompiler, **more: Any) -> str:
    since, until = (compiler.process(one, **more) for one in element.clauses)
    return f"CAST(round((julianday({until}) - julianday({since})) * 86400) AS INTEGER)"


@compiles(SecondsBetween, "postgresql")
def _seconds_on_postgresql(element: SecondsBetween, compiler: SQLCompiler, **more: Any) -> str:
    since, until = (compiler.process(one, **more) for one in element.clauses)
    return f"CAST(round(extract(epoch FROM ({until} - {since}))) AS INTEGER)"


class Said(FunctionElement[str]):
    """A value of an event's detail, which is JSON, by its name; NULL if it does not say."""

    type = String()
    inherit_cache = True
    name = "said"


@compiles(Said, "sqlite")
def _said_on_sqlite(element: Said, compiler: SQLCompiler, **more: Any) -> str:
    detail, name = (compiler.process(one, **more) for one in element.clauses)
    return f"json_extract({detail}, '$.' || {name})"


@compiles(Said, "postgresql")
def _said_on_postgresql(element: Said, compiler: SQLCompiler, **more: Any) -> str:
    detail, name = (compiler.process(one, **more) for one in element.clauses)
    return f"(CAST({detail} AS json) ->> {name})"


def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of a group are so."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def spans_table(spans: Sequence[Span]) -> CTE:
    """Days or weeks as rows: `no`, `starts`, `ends`."""
    columns: list[Column[Any]] = [Column("no", Integer), Column("starts", Utc), Column("ends", Utc)]
    rows = [(no, starts, ends) for no, (_, starts, ends) in enumerate(spans)]
    return values(*columns, name="spans").data(rows).cte("spans")


def quantiles(
    connection: Connection, measured: Select[*tuple[Any, ...]], marks: Sequence[tuple[int, int]]
) -> dict[tuple[str, str], tuple[int, list[float]]]:
    """Of a selection of `key`, `name` and whole `value`: for each key and name how many, and the quantiles at `marks`.

    Between two values it lies in proportion, as spreadsheets have it.
    """
    told = measured.subquery()
    group = (told.c.key, told.c.name)
    ranked = select(
        *group,
        told.c.value,
        (func.row_number().over(partition_by=group, order_by=told.c.value) - 1).label("place"),
        func.count().over(partition_by=group).label("n"),
    ).subquery()
    place, n = ranked.c.place, ranked.c.n
    asked: list[ColumnElement[Any]] = []
    for part, of in marks:
        for place_wanted in ((n - 1) * part // of, ((n - 1) * part + (of - 1)) // of):
            asked.append(func.max(case((place == place_wanted, ranked.c.value))))
    query = select(ranked.c.key, ranked.c.name, func.max(n), *asked).group_by(ranked.c.key, ranked.c.name)
    found: dict[tuple[str, str], tuple[int, list[float]]] = {}
    for row in connection.execute(query):
        key, name, count, *pairs = tuple(row)
        between = [
            low + (high - low) * ((count - 1) * part % of) / of
            for (part, of), low, high in zip(marks, pairs[::2], pairs[1::2], strict=True)
        ]
        found[(key, name)] = (count, between)
    return found


def word(text: str) -> ColumnElement[str]:
    """A fixed word of ours in a selection; never anything that came from outside."""
    if not text.replace("_", "").isalpha():
        raise ValueError(f"{text!r} is no word")
    return column(f"'{text}'", String, is_literal=True)
