"""A report as rows under headings, for CSV, JSON and the terminal."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows with the same keys; `name` is what a file of it is called."""

    name: str
    rows: Sequence[Mapping[str, object]]
    columns: tuple[str, ...]

    def csv(self, zone: ZoneInfo) -> str:
        """As CSV, times in the clinic's zone to the minute; nothing in it is a formula to a spreadsheet."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([column.replace("_", " ") for column in self.columns])
        writer.writerows([_cell(row.get(column), zone) for column in self.columns] for row in self.rows)
        return out.getvalue()


def _cell(value: object, zone: ZoneInfo) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(value, float):
        return f"{value:.2f}"
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text
