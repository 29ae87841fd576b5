"""`referloop setup`: from nothing to a clinic's settings, by question and answer."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from config.errors import SettingsError
from config.load import SYSTEM_FILE
from gateway.commands.doctor import CREDSTORE, become_owner, run_checks
from gateway.commands.output import failing_clearly
from gateway.commands.state import actor
from gateway.errors import ReferloopError
from gateway.setup.asking import Asker, AtTerminal, FromFile, read_answers
from gateway.setup.question import Part
from gateway.setup.questions import PARTS
from gateway.setup.walk import Setup, Stopped
from gateway.setup.writing import ClinicFolder

_NAMES = ", ".join(part.name for part in PARTS)


def setup(
    folder: Annotated[Path, typer.Argument(help="The clinic's folder; made if it is not there.")] = SYSTEM_FILE.parent,
    *,
    part: Annotated[list[str] | None, typer.Option(help=f"Only this part: {_NAMES}; may be repeated.")] = None,
    answers: Annotated[Path | None, typer.Option(help="Take the answers from this TOML file and ask nobody.")] = None,
    overwrite: Annotated[bool, typer.Option(help="With --answers: replace what is there already.")] = False,
    keep_faults: Annotated[bool, typer.Option(help="With --answers: write what the checks found wrong too.")] = False,
) -> None:
    """Ask for a clinic's settings, try each part at the real servers, and write them; again at any time.

    Ctrl-C stops; the next start goes on where it was. Passwords are never kept in the settings themselves.
    """
    with failing_clearly(ReferloopError, SettingsError):
        chosen = _chosen(part or [])
        place = ClinicFolder(folder, CREDSTORE if folder == SYSTEM_FILE.parent and os.geteuid() == 0 else None)
        asker = _asker(answers, may_overwrite=overwrite, keeps_faults=keep_faults)
        if isinstance(asker, AtTerminal) and not part and place.settings.exists() and not place.progress.exists():
            chosen = _which(asker)
        walk = Setup(place, asker, run_checks, become_owner, actor())
        try:
            written = walk.run(chosen)
        except (Stopped, KeyboardInterrupt, EOFError):
            again = f"referloop setup {folder}"
            sys.stderr.write(f"\nreferloop: stopped; what was answered is kept (no passwords): go on with {again}\n")
            raise typer.Exit(1) from None
    for path in dict.fromkeys(written):
        typer.echo(f"wrote {path}")
    typer.echo(
        f"Next: referloop directory add OFFICES.json -c {place.settings}, then: referloop serve -c {place.settings}"
    )


def _asker(answers: Path | None, *, may_overwrite: bool, keeps_faults: bool) -> Asker:
    if answers is not None:
        known = {one.id for part in PARTS for one in part.questions}
        given = read_answers(answers, known)
        return FromFile(given, typer.echo, may_overwrite=may_overwrite, keeps_faults=keeps_faults)
    if not sys.stdin.isatty():
        raise SettingsError("nobody is there to ask: run it in a terminal, or give --answers FILE")
    return AtTerminal()


def _chosen(names: Sequence[str]) -> Sequence[Part]:
    known = {part.name: part for part in PARTS}
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"--part {name}: there are {_NAMES}")
    return [part for part in PARTS if not names or part.name in names]


def _which(asker: AtTerminal) -> Sequence[Part]:
    """A clinic that is set up already changes one part, or all."""
    asker.say("This clinic is set up already. Which part is to be changed?")
    for number, part in enumerate(PARTS, start=1):
        asker.say(f"  {number}  {part.name:<14} {part.title}")
    while True:
        typed = asker.console.input("  Its number or name, or all: ").strip().lower()
        if typed == "all":
            return PARTS
        found = [part for number, part in enumerate(PARTS, start=1) if typed in (str(number), part.name)]
        if found:
            return found
