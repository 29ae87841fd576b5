"""The same letters through every engine, the same number of processes each: `python -m bench speed`."""

import os
import resource
import shutil
import time
from importlib import import_module
from multiprocessing import get_context

import cv2
from rich.console import Console
from rich.progress import track

from bench.written.generator import drawn, faxed
from bench.written.score import score

ENGINES = ("referloop", "plain_tesseract", "ocrmypdf")
"""Modules of `bench.engines`; a new one is one file there and its name here."""
_CHANNELS = ("fine", "standard")


def _one(task: tuple[str, int, str, bytes]) -> tuple[bool, int]:
    """Whether all four fields are right, and the peak memory of this process in MB."""
    engine, seed, _, data = task
    cv2.setNumThreads(1)  # as the daemon's processes do
    answer = import_module(f"bench.engines.{engine}").read(data)
    _, truth = drawn(seed)
    right = score(truth, answer.people, answer.dates, answer.numbers, ("", 0.0), 0.0).is_right
    return right, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def _row(engine: str, pages: list[tuple[int, str, bytes]], jobs: int) -> str:
    tasks = [(engine, *page) for page in pages]
    with get_context("spawn").Pool(jobs) as pool:
        pool.map(_one, tasks[:jobs], chunksize=1)  # the processes are warm, as a daemon's are
        started_at = time.perf_counter()
        found = list(track(pool.imap(_one, tasks), engine, total=len(tasks), console=Console(stderr=True)))
        seconds = time.perf_counter() - started_at
    shares = [
        sum(right for (right, _), page in zip(found, pages, strict=True) if page[1] == channel)
        / max(1, sum(page[1] == channel for page in pages))
        for channel in _CHANNELS
    ]
    rights = " | ".join(f"{share:.0%}" for share in shares)
    return f"| {engine} | {len(pages)} | {len(pages) / seconds:.2f} | {rights} | {max(peak for _, peak in found)} MB |"


def measure_speed(pages: int, seed: int, jobs: int) -> str:
    """A table: pages a second, all four fields right at fine and at standard, peak memory of a worker."""
    os.environ["OMP_THREAD_LIMIT"] = "1"  # noqa: TID251 - inherited by every engine
    drawn_pages = [
        (one, channel, faxed(drawn(one)[0], one, channel)) for one in range(seed, seed + pages) for channel in _CHANNELS
    ]
    lines = [
        f"Letters, seeds {seed} to {seed + pages - 1}, {jobs} processes and OMP_THREAD_LIMIT=1 for all.",
        "",
        "| engine | pages | pages a second | all four, fine | all four, standard | peak of a worker |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for engine in ENGINES:
        if engine == "ocrmypdf" and not shutil.which("ocrmypdf"):
            lines.append("| ocrmypdf | | not installed: pip install ocrmypdf, apt-get install ghostscript | | | |")
        else:
            lines.append(_row(engine, drawn_pages, jobs))
    return "\n".join(lines) + "\n"
