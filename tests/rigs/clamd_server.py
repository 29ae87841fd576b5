"""The real clamd with a signature database of one made-up virus, and a rig that misbehaves as one."""

import asyncio
import hashlib
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

VIRUS = b"This is no virus, but the signature database of this test calls it one: zq7-referloop-test-infection."
NAME = "Referloop.Test.Infection"


def is_installed() -> bool:
    """Whether Debian's clamav-daemon is there."""
    return shutil.which("clamd") is not None


@contextmanager
def a_clamd(folder: Path, stream_limit: str = "1M") -> Generator[str, None, None]:
    """Serving on a socket in `folder`; yields its place as the settings write it."""
    database = folder / "database"
    database.mkdir()
    (database / "test.ndb").write_text(f"{NAME}:0:*:{VIRUS.hex()}\n", encoding="ascii")
    whole = VIRUS + b"!"
    (database / "test.hdb").write_text(
        f"{hashlib.md5(whole, usedforsecurity=False).hexdigest()}:{len(whole)}:{NAME}.Hash\n", encoding="ascii"
    )
    place = folder / "clamd.ctl"
    config = folder / "clamd.conf"
    config.write_text(
        f"LocalSocket {place}\nDatabaseDirectory {database}\nForeground yes\nStreamMaxLength {stream_limit}\n"
        f"TemporaryDirectory {folder}\nPidFile {folder}/clamd.pid\n",
        encoding="ascii",
    )
    log = (folder / "clamd.log").open("wb")
    process = subprocess.Popen(["clamd", "-c", str(config)], stdout=log, stderr=log)
    try:
        _until_it_answers(place, process)
        yield f"unix:{place}"
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def _until_it_answers(place: Path, process: subprocess.Popen[bytes]) -> None:
    patience = time.monotonic() + 60
    while time.monotonic() < patience:
        if process.poll() is not None:
            raise RuntimeError("clamd ended: see clamd.log")
        with socket.socket(socket.AF_UNIX) as tried:
            try:
                tried.connect(str(place))
            except OSError:
                time.sleep(0.1)
            else:
                return
    raise RuntimeError("clamd did not start")


@asynccontextmanager
async def a_liar(answer: bytes | None) -> AsyncGenerator[str, None]:
    """Takes a stream over TCP and answers `answer`; None: it never answers."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\0")
            while length := int.from_bytes(await reader.readexactly(4), "big"):
                await reader.readexactly(length)
            if answer is None:
                await asyncio.sleep(60)
            elif answer:
                writer.write(answer)
                await writer.drain()
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()[:2]
        yield f"{host}:{port}"
