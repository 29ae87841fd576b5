"""Bringing a database up to date at start, by Alembic; a newer one is refused, not guessed at."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from gateway.errors import StorageFailed


def upgrade(engine: Engine, to: str = "head") -> None:
    """Run the migrations that are missing; nothing if there are none.

    Raises:
        StorageFailed: the database was made by a newer Referloop.
    """
    config = Config()
    config.set_main_option("script_location", str(files("gateway.storage").joinpath("migrations")))
    script = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        now = MigrationContext.configure(connection).get_current_revision()
        connection.rollback()
    if now == script.get_current_head():
        return
    if now is not None and now not in {revision.revision for revision in script.walk_revisions()}:
        raise StorageFailed(
            f"the database is at revision {now}, which this Referloop does not know: install the newer version again"
        )
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)
