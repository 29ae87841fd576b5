"""The story told once without disturbance: what the disturbed ones are compared with."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.demo.story import Stage
from tests.rigs.told_story import stage_in


@dataclass(frozen=True, slots=True)
class Told:
    """What the command printed, and where it happened."""

    printed: dict[str, Any]
    stage: Stage


def referloop(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """The command itself, as installed beside this Python."""
    command = [str(Path(sys.executable).with_name("referloop")), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """`referloop demo --until-done --json`, as a newcomer runs it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    done = referloop("demo", "--until-done", "--json", "--folder", str(folder))
    assert done.returncode == 0, done.stderr
    return Told(json.loads(done.stdout), stage_in(folder))
