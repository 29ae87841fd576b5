"""One store, on every database it promises to run on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.storage.store import SqlStore
from gateway.testing import memory_store
from tests.contract.stores import new_database, postgresql_server


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgresql_server(tmp_path_factory.mktemp("postgresql") / "data") as server:
        yield server


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    match request.param:
        case "memory":
            opened = memory_store()
        case "sqlite":
            opened = SqlStore.open(f"sqlite:///{tmp_path / 'rows.sqlite'}")
        case _:
            opened = SqlStore.open(new_database(request.getfixturevalue("postgresql"), "migrated"))
    yield opened
    opened.close()
