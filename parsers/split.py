"""One fax, several documents: where one ends and the next begins.

Owns the marks of a first page. Splits only where a page says so; a page that says nothing follows the one
before it. Every page of the file is in exactly one run, blank ones too.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from parsers.fax_header import is_fax_header
from parsers.fields import read_fields
from parsers.names import fold
from parsers.reading import Page, Person, Role
from parsers.sureness import SURE_THROUGHOUT, Sureness

_ALL_SURE: Mapping[int, Sureness] = MappingProxyType({})
_PAGE_OF = re.compile(r"\bpage\s*:?\s*(\d{1,3})\s*(?:of|/)\s*(\d{1,3})\b", re.IGNORECASE)
_LATER = re.compile(r"\bpage\s*:?\s*(?:[2-9]|[1-9]\d)\b|\((?:continued|cont'?d?\.?)\)", re.IGNORECASE)
_COVER = re.compile(
    r"\b(?:fax|facsimile)\b.{0,30}\b(?:cover|transmittal|transmission|message)\b|cover (?:sheet|page)"
    r"|(?:#|number|no\.?|total) ?(?:of )?pages|^\W*(?:fax|facsimile)\W*$",
    re.IGNORECASE | re.MULTILINE,
)
_COVER_FIELDS = re.compile(
    r"^[ \t]{0,40}(?:to|from|fax|phone|(?:total |number of |# of )?pages?|date|re|subject|cc|attn|attention|comments?)"
    r"\b"
    r".{0,12}[:#]",
    re.IGNORECASE | re.MULTILINE,
)
_SALUTATION = re.compile(r"^[ \t]{0,40}(?:dear\b|to whom it may concern|re\s*:)", re.IGNORECASE | re.MULTILINE)
_GREETING = re.compile(r"^[ \t]{0,40}(?:dear\b|to whom it may concern)", re.IGNORECASE | re.MULTILINE)
_HEAD_CHARACTERS = 900
_LETTERHEAD_LINES = 4
_MIN_SURE = 0.85
_LONGEST_COUNT = 60
_LONGEST_COVER = 1_600  # a longer page with such words is a letter


@dataclass(frozen=True, slots=True)
class PageRun:
    """Pages of one document, in the order of their own numbers; `reason` tells why they were taken apart.

    `covers` are strangers' cover sheets among them; `doubts` say what is wrong with their order.
    """

    pages: tuple[int, ...]
    reason: str
    covers: tuple[int, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Look:
    """What one page shows that matters for splitting."""

    page: Page
    number: str = ""
    patient: Person | None = None
    page_of: tuple[int, int] | None = None
    is_first: bool = False
    is_later: bool = False  # says of itself that it goes on
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

    @property
    def letterhead(self) -> str:
        """Of the first page that is a letter's."""
        return next((look.letterhead for look in self.looks if look.letterhead and not look.is_cover), "")

    def lacks(self, look: _Look) -> bool:
        """Whether the pages so far count as this one does, and its own number is not among them."""
        counted = [one.page_of for one in self.looks if one.page_of]
        if not counted or look.page_of is None or look.page_of in counted:
            return False
        is_theirs = look.letterhead == self.letterhead or _is_same(look.patient, self.patient)
        return is_theirs and all(total == look.page_of[1] for _, total in counted)


def _letterhead(text: str) -> str:
    """The first printed lines as one folded word, without what changes from page to page."""
    lines = [line for line in text.split("\n") if len(fold(line)) > 5][:_LETTERHEAD_LINES]
    return fold(lines[0]) if lines else ""


def _look(page: Page, sureness: Sureness) -> _Look:
    code = next(iter(sorted(page.codes, key=lambda code: not code.verified)), None)
    if page.is_blank or not page.text.strip():
        return _Look(page, number=code.number if code else "")
    head = page.text[:_HEAD_CHARACTERS]
    people = read_fields(page.text, None, sureness).people
    patient = next(
        (one for one in people if one.role is Role.PATIENT and one.confidence >= _MIN_SURE and one.given), None
    )
    body = "\n".join(line for line in page.text.split("\n") if not is_fax_header(line))
    match = _PAGE_OF.search(body)
    is_cover = _is_cover(page.text, head) and not code
    return _Look(
        page,
        number=code.number if code else "",
        patient=None if is_cover else patient,
        page_of=(int(match[1]), int(match[2])) if match else None,
        is_first=bool(_SALUTATION.search(head)) and not is_cover,
        is_later=int(match[1]) > 1 if match else _LATER.search(body) is not None and not _GREETING.search(head),
        is_cover=is_cover,
        letterhead=_letterhead(page.text),
    )


