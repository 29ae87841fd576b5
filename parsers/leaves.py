"""The pages of a file before they are read, all or one of them: their pixels and the text that goes with them.

Owns finding one again by its index in the Reading, in an attachment of a mail too, by the count that numbered it.
Refuses pages that came without pixels.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import compat32

from parsers import image, pdf, sniff, tiff
from parsers.archive import DEEPEST, members
from parsers.docx import docx_text
from parsers.errors import LimitExceeded, ParseError, UnknownFormat
from parsers.mail_guard import MailLimits, check_mail
from parsers.mail_parts import take_apart
from parsers.options import Smime
from parsers.raster import Scan
from parsers.smime import opened


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page's pixels as they came, a PDF's own text on it, and the text in it that only a program sees."""

    scan: Scan
    text: str = ""
    hidden: str = ""


def leaves(media_type: str, data: bytes, max_pages: int) -> Iterator[Leaf | ParseError]:
    """The pages of a file that has pixels, in order; in place of a page that cannot be drawn what is wrong with it."""
    if media_type == sniff.PDF:
        for page in pdf.pages(data, max_pages):
            if page.scan is not None:
                yield Leaf(page.scan, page.text, page.hidden)
            elif page.error is not None:
                yield page.error
    elif media_type == sniff.TIFF:
        for frame in tiff.scans(data, max_pages):
            yield Leaf(frame) if isinstance(frame, Scan) else frame[1]
    else:
        yield Leaf(image.scan(data))


def count_pages(media_type: str, data: bytes) -> int:
    """How many pages a file has; one for what is no PDF and no TIFF. Raises ParseError."""
    if media_type == sniff.PDF:
        return pdf.count_pages(data)
    return tiff.count_frames(data) if media_type == sniff.TIFF else 1


def leaf(data: bytes, index: int, archives_deep: int = DEEPEST, smime: Smime | None = None) -> Leaf:
    """The page with this index.

    Raises:
        UnknownFormat: there is no such page, or it has no pixels.
        ParseError: what is wrong with it.
    """
    media_type = sniff.sniff(data)
    if media_type in (sniff.MAIL, sniff.ZIP):
        return _of_container(media_type, data, index, archives_deep, smime or Smime())
    if media_type == sniff.PDF:
        return _of_pdf(data, index)
    if media_type == sniff.TIFF:
        return _of_tiff(data, index)
    if media_type in (sniff.JPEG, sniff.PNG) and index == 0:
        return Leaf(image.scan(data))
    raise UnknownFormat(f"page {index + 1} has no picture: it is text, or not there")


def _of_pdf(data: bytes, index: int) -> Leaf:
    found = pdf.one_page(data, index)
    if found.scan is None:
        raise found.error or UnknownFormat(f"page {index + 1} has no picture")
    return Leaf(found.scan, found.text, found.hidden)


def _of_tiff(data: bytes, index: int) -> Leaf:
    found = tiff.one_frame(data, index)
    if isinstance(found, Scan):
        return Leaf(found)
    raise found[1]


def _of_container(media_type: str, data: bytes, index: int, archives_deep: int, smime: Smime) -> Leaf:
    deep = archives_deep - (media_type == sniff.ZIP)
    for inner in _inner_files(media_type, data, archives_deep, smime):
        count = _count(inner, deep, smime)
        if index < count:
            return leaf(inner, index, deep, smime)
        index -= count
    raise UnknownFormat("the file has no such page")


def _inner_files(media_type: str, data: bytes, archives_deep: int, smime: Smime) -> Iterator[bytes]:
    """A mail's attachments or an archive's members, in the order in which their pages were numbered."""
    if media_type == sniff.ZIP:
        if archives_deep < 1:
            raise LimitExceeded("an archive within archives: open it with care")
        yield from (member.data for member in members(data) if not member.error)
        return
    check_mail(data, MailLimits())
    for attachment in take_apart(message_from_bytes(opened(data, smime).data, policy=compat32)).attachments:
        yield attachment.data


def _count(data: bytes, archives_deep: int, smime: Smime) -> int:
    """Pages a file within brought to the Reading; none where it could not be read at all."""
    try:
        return _pages_of(sniff.sniff(data), data, archives_deep, smime)
    except ParseError:
        return 0


def _pages_of(media_type: str, data: bytes, archives_deep: int, smime: Smime) -> int:
    if media_type in (sniff.MAIL, sniff.ZIP):
        deep = archives_deep - (media_type == sniff.ZIP)
        return sum(_count(inner, deep, smime) for inner in _inner_files(media_type, data, archives_deep, smime))
    if media_type == sniff.DOCX:
        docx_text(data)
    if media_type in (sniff.JPEG, sniff.PNG):
        image.scan(data)
    return count_pages(media_type, data)
