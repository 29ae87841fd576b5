"""Pages that were read become documents: taken apart, each with its answers, people and doubts."""

from collections.abc import Sequence
from datetime import date

from config.reference import PageCode, find_numbers
from parsers.classify import classify
from parsers.fields import read_fields
from parsers.page import ReadPage
from parsers.reading import Document, Origin, Page
from parsers.split import PageRun, split_pages


def assemble(pages: Sequence[ReadPage], written: date | None, attachment: str = "") -> tuple[Document, ...]:
    """The documents of a file; none if not one page could be read."""
    if all(read.page.error for read in pages):
        return ()
    by_index = {read.page.index: read for read in pages}
    runs = split_pages([read.page for read in pages])
    return tuple(_document([by_index[i] for i in run.pages], run, written, attachment) for run in runs)


def text_document(text: str, written: date | None, attachment: str = "") -> tuple[Page, Document]:
    """A page and a document of text that came without pixels."""
    page = Page(0, text, Origin.TEXT)
    return page, _document([ReadPage(page)], PageRun((0,), ""), written, attachment)


def _document(pages: list[ReadPage], run: PageRun, written: date | None, attachment: str) -> Document:
    text = "\n\n".join(read.page.text for read in pages if read.page.text)
    forms = [read.form for read in pages if read.form is not None]
    answers = forms[0].answers if forms else {}
    appointment = forms[0].appointment if forms else None
    kind, kind_confidence = classify(text, answers, None)
    facts = read_fields(text, written)
    return Document(
        pages=run.pages,
        kind=kind,
        kind_confidence=kind_confidence,
        text=text,
        code=_code(pages),
        numbers=tuple(find_numbers(text)),
        answers=answers,
        appointment=appointment or facts.appointment,
        people=facts.people,
        fields=(*(field for form in forms for field in form.fields), *facts.fields),
        dates=facts.dates,
        attachment=attachment,
        split_reason=run.reason,
        doubts=_doubts(pages),
        text_disagrees=any(read.text_disagrees for read in pages),
    )


def _code(pages: list[ReadPage]) -> PageCode | None:
    """The document's code: one whose MAC held before one whose did not, in page order."""
    codes = [code for read in pages for code in read.page.codes]
    return min(codes, key=lambda code: not code.verified, default=None)


def _doubts(pages: list[ReadPage]) -> tuple[str, ...]:
    doubts = [doubt for read in pages for doubt in read.doubts]
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
