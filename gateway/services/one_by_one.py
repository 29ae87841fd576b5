"""Rows that are due, one after the other: what is wrong with one holds up none of the others."""

from collections.abc import Callable, Iterable
from typing import TypeVar

_Row = TypeVar("_Row")


def one_by_one(rows: Iterable[_Row], step: Callable[[_Row], int], trouble: str) -> int:
    """Take every step, each in a transaction of its own; returns the sum of what they return.

    Raises:
        ExceptionGroup: `trouble`, with what went wrong, after all the others were taken.
    """
    total = 0
    failures: list[Exception] = []
    for row in rows:
        try:
            total += step(row)
        except Exception as error:  # noqa: BLE001 - told below; one row must not hold up the others
            failures.append(error)
    if failures:
        raise ExceptionGroup(trouble, failures)
    return total
