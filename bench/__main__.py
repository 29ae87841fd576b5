"""`python -m bench [running|latency|sweep|reading|all] [--quick] [--json] [--write FILE]`.

`python -m bench forms`, `letters`, `speed` and `traffic` have options of their own: see `--help`.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console

from bench.figures import Figure, as_markdown

_MARK = "<!-- figures -->"


def _measures(*, is_quick: bool) -> Mapping[str, Callable[[], list[Figure]]]:
    def running() -> list[Figure]:
        from bench.running import measure

        return measure(1 if is_quick else 5)

    def latency() -> list[Figure]:
        from bench.latency import measure

        return measure(*((2, 1) if is_quick else (30, 12)))

    def sweep() -> list[Figure]:
        from bench.sweep import measure

        return measure(1000 if is_quick else 50_000)

    def reading() -> list[Figure]:
        from bench.reading import measure

        return measure(4 if is_quick else 60)

    return {"running": running, "latency": latency, "sweep": sweep, "reading": reading}


def main() -> int:
    """Measure, print, and end with 1 if a promise was missed."""
    what = next(iter(sys.argv[1:]), "")
    if what == "forms":
        from bench.forms import main as forms

        return forms(sys.argv[2:])
    if what in ("letters", "speed"):
        from bench.written.command import run

        return run(what, sys.argv[2:])
    if what == "traffic":
        from bench.day.command import run as traffic

        return traffic(sys.argv[2:])
    asked = argparse.ArgumentParser(prog="python -m bench", description="Measure the running thing.")
    asked.add_argument("what", nargs="?", default="all", choices=["all", *_measures(is_quick=True)])
    asked.add_argument("--quick", action="store_true", help="a few samples: whether it runs, not how fast it is")
    asked.add_argument("--json", action="store_true", help="every sample")
    asked.add_argument("--write", type=Path, help=f"put the table into this file, after its line {_MARK}")
    options = asked.parse_args()
    figures: list[Figure] = []
    console = Console(stderr=True)
    for name, measure in _measures(is_quick=options.quick).items():
        if options.what in ("all", name):
            with console.status(f"measuring {name}"):
                figures += measure()
    table = as_markdown(figures)
    sys.stdout.write(json.dumps([figure.as_json() for figure in figures], indent=2) + "\n" if options.json else table)
    if options.write:
        head, mark, _ = options.write.read_text(encoding="utf-8").partition(_MARK)
        options.write.write_text(f"{head}{mark}\n\n{table}", encoding="utf-8")
    return int(any(figure.is_kept is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
