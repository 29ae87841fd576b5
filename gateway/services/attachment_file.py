"""A file that is to go with a referral: told by its bytes, opened within limits, kept in the vault."""

import asyncio
import re
from pathlib import Path

from gateway.domain.intake_sheet import SheetFile
from gateway.errors import InvalidIntake
from gateway.services.intake import LARGEST_BYTES
from gateway.services.ports import Vault
from gateway.services.preview_packet import PreviewPainter
from outbound.errors import OutboundError

_LONGEST_NAME = 120


async def take_file(vault: Vault, painter: PreviewPainter, path: Path, name: str) -> SheetFile:
    """Keep a file, if it can become pages.

    Raises:
        InvalidIntake: what is wrong with it and what to do.
        WorkerFailed: it could not be opened within limits.
    """
    shown = plain_name(name)
    size = (await asyncio.to_thread(path.stat)).st_size
    if size > LARGEST_BYTES:
        raise InvalidIntake(f"{shown} is larger than {LARGEST_BYTES >> 20} MiB: split it")
    if size == 0:
        raise InvalidIntake(f"{shown} is empty: choose it anew")
    try:
        media_type, pages = await painter.inspect(path, shown)
    except OutboundError as error:
        raise InvalidIntake(str(error)) from error
    sha256 = await asyncio.to_thread(vault.put_file, path)
    return SheetFile(0, sha256, shown, media_type, size, pages)


def plain_name(name: str) -> str:
    """A file's name without its folder and what cannot be printed."""
    last = re.split(r"[/\\]", name)[-1]
    printable = "".join(char for char in last if char.isprintable()).strip()
    return printable[-_LONGEST_NAME:] or "attachment"
