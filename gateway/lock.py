"""One daemon a data folder: the second refuses to start instead of sending everything twice."""

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from gateway.errors import AlreadyRunning


@contextmanager
def only_daemon(data_dir: Path) -> Generator[None, None]:
    """Hold the folder's lock; the kernel frees it however the process ends.

    Raises:
        AlreadyRunning: if another process holds it.
    """
    path = data_dir / "daemon.lock"
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            text = f"another referloop serves {data_dir}: stop it first, or use another folder"
            raise AlreadyRunning(text) from error
        yield