def _is_cover(text: str, head: str) -> bool:
    """Whether a page is a cover sheet: a heading, three of its fields, and little besides."""
    return bool(_COVER.search(head)) and len(_COVER_FIELDS.findall(text)) >= 3 and len(text) <= _LONGEST_COVER


def _is_same(one: Person | None, other: Person | None) -> bool:
    """Whether two patients are surely the same: family and given name."""
    if one is None or other is None:
        return False
    return fold(one.family) == fold(other.family) and fold(one.given)[:3] == fold(other.given)[:3]


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


def _goes_on(look: _Look, run: _Run) -> bool:
    """Whether a page surely follows: behind a cover sheet, or by its own count."""
    if all(one.is_cover or one.page.is_blank for one in run.looks):
        return True
    return not run.number and (run.lacks(look) or (look.is_later and not look.number))


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
    if _goes_on(look, run):
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
    if look.is_first and look.letterhead and look.letterhead != run.letterhead:
        return "a new letterhead and salutation begin here"
    return ""


def _gather(looks: list[_Look]) -> list[_Run]:
    runs: list[_Run] = []
    for look in looks:
        home = next((run for run in runs if _is_home(run, look)), None)
        if home is not None:
            home.looks.append(look)
        elif not runs:
            runs.append(_Run("", [look]))
        elif look.page.is_blank or not (reason := _reason(look, runs[-1])):
            runs[-1].looks.append(look)
        else:
            runs.append(_Run(reason, [look]))
    return runs


def _is_home(run: _Run, look: _Look) -> bool:
    """Whether an earlier document is this page's, whatever lies between: by its code, or by patient and count."""
    if look.number:
        return run.number == look.number
    return look.is_later and not run.number and _is_same(look.patient, run.patient) and run.lacks(look)


def _order(run: _Run) -> list[_Look]:
    """By the codes' own page numbers where every page has one, by their own count where it is whole, else as faxed.

    A blank page stays behind the page it followed, and cover sheets in front.
    """
    if run.number and all(look.page.codes for look in run.looks):
        return sorted(run.looks, key=lambda look: look.page.codes[0].page)
    places = _counted(run)
    if places is None or sorted(places) != list(range(1, len(places) + 1)):
        return run.looks
    place, keys = 0, dict[int, int]()
    for look in run.looks:
        place = look.page_of[0] if look.page_of and not look.is_cover else place
        keys[look.page.index] = place
    return sorted(run.looks, key=lambda look: keys[look.page.index])


def _counted(run: _Run) -> list[int] | None:
    """The numbers that the pages of a letter carry; None unless each has one and all count to the same end."""
    told = [look.page_of for look in run.looks if not look.is_cover and not look.page.is_blank]
    counts = [one for one in told if one]
    if len(counts) < 2 or len(counts) != len(told) or len({total for _, total in counts}) != 1:
        return None
    return [number for number, _ in counts]


def _order_doubts(run: _Run) -> tuple[str, ...]:
    """What the pages' own count says is wrong with them."""
    places = _counted(run)
    if run.number or places is None:
        return ()
    total = next(look.page_of[1] for look in run.looks if look.page_of and not look.is_cover)
    missing = [number for number in range(1, total + 1) if number not in places]
    if missing and total <= _LONGEST_COUNT:
        return (f"by its own count page {missing[0]} of {total} is missing",)
    if len(set(places)) != len(places):
        return ("two of its pages carry the same page number",)
    return ()


def _run(run: _Run, reason: str) -> PageRun:
    ordered = _order(run)
    if not run.number and ordered != run.looks:
        moved = "its pages came out of order and were put in the order of their own numbers"
        reason = f"{reason}; {moved}" if reason else moved
    is_alone = all(look.is_cover or look.page.is_blank for look in run.looks)  # then it is the message itself
    covers = () if is_alone else tuple(look.page.index for look in run.looks if look.is_cover)
    return PageRun(tuple(look.page.index for look in ordered), reason, covers, _order_doubts(run))


def split_pages(pages: Sequence[Page], sureness: Mapping[int, Sureness] = _ALL_SURE) -> list[PageRun]:
    """The documents of a file as runs of page indexes; all pages, each once.

    A cover sheet goes with what follows it. A page with a code from one referral that names another
    patient stays with its code: both facts are kept for whoever matches. `sureness` is by page index.
    """
    runs = _gather([_look(page, sureness.get(page.index, SURE_THROUGHOUT)) for page in pages])
    if len(runs) == 1:
        return [_run(run, "") for run in runs]
    return [_run(run, run.reason or "first document of several in this file") for run in runs]
