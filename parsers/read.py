"""Bytes in, a Reading out: sniff, choose, bound, and the cheapest step first.

Owns the way from a file to its documents. Has no database, no network and no clock but its own patience; what a
stranger's file does to it is caught by whoever runs it in a limited process.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from time import monotonic

from parsers import sniff
from parsers.active_content import active_content, doubtful
from parsers.archive import read_archive
from parsers.assemble import assemble, text_document
from parsers.errors import LimitExceeded, ParseError
from parsers.leaves import Leaf, count_pages, leaves
from parsers.options import ReadOptions
from parsers.page import Patience, ReadPage, read_page
from parsers.reading import Document, Page, Reading

__all__ = ["ReadOptions", "read"]

_MAX_TEXT = 2_000_000

OnPage = Callable[[int, int], None]
"""Told how many pages are done, and of how many, while a file is being read."""


def _unheard(done: int, total: int) -> None:
    del done, total


def read(data: bytes, name: str, options: ReadOptions, on_page: OnPage = _unheard) -> Reading:
    """All that one file says; a file that cannot be read is a Reading with `error` and no documents.

    `name` is only shown to people. A damaged page or one not reached in time carries its own error.
    """
    started = monotonic()
    media_type = ""
    try:
        media_type = sniff.sniff(data)
        reading = _read_as(media_type, data, name, options, on_page)
    except ParseError as error:
        reading = Reading(media_type, error=str(error))
    found = () if media_type == sniff.MAIL else active_content(data, name)
    if doubts := tuple(f"holds {one}: the original is not to be opened" for one in doubtful(found)):
        reading = replace(reading, documents=tuple(_doubted(one, doubts) for one in reading.documents))
    return replace(
        reading, seconds=round(monotonic() - started, 3), active=tuple(dict.fromkeys((*found, *reading.active)))
    )


def _doubted(document: Document, doubts: tuple[str, ...]) -> Document:
    return replace(document, doubts=(*document.doubts, *doubts))


def _read_as(media_type: str, data: bytes, name: str, options: ReadOptions, on_page: OnPage) -> Reading:
    if media_type == sniff.MAIL:
        from parsers.message import read_mail

        return read_mail(data, options, lambda part, part_name: _read_attachment(part, part_name, options, on_page))
    if media_type == sniff.ZIP:
        return _read_archive(data, options, on_page)
    if media_type == sniff.DOCX:
        from parsers.docx import docx_text

        return _read_text(media_type, docx_text(data), name, options.written)
    if media_type in (sniff.TEXT, sniff.CALENDAR):
        text = data[:_MAX_TEXT].decode("utf-8", "replace")
        return _read_text(media_type, _as_seen(text), name, options.written)
    count = count_pages(media_type, data)
    pages: list[ReadPage] = []
    for page in _read_pages(media_type, data, options):
        pages.append(page)
        on_page(len(pages), min(count, options.max_pages))
    return Reading(
        media_type,
        tuple(read.page for read in pages),
        assemble(pages, options.written, name),
        error=_partial(pages, count, options),
    )


def _read_archive(data: bytes, options: ReadOptions, on_page: OnPage) -> Reading:
    if options.archives_deep < 1:
        raise LimitExceeded("an archive within archives: open it with care")
    inner = replace(options, archives_deep=options.archives_deep - 1)
    return read_archive(data, lambda member, name: _read_attachment(member, name, inner, on_page))


def _read_attachment(data: bytes, name: str, options: ReadOptions, on_page: OnPage) -> Reading:
    """One attachment; whatever is wrong with it, the rest of the mail is kept."""
    try:
        return read(data, name, options, on_page)
    except MemoryError:
        raise  # the process is spent; whoever runs it says so
    except Exception as error:  # noqa: BLE001 - a stranger's file may make a decoder raise anything
        return Reading("", error=f"the attachment made the reader stop ({type(error).__name__}): look at the original")


def _read_text(media_type: str, text: str, name: str, written: date | None) -> Reading:
    page, document = text_document(text, written, name)
    return Reading(media_type, (page,), (document,))


def _as_seen(text: str) -> str:
    """A page of HTML as a person sees it, such as a portal's; other text as it is."""
    if not text[:200].lstrip("\ufeff \r\n\t").lower().startswith(("<html", "<!doctype html")):
        return text
    from parsers.html_text import html_text

    return html_text(text)


def _read_pages(media_type: str, data: bytes, options: ReadOptions) -> Iterator[ReadPage]:
    """The pages in order. Some are read side by side; their pixels are made one after the other, in this thread."""
    patience = Patience.of(options)
    under_way: deque[Future[ReadPage]] = deque()
    with ThreadPoolExecutor(options.pages_at_once, thread_name_prefix="page") as threads:
        for index, leaf in enumerate(leaves(media_type, data, options.max_pages)):
            if len(under_way) == options.pages_at_once:
                yield under_way.popleft().result()
            under_way.append(threads.submit(_read_one, index, leaf, options, patience))
        while under_way:
            yield under_way.popleft().result()


def _read_one(index: int, leaf: Leaf | ParseError, options: ReadOptions, patience: Patience) -> ReadPage:
    if isinstance(leaf, ParseError):
        return ReadPage(Page(index, error=str(leaf)))
    if patience.is_over:
        return ReadPage(Page(index, error="not read, the file took too long: look at the original"))
    try:
        return read_page(leaf.scan, leaf.text, leaf.hidden, options, patience)
    except ParseError as error:
        return ReadPage(Page(index, error=str(error)))


def _partial(pages: list[ReadPage], count: int, options: ReadOptions) -> str:
    """Why the reading is not the whole file; empty if it is."""
    if count > options.max_pages:
        return f"only the first {options.max_pages} of {count} pages were read: look at the original"
    unread = [read.page for read in pages if read.page.error]
    if not unread:
        return ""
    if len(unread) == len(pages):
        return unread[0].error
    return f"{len(unread)} of {len(pages)} pages were not read: page {unread[0].index + 1}: {unread[0].error}"
