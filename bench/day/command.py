"""`python -m bench traffic [--line hylafax] [--minutes N] [--referrals N]`."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench.day.traffic import Plan, measure
from bench.figures import as_markdown


def run(arguments: Sequence[str]) -> int:
    """Let a day pass, print its figures, and end with 1 if a promise was missed."""
    asked = argparse.ArgumentParser(prog="python -m bench traffic", description="A clinic's day in minutes.")
    asked.add_argument("--line", choices=["loopback", "hylafax"], default="loopback", help="hylafax needs root")
    asked.add_argument("--minutes", type=float, default=12.0, help="how long the day takes")
    asked.add_argument("--referrals", type=int, default=100, help="how many are sent out")
    options = asked.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="referloop-day-") as folder, Console(stderr=True).status("a day passes"):
        figures = measure(Plan(options.line, options.minutes, options.referrals), Path(folder))
    sys.stdout.write(as_markdown(figures))
    return int(any(figure.is_kept is False for figure in figures))
