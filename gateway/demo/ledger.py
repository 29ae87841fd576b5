"""The answer key of the demo: what each office really sent, and which packets it was an answer to.

Offices append to it; only the final tally reads it, to find out whether anything was misfiled.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sent:
    """One thing an office sent.

    `answers` are the carrier references of the packets it answers, one a page for joint notes, else one in all; empty
    for what answers nothing.
    """

    office: str
    act: str
    key: str  # SHA-256 of the faxed bytes, or the Message-ID of the mail
    answers: tuple[str, ...] = ()


def append(path: Path, sent: Sent) -> None:
    """Add a line; many processes may do so at once (one write, O_APPEND)."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(sent)) + "\n")


def read_ledger(path: Path) -> Sequence[Sent]:
    """All lines so far."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Sent(**(json.loads(line) | {"answers": tuple(json.loads(line)["answers"])})) for line in lines]
