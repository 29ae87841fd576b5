"""Where the commands find the clinic: its settings, its open store, and who is asking."""

import getpass
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from config.errors import SettingsError
from config.load import load_settings
from gateway.commands.output import failing_clearly
from gateway.desk import Desk, open_desk
from gateway.errors import ReferloopError

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        default_factory=lambda: None,
        show_default=False,
        help="referloop.toml; by default ./referloop.toml, then /etc/referloop.",
    ),
]


@contextmanager
def desk(config: Path | None) -> Generator[Desk, None, None]:
    """The clinic's desk, opened and closed; expected errors become one line on standard error."""
    with failing_clearly(ReferloopError, SettingsError), open_desk(load_settings(config)) as opened:
        yield opened


def actor() -> str:
    """Whose name events carry: the user of this shell."""
    return getpass.getuser()
