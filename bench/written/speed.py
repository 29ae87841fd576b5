"""The same pages through every engine, the same number of processes each: `python -m bench speed`."""

import io
import os
import shutil
import time
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import cv2
from PIL import Image
from rich.console import Console
from rich.progress import track

from bench.form_lines import come_back
from bench.form_pages import Digits, fill_in
from bench.forms import digits_for
from bench.written.generator import drawn, faxed
from bench.written.score import score

ENGINES = ("referloop", "plain_tesseract", "ocrmypdf")
"""Modules of `bench.engines`; a new one is one file there and its name here."""
_CHANNELS = ("fine", "standard")


@dataclass(frozen=True, slots=True)
class _Fax:
    """A page as it came; `seed` is a letter's, whose truth is known by it."""

    data: bytes
    channel: str
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class _Run:
    """All pages through one engine: pages a second, the share of each channel that is right, the peak in MB."""

    rate: float
    right: dict[str, float]
    peak: int


def _one(task: tuple[str, _Fax]) -> tuple[bool, int]:
    """Whether all four fields are right, and the peak memory of this process in MB."""
    engine, fax = task
    cv2.setNumThreads(1)  # as the daemon's processes do
    answer = import_module(f"bench.engines.{engine}").read(fax.data)
    is_right = False
    if fax.seed is not None:
        _, truth = drawn(fax.seed)
        is_right = score(truth, answer.people, answer.dates, answer.numbers, ("", 0.0), 0.0).is_right
    return is_right, _peak_mb()


def _peak_mb() -> int:
    """The most this process has held; `ru_maxrss` would count what its parent held when it was made."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10


def _run(engine: str, pages: list[_Fax], jobs: int) -> _Run:
    tasks = [(engine, page) for page in pages]
    with get_context("spawn").Pool(jobs) as pool:
        pool.map(_one, tasks[:jobs], chunksize=1)  # the processes are warm, as a daemon's are
        started_at = time.perf_counter()
        found = list(track(pool.imap(_one, tasks), engine, total=len(tasks), console=Console(stderr=True)))
        seconds = time.perf_counter() - started_at
    shares = {
        channel: sum(right for (right, _), page in zip(found, pages, strict=True) if page.channel == channel)
        / max(1, sum(page.channel == channel for page in pages))
        for channel in _CHANNELS
    }
    return _Run(len(pages) / seconds, shares, max(peak for _, peak in found))


def _letters(seed: int, pages: int) -> list[_Fax]:
    return [
        _Fax(faxed(drawn(one)[0], one, channel), channel, one)
        for one in range(seed, seed + pages)
        for channel in _CHANNELS
    ]


def _confirmations(seed: int, pages: int, digits: Digits) -> list[_Fax]:
    """Our own covers, filled in by hand and faxed back."""
    return [_Fax(_tiff(seed + at, digits, channel), channel) for at in range(pages) for channel in _CHANNELS]


def _tiff(seed: int, digits: Digits, channel: str) -> bytes:
    received = come_back(fill_in(seed, digits).page, channel, seed)
    out = io.BytesIO()
    image = Image.fromarray(received.grey).convert("1", dither=Image.Dither.NONE)
    image.save(out, format="TIFF", compression="group4", dpi=(received.x_dpi, received.y_dpi))
    return out.getvalue()


def _table(title: str, pages: list[_Fax], jobs: int, *, has_truth: bool) -> list[str]:
    """Every engine's row; the last column is how many times as fast as each other engine we are."""
    lines = [title, ""]
    columns = ["engine", "pages", "pages a second", *(["all four, fine", "all four, standard"] if has_truth else [])]
    columns += ["peak of a worker", "referloop is faster"]
    lines += ["| " + " | ".join(columns) + " |", "|---|" + "--:|" * (len(columns) - 1)]
    ours = 0.0
    for engine in ENGINES:
        if engine == "ocrmypdf" and not shutil.which("ocrmypdf"):
            lines.append("| ocrmypdf: not installed (pip install ocrmypdf, apt-get install ghostscript) |")
            continue
        run = _run(engine, pages, jobs)
        ours = ours or run.rate
        rights = [f"{run.right[channel]:.0%}" for channel in _CHANNELS] if has_truth else []
        cells = [engine, str(len(pages)), f"{run.rate:.2f}", *rights, f"{run.peak} MB", f"{ours / run.rate:.2f} times"]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def measure_speed(pages: int, seed: int, jobs: int) -> str:
    """Two tables: pages a second, all four fields right at fine and at standard, peak memory of a worker."""
    os.environ["OMP_THREAD_LIMIT"] = "1"  # noqa: TID251 - inherited by every engine
    digits = digits_for(is_held_out=True, folder=Path("bench/out/package"))
    seeds = f"seeds {seed} to {seed + pages - 1}, {jobs} processes and OMP_THREAD_LIMIT=1 for all."
    letters = _table(f"Letters, {seeds}", _letters(seed, pages), jobs, has_truth=True)
    forms = _table(f"Confirmations, {seeds}", _confirmations(seed, pages, digits), jobs, has_truth=False)
    return "\n".join([*letters, "", *forms]) + "\n"
