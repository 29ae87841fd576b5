"""One fax, several documents: where one ends and the next begins.

Owns the marks of a first page. Splits only where a page says so; a page that says nothing follows the one
before it. Every page of the file is in exactly one run, blank ones too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from parsers.fields import read_fields
from parsers.names import fold
from parsers.reading import Page, Person, Role

_PAGE_OF = re.compile(r"\bpage\s*:?\s*(\d{1,3})\s*(?:of|/)\s*(\d{1,3})\b", re.IGNORECASE)
_COVER = re.compile(
    r"\bfax\b.{0,30}\b(?:cover|transmittal|transmission|message)\b|cover (?:sheet|page)|# ?of pages|number of pages",
    re.IGNORECASE,
)
_COVER_FIELDS = re.compile(
    r"^[ \t]{0,40}(?:to|from|fax|phone|pages?|date|re|subject|cc|attn|attention|comments?)\b.{0,12}[:#]",
    re.IGNORECASE | re.MULTILINE,
)
_SALUTATION = re.compile(r"^[ \t]{0,40}(?:dear\b|to whom it may concern|re\s*:)", re.IGNORECASE | re.MULTILINE)
_HEAD_CHARACTERS = 900
_LETTERHEAD_LINES = 4
_MIN_SURE = 0.85


@dataclass(frozen=True, slots=True)
class PageRun:
    """Pages of one document, in the order of their own numbers; `reason` tells why they were taken apart."""

    pages: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class _Look:
    """What one page shows that matters for splitting."""

    page: Page
    number: str = ""
    patient: Person | None = None
    page_of: tuple[int, int] | None = None
    is_first: bool = False
    is_cover: bool = False
    letterhead: str = ""


@dataclass(slots=True)
class _Run:
    reason: str
    looks: list[_Look] = field(default_factory=list[_Look])

    @property
    def number(self) -> str:
        """The referral number on the run's codes."""
        return next((look.number for look in self.looks if look.number), "")

    @property
    def patient(self) -> Person | None:
        return next((look.patient for look in self.looks if look.patient), None)


def _letterhead(text: str) -> str:
    """The first printed lines as one folded word, without what changes from page to page."""
    lines = [line for line in text.split("\n") if len(fold(line)) > 5][:_LETTERHEAD_LINES]
    return fold(lines[0]) if lines else ""


def _look(page: Page) -> _Look:
    code = next(iter(sorted(page.codes, key=lambda code: not code.verified)), None)
    if page.is_blank or not page.text.strip():
        return _Look(page, number=code.number if code else "")
    head = page.text[:_HEAD_CHARACTERS]
    people = read_fields(page.text, None).people
    patient = next(
        (one for one in people if one.role is Role.PATIENT and one.confidence >= _MIN_SURE and one.given), None
    )
    match = _PAGE_OF.search(page.text)
    return _Look(
        page,
        number=code.number if code else "",
        patient=patient,
        page_of=(int(match[1]), int(match[2])) if match else None,
        is_first=bool(_SALUTATION.search(head)),
        is_cover=bool(_COVER.search(head)) and len(_COVER_FIELDS.findall(page.text)) >= 3 and not code,
        letterhead=_letterhead(page.text),
    )


def _are_others(one: Person | None, other: Person | None) -> bool:
    """Whether two patients are surely not the same: another birth date, or another family and given name."""
    if one is None or other is None:
        return False
    same_family = fold(one.family) == fold(other.family)
    same_given = fold(one.given)[:3] == fold(other.given)[:3]
    if one.birth_date and other.birth_date and one.birth_date == other.birth_date:
        return not same_family and not same_given
    if one.birth_date and other.birth_date:
        return not (same_family and same_given) or abs((one.birth_date - other.birth_date).days) > 0
    swapped = fold(one.family) == fold(other.given) and fold(one.given) == fold(other.family)
    return not swapped and not same_family and not same_given


def _reason(look: _Look, run: _Run) -> str:
    """Why a page begins a new document after `run`; empty if it goes on."""
    before = run.looks[-1]
    if look.number and run.number and look.number != run.number:
        return "the code of another referral begins here"
    if look.number and not run.number and not all(one.is_cover or one.page.is_blank for one in run.looks):
        return "a coded page begins here"
    if look.number and look.number == run.number:
        return ""
    if _are_others(look.patient, run.patient):
        return "another patient is named here"
    if all(one.is_cover or one.page.is_blank for one in run.looks) and run.looks:
        return ""
    if look.is_cover:
        return "a fax cover sheet begins here"
    if (
        look.page_of
        and look.page_of[0] == 1
        and look.page_of[1] >= 1
        and (before.page_of or run.number or look.is_first)
    ):
        return "a first page begins here (page 1 of its own count)"
    if run.number and not look.number and (look.is_first or look.patient):
        return "a letter without our code begins here"
    if look.is_first and look.letterhead and look.letterhead != run.looks[0].letterhead:
        return "a new letterhead and salutation begin here"
    return ""


def _gather(looks: list[_Look]) -> list[_Run]:
    runs: list[_Run] = []
    for look in looks:
        home = next((run for run in runs if look.number and run.number == look.number), None)
        if home is not None:
            home.looks.append(look)
        elif not runs:
            runs.append(_Run("", [look]))
        elif look.page.is_blank or not (reason := _reason(look, runs[-1])):
            runs[-1].looks.append(look)
        else:
            runs.append(_Run(reason, [look]))
    return runs


def _order(run: _Run) -> tuple[int, ...]:
    """By the codes' own page numbers where every page has one, else as faxed."""
    if run.number and all(look.page.codes for look in run.looks):
        return tuple(look.page.index for look in sorted(run.looks, key=lambda look: look.page.codes[0].page))
    return tuple(look.page.index for look in run.looks)


def split_pages(pages: Sequence[Page]) -> list[PageRun]:
    """The documents of a file as runs of page indexes; all pages, each once.

    A cover sheet goes with what follows it. A page with a code from one referral that names another
    patient stays with its code: both facts are kept for whoever matches.
    """
    runs = _gather([_look(page) for page in pages])
    if len(runs) == 1:
        return [PageRun(_order(run), "") for run in runs]
    return [PageRun(_order(run), run.reason or "first document of several in this file") for run in runs]
