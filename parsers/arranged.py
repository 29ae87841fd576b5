"""Chosen pages of a file read as the documents a person says they are: split, joined, turned, in another order.

The file itself is never changed. What is decided here by a person is not decided again: neither where a document
ends nor which way up a page stands.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from parsers.assemble import one_document
from parsers.errors import ParseError
from parsers.leaves import Leaf, leaf
from parsers.options import ReadOptions
from parsers.page import Patience, ReadPage, read_page
from parsers.raster import Scan, square, turn
from parsers.reading import Page, Reading
from parsers.sniff import sniff

Chosen = Sequence[tuple[int, int]]
"""Pages by their index in the file, each with the degrees clockwise that turn it upright."""


def read_arranged(
    data: bytes, name: str, options: ReadOptions, groups: Sequence[Chosen], on_page: Callable[[int, int], None]
) -> Reading:
    """One document a group, with its pages read anew. Raises ParseError if a page has no picture."""
    patience = Patience.of(options)
    total = sum(len(group) for group in groups)
    read: list[list[ReadPage]] = []
    for group in groups:
        pages: list[ReadPage] = []
        for index, degrees in group:
            pages.append(_read(leaf(data, index, smime=options.smime), index, degrees, options, patience))
            on_page(sum(len(done) for done in read) + len(pages), total)
        read.append(pages)
    reason = "arranged by a person"
    return Reading(
        sniff(data),
        tuple({page.page.index: page.page for pages in read for page in pages}.values()),
        tuple(one_document(pages, options.written, name, reason) for pages in read),
    )


def _read(found: Leaf, index: int, degrees: int, options: ReadOptions, patience: Patience) -> ReadPage:
    """A page as it stands after turning; where its code proves another way up, that is taken."""
    sheet = square(found.scan)
    upright = Scan(index, turn(sheet.grey, degrees), is_bilevel=sheet.is_bilevel)
    try:
        read = read_page(upright, found.text, found.hidden, options, patience)
    except ParseError as error:
        return ReadPage(Page(index, rotation=degrees, error=str(error)))
    further = read.page.rotation if read.page.codes else 0
    return replace(read, page=replace(read.page, rotation=(degrees + further) % 360))
