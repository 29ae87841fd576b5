"""A person at a terminal: reads what a command asks and types, through a real pseudo-terminal."""

import os
import pty
import re
import select
import signal
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
_PATIENCE_S = 60.0


@dataclass
class Typist:
    """`seen` is everything that stood on the screen, without its colours."""

    pid: int
    terminal: int
    seen: str = ""
    _read_to: int = 0
    status: int | None = None

    def answer(self, asked: str, typed: str) -> None:
        """Wait for a question, then type a line. Raises AssertionError where it is not asked."""
        self.wait_for(asked)
        os.write(self.terminal, typed.encode() + b"\n")

    def wait_for(self, words: str, seconds: float = _PATIENCE_S) -> None:
        """Until the words stand on the screen, after what was waited for before."""
        deadline = time.monotonic() + seconds
        while (at := self.seen.find(words, self._read_to)) < 0:
            is_over = time.monotonic() > deadline or not self._read()
            assert not is_over, f"not asked: {words!r}; on the screen:\n{self.seen}"
        self._read_to = at + len(words)

    def _read(self) -> bool:
        ready, _, _ = select.select([self.terminal], [], [], 0.5)
        if not ready:
            return True
        try:
            told = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.seen += _ESCAPES.sub("", told.decode("utf-8", "replace"))
        return bool(told)

    def interrupt(self) -> None:
        """Ctrl-C."""
        os.write(self.terminal, b"\x03")

    def ends(self) -> int:
        """Wait for the end; the exit code."""
        deadline = time.monotonic() + _PATIENCE_S
        while self._read():
            assert time.monotonic() < deadline, f"does not end; on the screen:\n{self.seen}"
        if self.status is None:
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status


@contextmanager
def typing_at(command: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None) -> Generator[Typist]:
    """Start a command in a terminal of its own."""
    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background job inherits that it is ignored
        os.chdir(folder)
        environment = {"PATH": os.defpath, "TERM": "xterm", "COLUMNS": "200", "LANG": "C.UTF-8"}
        environment |= variables or {}
        os.execvpe(command[0], list(command), environment)  # noqa: S606 - the command under test, in its terminal
    typist = Typist(pid, terminal)
    try:
        yield typist
    finally:
        if typist.status is None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(terminal)
