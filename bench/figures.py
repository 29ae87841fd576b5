"""A measured figure beside what was promised, and how it is told."""

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median

import psutil


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: samples in one unit, and the most that their worst may be."""

    group: str
    what: str
    unit: str
    samples: Sequence[float]
    promised: float | None = None
    beside: str = field(default="")  # what the same figure is for what one would use instead

    @property
    def worst(self) -> float:
        """The largest sample."""
        return max(self.samples)

    @property
    def median(self) -> float:
        """The middle sample."""
        return median(self.samples)

    @property
    def is_kept(self) -> bool | None:
        """Whether even the worst keeps the promise; None if nothing was promised."""
        return None if self.promised is None else self.worst <= self.promised

    def as_json(self) -> dict[str, object]:
        """Every sample too."""
        told: dict[str, object] = asdict(self)
        return told | {"median": self.median, "worst": self.worst, "is_kept": self.is_kept}


def as_markdown(figures: Sequence[Figure]) -> str:
    """The table, and on what it was measured."""
    where = (
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {psutil.cpu_count()} cores, "
        f"{psutil.virtual_memory().total >> 30} GiB, load {psutil.getloadavg()[0]:.1f} at the end, "
        f"Python {platform.python_version()}, SQLAlchemy {version('sqlalchemy')}."
    )
    lines = [
        where,
        "",
        "| | n | median | worst | promised | |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for f in figures:
        promised = "" if f.promised is None else f"{f.promised:g} {f.unit}"
        said = {True: "kept", False: "**missed**", None: ""}[f.is_kept]
        told = "; ".join(part for part in (said, f.beside) if part)
        lines.append(
            f"| {f.group}: {f.what} | {len(f.samples)} | {f.median:.3g} {f.unit} | {f.worst:.3g} {f.unit} "
            f"| {promised} | {told} |"
        )
    return "\n".join(lines) + "\n"
