"""`python -m bench letters` and `python -m bench speed`: what can be asked of them."""

import argparse
import sys
from pathlib import Path

from bench.written.measure import HELD_OUT_SEED, TUNING_SEED, measure
from bench.written.speed import measure_speed

_MARK = "<!-- {what} -->"


def run(what: str, arguments: list[str]) -> int:
    """Measure, print, and write where asked."""
    options = _asked(what).parse_args(arguments)
    if what == "speed":
        table = measure_speed(options.pages, options.seed, options.jobs)
    else:
        table = measure(options.pages, options.seed, options.jobs, plot=options.plot, failures=options.failures)
    sys.stdout.write(table)
    if options.write:
        _write(options.write, what, table)
    return int("**missed**" in table)


def _asked(what: str) -> argparse.ArgumentParser:
    asked = argparse.ArgumentParser(prog=f"python -m bench {what}")
    asked.add_argument("--pages", type=int, default=100, help="of each kind of line")
    asked.add_argument(
        "--seed",
        type=int,
        default=HELD_OUT_SEED,
        help=f"of the first page; tune on {TUNING_SEED}, report {HELD_OUT_SEED}",
    )
    asked.add_argument("--jobs", type=int, default=2, help="reading processes")
    asked.add_argument("--plot", type=Path, help="write the reliability plot here (PNG)")
    asked.add_argument("--failures", type=Path, help="append what was misread to this file")
    asked.add_argument("--write", type=Path, help="put the table into this file, after its mark")
    return asked


def _write(path: Path, what: str, table: str) -> None:
    mark = _MARK.format(what=what)
    head, _, tail = path.read_text(encoding="utf-8").partition(mark)
    _, end, rest = tail.partition("<!-- end -->")
    path.write_text(f"{head}{mark}\n\n{table}\n{end}{rest}", encoding="utf-8")
