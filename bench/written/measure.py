# ruff: noqa: E501 - lines as they stand on paper and in the table
"""Letters over three kinds of line, read and scored: `python -m bench letters`."""

import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.progress import track

from bench.written.generator import CHANNELS, drawn, faxed
from bench.written.people import WRITTEN
from bench.written.plot import draw, expected_error
from bench.written.score import Score, score
from parsers.options import ReadOptions
from parsers.read import read

TUNING_SEED = 41_000
HELD_OUT_SEED = 860_000
_PROMISED = {"fine": 0.98, "standard": 0.95, "standard twice": 0.88}
_KIND_PROMISED = 0.97
_WRONG_PROMISED = 0.001


def _one(task: tuple[int, str]) -> Score:
    seed, channel = task
    page, truth = drawn(seed)
    data = faxed(page, seed, channel)
    started_at = time.perf_counter()
    reading = read(data, "letter.tif", ReadOptions(written=WRITTEN))
    seconds = time.perf_counter() - started_at
    people = [person for document in reading.documents for person in document.people]
    days = [day for document in reading.documents for day in document.dates]
    numbers = [number for document in reading.documents for number in document.numbers]
    kind = next(((str(one.kind), one.kind_confidence) for one in reading.documents), ("", 0.0))
    return score(truth, people, days, numbers, kind, seconds)


def scores(pages: int, seed: int, jobs: int, channel: str) -> Iterator[Score]:
    """Each page of a channel, read in `jobs` processes."""
    os.environ["OMP_THREAD_LIMIT"] = "1"  # noqa: TID251 - inherited by the engines of the reading processes
    tasks = [(seed + ordinal, channel) for ordinal in range(pages)]
    with get_context("spawn").Pool(jobs) as pool:
        done = pool.imap(_one, tasks, chunksize=1)
        yield from track(done, f"letters, {channel}", total=pages, console=Console(stderr=True))


def _share(found: Sequence[Score], name: str) -> float:
    return sum(bool(getattr(one, name)) for one in found) / len(found)


def _row(channel: str, found: Sequence[Score]) -> str:
    fields = " | ".join(f"{_share(found, name):.1%}" for name in ("name", "born", "mrn", "visit"))
    right = _share(found, "is_right")
    kept = "kept" if right >= _PROMISED[channel] else "**missed**"
    return (
        f"| {channel} | {len(found)} | {right:.1%} | {_PROMISED[channel]:.0%} {kept} | {fields} "
        f"| {_share(found, 'kind'):.1%} | {sum(one.is_wrong_patient for one in found)} "
        f"| {sum(one.seconds for one in found) / len(found):.2f} |"
    )


def _summary(everything: Sequence[Score]) -> str:
    kind, wrong = _share(everything, "kind"), _share(everything, "is_wrong_patient")
    points = [(one.kind_confidence, one.kind) for one in everything]
    return (
        f"Kind right {kind:.1%} ({'kept' if kind >= _KIND_PROMISED else '**missed**'}: {_KIND_PROMISED:.0%} promised), "
        f"its confidence off by {expected_error(points):.3f} on average. "
        f"Wrong and sure of the patient {wrong:.2%} "
        f"({'kept' if wrong <= _WRONG_PROMISED else '**missed**'}: at most {_WRONG_PROMISED:.1%} promised)."
    )


def measure(pages: int, seed: int, jobs: int, *, plot: Path | None, failures: Path | None) -> str:
    """The table in Markdown; a plot and the failures beside it where asked."""
    lines = [
        f"Seeds {seed} to {seed + pages - 1}"
        + (" (held out)" if seed >= HELD_OUT_SEED else " (tuning)")
        + f", {jobs} processes, {pages} pages a line.",
        "",
        "| line | pages | all four | promised | name | birth date | MRN | visit or number | kind | wrong and sure | s/page |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    everything: list[Score] = []
    for channel in CHANNELS:
        found = list(scores(pages, seed, jobs, channel))
        everything += found
        lines.append(_row(channel, found))
        if failures:
            told = "\n".join(
                f"{channel} {seed + i} kind={s.kind} {s.said}" for i, s in enumerate(found) if s.said or not s.kind
            )
            failures.open("a", encoding="utf-8").write(told + "\n")
    layouts = Counter(one.layout for one in everything)
    faces = Counter(one.face for one in everything)
    lines += ["", _summary(everything), "", f"{len(layouts)} layouts in {len(faces)} faces."]
    if plot:
        draw([(one.kind_confidence, one.kind) for one in everything], plot)
    return "\n".join(lines) + "\n"
