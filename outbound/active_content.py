"""Enclosures that are more than their pages: refused with the reason, because pages are all that is ever sent.

Every enclosure is drawn as pictures, so that scripts, actions and macros stay behind. What would silently lose its
content by that, or would have to be opened by a program that could act on it, is no enclosure.
"""

import io
import zipfile
from zlib import error as ZlibError  # noqa: N812 - an error by its Python name

import pikepdf

_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"L\0\0\0\x01\x14\x02\0")


def why_not_enclosed(data: bytes) -> str:
    """What stands in the way, as the rest of a sentence that begins with the enclosure; empty if nothing does."""
    if data.startswith(_PROGRAMS):
        return "is a program or a script, which is never sent"
    if data.startswith(b"PK\x03\x04"):
        return _office(data)
    return _pdf(data) if b"%PDF-" in data[:1024] else ""


def _office(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name.lower() for name in archive.namelist()]
    except (zipfile.BadZipFile, ZlibError, OSError, ValueError, NotImplementedError):
        return ""
    if any(name.endswith("vbaproject.bin") for name in names):
        return "holds macros, which are never opened"
    if any("/activex/" in name or "/embeddings/" in name for name in names):
        return "holds other files or controls within it, which would not be sent"
    return ""


def _pdf(data: bytes) -> str:
    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            return "is a folder of other files (a PDF portfolio)" if "/Collection" in document.Root else ""
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, RuntimeError, TypeError, LookupError):
        return ""  # locked or damaged: said by whoever draws it
