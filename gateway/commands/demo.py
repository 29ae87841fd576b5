"""`referloop demo`: the whole loop on one machine, with simulated offices around the real daemon."""

import asyncio
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from config.errors import SettingsError
from gateway.commands.output import AsJson, failing_clearly, print_json
from gateway.demo.processes import ChildDied
from gateway.errors import ReferloopError


def demo(
    folder: Annotated[
        Path | None, typer.Option(help="Where the story plays; a fresh temporary folder by default.")
    ] = None,
    *,
    until_done: Annotated[bool, typer.Option("--until-done", help="End by itself when the story is over.")] = False,
    as_json: AsJson = False,
) -> None:
    """A small clinic with thirteen referrals, and offices that answer, decline, err or keep silent."""
    place = (folder or Path(tempfile.mkdtemp(prefix="referloop-demo-"))).resolve()
    with failing_clearly(ReferloopError, SettingsError, ChildDied):
        try:
            asyncio.run(_play(place, until_done=until_done, as_json=as_json))
        except KeyboardInterrupt:
            sys.stderr.write(f"The demo's folder stays: {place}\n")


async def _play(folder: Path, *, until_done: bool, as_json: bool) -> None:
    from gateway.demo.live import View, draw
    from gateway.demo.story import staged, tell
    from gateway.desk import Desk

    console = Console(stderr=as_json)
    with Live(console=console, auto_refresh=False, screen=False, transient=as_json) as live:

        def show(desk: Desk, seconds: float) -> None:
            live.update(draw(desk.store, View(_address(folder), str(folder), seconds)), refresh=console.is_terminal)

        async with staged(folder) as stage:
            tally = await tell(stage, show, until_done=until_done)
    if as_json:
        print_json(asdict(tally))
    else:
        counts = {name: value for name, value in asdict(tally).items() if name != "timeline"}
        console.print("  ".join(f"{name} [bold]{value}[/bold]" for name, value in counts.items()))
        console.print(f"The demo's folder stays: {folder}")


def _address(folder: Path) -> str:
    """Where the daemon's web page is, once it has said so."""
    file = folder / "clinic" / "data" / "web-address"
    return file.read_text(encoding="utf-8").strip() if file.exists() else "web page starting"
