"""What the files within a file brought: their pages numbered on, their documents, what went wrong, what is active.

A mail's attachments and an archive's members are joined alike, so that a page index is unique within the Reading.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from parsers.errors import ParseError
from parsers.reading import Answer, Document, Field, Page, Reading

ReadInner = Callable[[bytes, str], Reading]
"""Reads the bytes of a file within a file under its display name."""


@dataclass(slots=True)
class Gathered:
    """Filled file by file, in order."""

    pages: list[Page] = field(default_factory=list[Page])
    documents: list[Document] = field(default_factory=list[Document])
    errors: list[str] = field(default_factory=list[str])
    active: list[str] = field(default_factory=list[str])

    def take(self, data: bytes, name: str, read_inner: ReadInner) -> None:
        """Read one file and number its pages on; whatever is wrong with it, the rest is kept."""
        try:
            reading = read_inner(data, name)
        except ParseError as error:
            self.errors.append(f"{name}: {error}")
            return
        if reading.error:
            self.errors.append(f"{name}: {reading.error}")
        self.active += [f"{name}: {one}" for one in reading.active]
        offset = max((page.index for page in self.pages), default=-1) + 1
        self.pages += [replace(page, index=page.index + offset) for page in reading.pages]
        self.documents += [_moved(one, offset, name) for one in reading.documents]


def _moved(document: Document, offset: int, name: str) -> Document:
    """A document whose pages, and the boxes on them, are numbered on by `offset`."""
    return replace(
        document,
        pages=tuple(page + offset for page in document.pages),
        attachment=document.attachment or name,
        answers={answer_id: _moved_answer(answer, offset) for answer_id, answer in document.answers.items()},
        fields=tuple(_moved_field(one, offset) for one in document.fields),
    )


def _moved_answer(answer: Answer, offset: int) -> Answer:
    return replace(answer, box=replace(answer.box, page=answer.box.page + offset)) if answer.box else answer


def _moved_field(one: Field, offset: int) -> Field:
    return replace(one, box=replace(one.box, page=one.box.page + offset)) if one.box else one
