"""`referloop init` and `serve`: a clinic's folder and its daemon."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from config.errors import SettingsError
from config.load import load_settings
from config.settings import Settings
from config.template import write_clinic_folder
from gateway.commands.output import failing_clearly
from gateway.commands.state import Config
from gateway.errors import ReferloopError
from gateway.services.access.passwords import first_code
from outbound.errors import OutboundError


def init(folder: Annotated[Path, typer.Argument(help="The folder to make.")]) -> None:
    """Write a commented referloop.toml, the policy and the key that signs printed codes."""
    with failing_clearly(SettingsError):
        written = write_clinic_folder(folder)
    for path in written:
        typer.echo(f"wrote {path}")
    typer.echo(f"Next: fill in [clinic] in {folder / 'referloop.toml'}, then: referloop serve --config {written[0]}")


def serve(config: Config) -> None:
    """Run the daemon until SIGTERM."""
    from gateway.daemon import serve as run
    from gateway.logs import set_up_logging

    with failing_clearly(ReferloopError, SettingsError, OutboundError):
        settings = load_settings(config)
        set_up_logging(settings.log.level, settings.log.format)

        def ready(address: str, is_first_run: bool) -> None:
            (settings.storage.data_dir / "web-address").write_text(address + "\n", encoding="utf-8")
            sys.stderr.write(f"referloop: serving, web page at {address}\n")
            if is_first_run:
                sys.stderr.write(f"referloop: nobody has an account yet: that page asks for {_first_code(settings)}\n")

        asyncio.run(run(settings, ready))


def _first_code(settings: Settings) -> str:
    """The code itself for eyes at a terminal; what is kept in a journal only says where it is."""
    if sys.stderr.isatty():
        return first_code(settings.code_key.get_secret_value().encode())
    return "the code that `referloop person first-code` prints"
