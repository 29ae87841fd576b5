"""A zip archive taken apart in memory within limits: nothing is written anywhere, names are only shown.

Sizes are counted while unpacking, because a bomb's directory lies; members that share bytes are counted each time.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from lzma import LZMAError
from stat import S_ISLNK
from zlib import error as ZlibError  # noqa: N812 - an error by its Python name

from parsers.errors import DamagedFile, EncryptedFile, LimitExceeded, ParseError
from parsers.gathered import Gathered, ReadInner
from parsers.reading import Field, Origin, Reading
from parsers.sniff import ZIP

DEEPEST = 2
"""Archives within archives that are opened, the outermost counted."""
_BROKEN = (zipfile.BadZipFile, ZlibError, LZMAError, EOFError, OSError, NotImplementedError, ValueError, IndexError)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_LISTED = 40
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA})
_CLUTTER = re.compile(r"(?:^|/)(?:__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much of an archive we are ready to unpack."""

    members: int = 200
    member_bytes: int = 50 << 20
    all_bytes: int = 100 << 20
    ratio: int = 200  # text squeezes to a tenth, a blank fax to a hundredth


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its bytes, or why they are not had. `name` holds no folder."""

    name: str
    data: bytes = b""
    error: str = ""


def read_archive(data: bytes, read_inner: ReadInner, limits: ArchiveLimits | None = None) -> Reading:
    """The documents of all members, each read as if it had come by itself.

    Raises:
        ParseError: nothing could be had; the text is for the queue.
    """
    gathered = Gathered()
    found = list(members(data, limits or ArchiveLimits()))
    for member in found:
        if member.error:
            gathered.errors.append(f"{member.name}: {member.error}")
        else:
            gathered.take(member.data, member.name, read_inner)
    listed = "; ".join(member.name for member in found[:_LISTED])
    holds = Field("archive_holds", f"{len(found)} files: {listed}"[:500], 1.0, Origin.HEADER)
    return Reading(
        ZIP,
        tuple(gathered.pages),
        tuple(replace(one, fields=(*one.fields, holds)) for one in gathered.documents),
        error="; ".join(gathered.errors),
        active=tuple(gathered.active),
    )


def members(data: bytes, limits: ArchiveLimits | None = None) -> Iterator[Member]:
    """Every file in order of the directory; what cannot be unpacked says why and does not hide the others.

    Raises:
        DamagedFile, LimitExceeded, EncryptedFile: nothing of it is unpacked.
    """
    limits = limits or ArchiveLimits()
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = [one for one in archive.infolist() if not one.is_dir() and not _CLUTTER.search(one.filename)]
            _refuse(infos, limits)
            yield from _unpacked(archive, infos, limits)
    except _BROKEN as error:
        raise DamagedFile("this archive is damaged: ask the sender for the documents inside, best as PDF") from error


def _refuse(infos: list[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
    if not infos:
        raise DamagedFile("this archive is empty: ask the sender to send it again")
    if len(infos) > limits.members:
        raise LimitExceeded(f"this archive holds more than {limits.members} files: open it with care")
    if all(one.flag_bits & 1 for one in infos):
        names = "; ".join(_shown(one.filename) for one in infos[:_LISTED])
        raise EncryptedFile(
            f"this archive needs a password: ask the sender for an open copy, or for the password (it holds {names})"
        )


def _unpacked(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], limits: ArchiveLimits) -> Iterator[Member]:
    left = limits.all_bytes
    for info in infos:
        name = _shown(info.filename)
        try:
            unpacked = _bounded(archive, info, min(left, limits.member_bytes), limits.ratio)
        except ParseError as error:
            yield Member(name, error=str(error))
            continue
        except (*_BROKEN, RuntimeError):
            yield Member(name, error="damaged: ask the sender for it again")
            continue
        left -= len(unpacked)
        yield Member(name, unpacked)


def _bounded(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int, ratio: int) -> bytes:
    if info.flag_bits & 1:
        raise EncryptedFile("needs a password: ask the sender for an open copy")
    if S_ISLNK(info.external_attr >> 16):
        raise DamagedFile("is no file but a link to one: not followed")
    if info.compress_type not in _METHODS:
        raise DamagedFile("is squeezed in a way that is not known here: ask the sender for PDF")
    with archive.open(info) as stream:
        unpacked = stream.read(most + 1)
    if len(unpacked) > most or len(unpacked) > ratio * max(info.compress_size, 1) + 1_000_000:
        raise LimitExceeded("unpacks to far more than its size: open it with care")
    return unpacked


def _shown(name: str) -> str:
    """The last part of a member's name, fit to be shown; its folders lead nowhere."""
    return re.split(r"[/\\]", _UNSAFE.sub("", name))[-1].strip(" .")[:120] or "unnamed"
