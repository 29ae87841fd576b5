"""The words of a Word document, out of its zip, within limits and without trusting its XML."""

import re
import zipfile
from io import BytesIO
from xml.sax.saxutils import unescape
from zlib import error as ZlibError  # noqa: N812 - an error by its Python name

from parsers.errors import DamagedFile, EncryptedFile, LimitExceeded

_MAX_MEMBERS = 1_000
_MAX_BYTES = 20 * 1024 * 1024
_MAX_RATIO = 200
_PARTS = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes)\.xml")
_TOKEN = re.compile(
    r"<w:t(?:\s[^>]*)?>([^<]*)</w:t>|<w:(tab|br|cr|noBreakHyphen)\b[^>]*/?>|</w:(p|tc|tr)>|<w:(del|moveFrom)\b[^>/]*>"
    r"|</w:(del|moveFrom)>"
)
_ENTITIES = {"&quot;": '"', "&apos;": "'"}


def docx_text(data: bytes) -> str:
    """Text of headers, body and footers: a line a paragraph, cells of a row side by side.

    The XML is scanned, not parsed: no entity is expanded, no reference followed.

    Raises:
        DamagedFile: no Word document inside. EncryptedFile: it needs a password. LimitExceeded: a bomb.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _read(archive)
    except (zipfile.BadZipFile, ZlibError, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise DamagedFile("this Word document is damaged: ask the sender for it again, best as PDF") from error
    except RuntimeError as error:
        raise EncryptedFile("this Word document needs a password: ask the sender for an open copy") from error


def _read(archive: zipfile.ZipFile) -> str:
    members = archive.infolist()
    if len(members) > _MAX_MEMBERS:
        raise LimitExceeded(f"this Word document holds more than {_MAX_MEMBERS} files: open it with care")
    wanted = [member for member in members if _PARTS.fullmatch(member.filename)]
    if not any(member.filename == "word/document.xml" for member in wanted):
        raise DamagedFile("there is no Word document in this file: ask the sender for PDF")
    wanted.sort(
        key=lambda member: ("header" not in member.filename, "document" not in member.filename, member.filename)
    )
    texts = [_text(_bounded(archive, member)) for member in wanted]
    return "\n\n".join(text for text in texts if text)


def _bounded(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> str:
    """A member's text; sizes are measured while reading, since a bomb's directory lies."""
    with archive.open(member) as stream:
        content = stream.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES or len(content) > _MAX_RATIO * max(member.compress_size, 1) + 1_000_000:
        raise LimitExceeded("this Word document unpacks to far more than its size: open it with care")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8", "replace")


def _text(xml: str) -> str:
    pieces: list[str] = []
    removed = 0
    for match in _TOKEN.finditer(xml):
        if match[4] or match[5]:
            removed = max(0, removed + (1 if match[4] else -1))
        elif removed:
            continue
        elif match[1] is not None:
            pieces.append(unescape(match[1], _ENTITIES))
        elif match[2]:
            pieces.append({"tab": "\t", "noBreakHyphen": "-"}.get(match[2], "\n"))
        else:
            pieces.append("\t" if match[3] == "tc" else "\n")
    text = re.sub(r"\n(?=\t)", "", "".join(pieces))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip()
