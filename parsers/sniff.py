"""What a file is, by its content. A name or a claimed media type is never believed."""

import io
import zipfile

from parsers.errors import UnknownFormat

PDF = "application/pdf"
TIFF = "image/tiff"
JPEG = "image/jpeg"
PNG = "image/png"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MAIL = "message/rfc822"
TEXT = "text/plain"
CALENDAR = "text/calendar"
ZIP = "application/zip"

_MAGIC = (
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),
    (b"MM\0+", TIFF),
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
)
_NEVER_OPENED = (
    (b"\x7fELF", "a program"),
    (b"#!", "a script"),
    (b"L\0\0\0\x01\x14\x02\0", "a Windows shortcut"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"MSCF", "a cabinet archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document, an Outlook message or an installer (OLE)"),
)
_MAIL_HEADERS = frozenset(
    b"received return-path delivered-to from to subject date message-id mime-version dkim-signature x-mailer "
    b"content-type reply-to in-reply-to references arc-seal authentication-results envelope-to cc sender "
    b"x-received x-originating-ip x-original-to content-transfer-encoding auto-submitted".split()
)
_HEAD = 4096


def sniff(data: bytes) -> str:
    """The media type of `data`.

    Raises:
        UnknownFormat: it is none of the formats we read, or an archive without its directory.
    """
    if not data.strip(b"\0 \r\n\t"):
        raise UnknownFormat("the file is empty: ask the sender to send it again")
    for magic, media_type in _MAGIC:
        if data.startswith(magic):
            return media_type
    if data.startswith(b"PK\3\4"):  # before PDF: an archive that only stores one shows its first bytes
        return _sniff_zip(data)
    if b"%PDF-" in data[:1024]:  # readers allow junk before the header
        return PDF
    _refuse_unopened(data)
    if _looks_like_mail(data[:_HEAD]):
        return MAIL
    if data.lstrip(b"\xef\xbb\xbf \r\n").upper().startswith(b"BEGIN:VCALENDAR"):
        return CALENDAR
    if _looks_like_text(data[:_HEAD]):
        return TEXT
    raise UnknownFormat(
        "not a PDF, TIFF, JPEG, PNG, DOCX, zip, mail or text: look at the original, ask for PDF or TIFF"
    )


def _refuse_unopened(data: bytes) -> None:
    """What is known and never opened is refused by its name."""
    named = next((what for magic, what in _NEVER_OPENED if data.startswith(magic)), "")
    if not named and data.startswith(b"MZ") and b"\0" in data[:64]:
        named = "a program"
    if named:
        raise UnknownFormat(f"{named}: it is not opened here, ask for PDF or TIFF")
    if data.startswith(b"{\\rtf"):
        raise UnknownFormat("an RTF document: look at the original, ask for PDF or TIFF")


def _sniff_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnknownFormat("an archive that is damaged: ask the sender for the documents inside as PDF") from error
    if "word/document.xml" in names:
        return DOCX
    if "[Content_Types].xml" in names or "META-INF/manifest.xml" in names:
        raise UnknownFormat("an Office document that is no DOCX: ask for PDF or TIFF")
    if "META-INF/MANIFEST.MF" in names or "AndroidManifest.xml" in names:
        raise UnknownFormat("a program: it is not opened here, ask for PDF or TIFF")
    return ZIP


def _looks_like_mail(head: bytes) -> bool:
    """Whether the first lines are mail headers; one known name and a second header will do."""
    lines = head.replace(b"\r\n", b"\n").split(b"\n")
    if lines and lines[0].startswith(b"From "):  # an mbox line
        lines = lines[1:]
    names: list[bytes] = []
    for line in lines[:40]:
        if not line:
            break
        if line[:1] in b" \t":
            continue
        name, colon, _ = line.partition(b":")
        if not colon or not name or any(byte <= 32 or byte > 126 for byte in name):
            return False
        names.append(name.lower())
    known = sum(name in _MAIL_HEADERS for name in names)
    return known >= 2 or (known == 1 and len(names) == 1 and len(head) == _HEAD)


def _looks_like_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    odd = sum(byte < 32 and byte not in b"\t\n\r\f" for byte in head)
    return odd == 0
