"""A clinic whose database is filled directly, for measuring its pages."""

import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from config.load import load_settings
from config.template import write_clinic_folder
from gateway.desk import Desk, open_desk
from gateway.storage.engine import connect


@contextmanager
def filled_clinic(fill: Callable[[Connection, Desk], None]) -> Generator[Desk, None, None]:
    """Default settings in a folder that is gone afterwards; `fill` writes the rows in one transaction."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(write_clinic_folder(Path(folder) / "clinic")[0])
        with open_desk(settings) as desk:
            engine = connect(f"sqlite:///{settings.storage.data_dir / 'referloop.sqlite'}")
            with engine.begin() as connection:
                fill(connection, desk)
            engine.dispose()
            yield desk
