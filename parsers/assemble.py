"""Pages that were read become documents: taken apart, each with its answers, people and doubts."""

from collections.abc import Mapping, Sequence
from datetime import date

from config.reference import PageCode
from parsers.answers import SURE
from parsers.changed_appointments import cancel_doubts
from parsers.classify import classify
from parsers.fax_header import without_fax_header
from parsers.fields import read_fields
from parsers.page import ReadPage
from parsers.printed_numbers import find_printed_numbers
from parsers.reading import Document, Origin, Page
from parsers.split import PageRun, split_pages
from parsers.sureness import Sureness, joined


def assemble(pages: Sequence[ReadPage], written: date | None, attachment: str = "") -> tuple[Document, ...]:
    """The documents of a file; none if not one page could be read."""
    if all(read.page.error for read in pages):
        return ()
    by_index = {read.page.index: read for read in pages}
    runs = _behind_blank_cover(
        split_pages([read.page for read in pages], {read.page.index: read.sureness for read in pages}), by_index
    )
    return tuple(_document([by_index[i] for i in run.pages], run, written, attachment) for run in runs)


def one_document(pages: Sequence[ReadPage], written: date | None, attachment: str, reason: str) -> Document:
    """The document that a person says these pages are, in their order; a page may stand twice."""
    return _document(list(pages), PageRun(tuple(read.page.index for read in pages), reason), written, attachment)


def _behind_blank_cover(runs: list[PageRun], by_index: Mapping[int, ReadPage]) -> list[PageRun]:
    """A report sent behind its own unticked cover page is one document: the cover only says whose it is.

    With several letters behind one cover nobody can know which of them it belongs to; then they stay apart.
    """
    if len(runs) != 2 or len(runs[0].pages) != 1:
        return runs
    cover, letter = runs
    if not _is_blank_form(by_index[cover.pages[0]]) or any(by_index[i].page.codes for i in letter.pages):
        return runs
    return [PageRun((*cover.pages, *letter.pages), "")]


def _is_blank_form(read: ReadPage) -> bool:
    if read.form is None:
        return False
    return all(not answer.value and answer.confidence >= SURE for answer in read.form.answers.values())


def text_document(text: str, written: date | None, attachment: str = "") -> tuple[Page, Document]:
    """A page and a document of text that came without pixels."""
    page = Page(0, text, Origin.TEXT)
    return page, _document([ReadPage(page)], PageRun((0,), ""), written, attachment)


def _document(pages: list[ReadPage], run: PageRun, written: date | None, attachment: str) -> Document:
    text = "\n\n".join(read.page.text for read in pages if read.page.text)
    theirs = [read for read in pages if not _is_our_letter(read) and read.page.index not in run.covers]
    letter = "\n\n".join(
        without_fax_header(read.page.text) for read in theirs if not (read.form and _is_cover_of_letter(read, pages))
    )
    forms = [read.form for read in pages if read.form is not None and not _is_cover_of_letter(read, pages)]
    answers = forms[0].answers if forms else {}
    appointment = forms[0].appointment if forms else None
    kind, kind_confidence = classify(letter, answers, None)
    their_words, sureness = _words_of(theirs)
    facts = read_fields(their_words, written, sureness)
    booked = appointment or facts.appointment
    return Document(
        pages=run.pages,
        kind=kind,
        kind_confidence=kind_confidence,
        text=text,
        code=_code(pages),
        numbers=tuple(find_printed_numbers(text)),
        answers=answers,
        appointment=booked,
        people=facts.people,
        fields=(*(field for form in forms for field in form.fields), *facts.fields),
        dates=facts.dates,
        attachment=attachment,
        split_reason=run.reason,
        doubts=(*_doubts(pages), *run.doubts, *cancel_doubts(their_words, kind, has_appointment=booked is not None)),
        text_disagrees=any(read.text_disagrees for read in pages),
    )


def _words_of(pages: list[ReadPage]) -> tuple[str, Sureness]:
    """What the office wrote, and how surely it was recognised; the words of a form are ours."""
    texts = [(without_fax_header(read.page.text), read.sureness) for read in pages if read.form is None]
    return "\n\n".join(text for text, _ in texts), joined(texts)


def _is_our_letter(read: ReadPage) -> bool:
    """A page of our packet behind its cover: what it says, an enclosed old report too, is no answer to it."""
    return read.form is None and any(code.page > 1 for code in read.page.codes)


def _is_cover_of_letter(read: ReadPage, pages: list[ReadPage]) -> bool:
    return _is_blank_form(read) and any(other.page.text and not other.page.codes for other in pages)


def _code(pages: list[ReadPage]) -> PageCode | None:
    """The document's code: one whose MAC held before one whose did not, in page order."""
    codes = [code for read in pages for code in read.page.codes]
    return min(codes, key=lambda code: not code.verified, default=None)


def _doubts(pages: list[ReadPage]) -> tuple[str, ...]:
    doubts = [doubt for read in pages if not _is_cover_of_letter(read, pages) for doubt in read.doubts]
    if all(_is_our_letter(read) for read in pages):
        doubts.append("only pages of our own packet came back: nothing on them was printed by the office")
    if sum(read.form is not None for read in pages) > 1:
        doubts.append("two filled forms stand in one document")
    if len({code.number for read in pages for code in read.page.codes}) > 1:
        doubts.append("codes of two referrals stand in one document")
    unread = [read.page.index + 1 for read in pages if read.page.error]
    if unread:
        doubts.append(
            f"page {unread[0]} could not be read" if len(unread) == 1 else f"{len(unread)} pages could not be read"
        )
    return tuple(dict.fromkeys(doubts))
