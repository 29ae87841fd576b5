"""What of a file could act if a person opened it: programs, scripts, macros, actions, links to templates.

Owns naming it in words for staff. Nothing is run or followed, formats are told by their bytes, and a name only adds
suspicion. Finding nothing is no promise: what staff see is pixels drawn here, whatever this says.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from zlib import error as ZlibError  # noqa: N812 - an error by its Python name

import pikepdf

HARMLESS_ENOUGH = frozenset({"JavaScript in a PDF form", "a PDF form that sends what is typed"})
"""Found in honest fillable forms; worth a warning at the original, no reason to hold a document."""
PROGRAMS = (
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"\xcf\xfa\xed\xfe", "a macOS program"),
    (b"\xfe\xed\xfa\xcf", "a macOS program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"#!", "a script"),
    (b"L\0\0\0\x01\x14\x02\0", "a Windows shortcut"),
    (b"dex\n", "an Android program"),
    (b"MSCF", "a cabinet archive"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SCRIPT_NAME = re.compile(
    r"\.(?:js|jse|vbs|vbe|wsf|wsh|hta|ps1|psm1|bat|cmd|exe|scr|pif|msi|jar|lnk|reg|cpl|dll|sct|iqy|url|chm|iso"
    r"|img|vhd|appx|sh)\W*$",
    re.IGNORECASE,
)
_HTML_SCRIPT = re.compile(
    rb"<script\b|javascript:|vbscript:"
    rb"|\son(?:load|click|error|mouse[a-z]{2,5}|focus|blur|submit|change|input|key[a-z]{2,5}|toggle|begin|animation[a-z]+"
    rb"|pointer[a-z]+|resize|scroll|unload|hashchange|message|page(?:show|hide))\s*=",
    re.IGNORECASE,
)
_HTML_FRAME = re.compile(
    rb"<(?:iframe|object|embed|applet)\b|<meta[^>]{0,200}http-equiv\s*=\s*.?refresh", re.IGNORECASE
)
_HTML_FORM = re.compile(rb"<form\b[^>]{0,400}\baction\s*=", re.IGNORECASE)
_TEXT_SCRIPT = re.compile(
    rb"WScript\.|ActiveXObject|CreateObject\s*\(|powershell|Invoke-(?:Expression|WebRequest)|cmd(?:\.exe)?\s*/c\b",
    re.IGNORECASE,
)
_LOOKED_AT = 2_000_000  # of a text: a script says what it is long before
_MOST_OBJECTS = 200_000
_DEEPEST = 30
_RAW_PDF = (
    (b"/JavaScript", "JavaScript in a PDF form"),
    (b"/Launch", "a PDF action that starts a program"),
    (b"/EmbeddedFile", "files embedded in a PDF, which were not read"),
    (b"/RichMedia", "a film or a 3D model in a PDF"),
)
_PDF_ACTIONS = {
    "/JavaScript": "JavaScript in a PDF form",
    "/Launch": "a PDF action that starts a program",
    "/SubmitForm": "a PDF form that sends what is typed",
    "/ImportData": "a PDF form that loads data",
    "/GoToR": "a PDF action that opens another file",
    "/GoToE": "a PDF action that opens another file",
    "/Rendition": "a film or a 3D model in a PDF",
}
_PDF_TYPES = {"/EmbeddedFile": _RAW_PDF[2][1], "/RichMedia": _RAW_PDF[3][1], "/3D": _RAW_PDF[3][1]}


def active_content(data: bytes, name: str = "") -> tuple[str, ...]:
    """Each kind of active content in a file, once, in words; an archive's members and a mail's parts are their own."""
    return tuple(dict.fromkeys(_found(data, name)))


def doubtful(active: tuple[str, ...]) -> tuple[str, ...]:
    """What of it holds a document for a person."""
    return tuple(one for one in active if not any(one.endswith(harmless) for harmless in HARMLESS_ENOUGH))


def _found(data: bytes, name: str) -> Iterator[str]:
    yield from (what for magic, what in PROGRAMS if data.startswith(magic) and _is_program(data, magic))
    if _SCRIPT_NAME.search(name):
        yield "a name that makes a computer run it"
    if data.startswith(_OLE):
        yield from _ole(data)
    elif data.startswith(b"PK\3\4"):
        yield from _office(data)
    elif b"%PDF-" in data[:1024]:
        yield from _pdf(data)
    elif data.startswith(b"{\\rtf"):
        if b"\\objdata" in data or b"\\objupdate" in data:
            yield "objects embedded in an RTF document"
    elif b"\0" not in data[:4096]:
        yield from _text(data[:_LOOKED_AT])


def _is_program(data: bytes, magic: bytes) -> bool:
    """Two letters begin many texts: a Windows program also has its second header where the first says."""
    if magic != b"MZ":
        return True
    place = int.from_bytes(data[60:64], "little")
    return data[place : place + 2] in (b"PE", b"NE", b"LE") or b"\0" in data[:64]


def _ole(data: bytes) -> Iterator[str]:
    if any(word.encode("utf-16-le") in data for word in ("_VBA_PROJECT", "Macros", "VBA")):
        yield "macros (VBA)"
    if "\x01Ole10Native".encode("utf-16-le") in data:
        yield "objects embedded in an Office document"


def _office(data: bytes) -> Iterator[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [info.filename.lower() for info in archive.infolist()[:5000]]
            if "[content_types].xml" not in names and "mimetype" not in names:
                return
            if any(name.endswith(("vbaproject.bin", "vbadata.xml")) or "/macrosheets/" in name for name in names):
                yield "macros (VBA)"
            if any(name.startswith(("basic/", "scripts/")) for name in names):
                yield "macros"
            if any("/activex/" in name or "/embeddings/" in name for name in names):
                yield "objects embedded in an Office document"
            links = [info for info in archive.infolist()[:5000] if info.filename.lower().endswith(".rels")]
            if any(_fetches_elsewhere(archive, info) for info in links[:50]):
                yield "a template or an object that is fetched from elsewhere"
    except (zipfile.BadZipFile, ZlibError, EOFError, OSError, NotImplementedError, ValueError, RuntimeError):
        return


def _fetches_elsewhere(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    """Whether a relationship other than a plain hyperlink leads out of the file."""
    if info.flag_bits & 1:
        return False
    with archive.open(info) as stream:
        told = stream.read(_LOOKED_AT // 4)
    links = re.findall(rb"<Relationship\b[^>]{0,1000}>", told)
    return any(b'"External"' in link and b"/hyperlink" not in link for link in links)


def _pdf(data: bytes) -> Iterator[str]:
    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            yield from _of_objects(document)
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError, LookupError, RuntimeError, OverflowError):
        yield from (what for mark, what in _RAW_PDF if mark in data)  # locked or damaged: what can be seen from outside


def _of_objects(document: pikepdf.Pdf) -> Iterator[str]:
    if "/Collection" in document.Root:
        yield "a PDF that is a folder of other files, which were not read"
    left = _MOST_OBJECTS
    for thing in document.objects:
        waiting: list[tuple[pikepdf.Object, int]] = [(thing, 0)]
        while waiting and left > 0:
            left -= 1
            one, depth = waiting.pop()
            if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
                yield from _of_dictionary(one)
                inner = [value for _, value in one.items()]
            elif isinstance(one, pikepdf.Array):
                inner = list(one)  # pyright: ignore[reportArgumentType]
            else:
                continue
            if depth < _DEEPEST:
                waiting += [(value, depth + 1) for value in inner if _is_direct_container(value)]


def _is_direct_container(value: object) -> bool:
    """What stands in place; what is referred to comes by itself."""
    return isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect


def _of_dictionary(one: pikepdf.Object) -> Iterator[str]:
    kind, action = one.get("/Type"), one.get("/S")
    if isinstance(kind, pikepdf.Name) and (what := _PDF_TYPES.get(str(kind))):
        yield what
    if isinstance(action, pikepdf.Name) and (what := _PDF_ACTIONS.get(str(action))):
        yield what
    if "/JS" in one:
        yield "JavaScript in a PDF form"
    if "/XFA" in one:
        yield "an interactive (XFA) form"


def _text(data: bytes) -> Iterator[str]:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    is_markup = head.startswith((b"<", b"<!doctype")) or b"<html" in head or b"<svg" in head
    if is_markup and _HTML_SCRIPT.search(data):
        yield "scripts in a page of HTML"
    if is_markup and _HTML_FRAME.search(data):
        yield "a page of HTML that loads other pages"
    if is_markup and _HTML_FORM.search(data):
        yield "a page of HTML that sends what is typed"
    if not is_markup and _TEXT_SCRIPT.search(data) and b"\nsubject:" not in head and head[:8] != b"subject:":
        yield "a script"
