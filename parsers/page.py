"""One page of pixels: blank, coded, a form, or text; the cheapest question first.

Owns the order of the steps and when enough is known. A confirmation page whose code and boxes answer everything is
never recognised as text.
"""

import re
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np

from config.form import load_form
from parsers.codes import Symbol, find_codes, rotation_of
from parsers.errors import LimitExceeded, ParseError
from parsers.form import FormReading, read_form
from parsers.head import Head, arranged, told
from parsers.key_lines import PageText, first_look, joined, lines_of
from parsers.ocr import tesseract
from parsers.options import ReadOptions
from parsers.raster import Grey, Level, Scan, for_recognition, is_blank, levelled, square, turn
from parsers.reading import Box, Origin, Page
from parsers.streaks import without_streaks
from parsers.sureness import SURE_THROUGHOUT, Sureness

_SURE_UPRIGHT = 0.62  # mean word confidence; upside-down pages stay near 0.3, bad upright ones above 0.7
_SURE_HEAD = 0.55  # mean of the least sure letters of its first lines
_HARDLY_SURE_HEAD, _SURER = 0.35, 1.7  # or so much, where the other way round is so much worse
_BELOW_HEAD = 12  # pixels of paper under a last line
_BAND_PIXELS = 260
_HIDDEN_WORDS_SEEN = 0.6  # share of a hidden layer's words that its pixels must show
_WORD = re.compile(r"[A-Za-z0-9]{3,}")


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page with what only the next step needs: its form, and why a person must look."""

    page: Page
    form: FormReading | None = None
    doubts: tuple[str, ...] = ()
    text_disagrees: bool = False
    sureness: Sureness = SURE_THROUGHOUT


@dataclass(slots=True)
class Patience:
    """How much longer this file may take: a deadline, and recognitions left."""

    deadline: float
    recognitions: int
    page_seconds: float = 60.0

    @classmethod
    def of(cls, options: ReadOptions) -> "Patience":
        """Fresh, for one file."""
        return cls(monotonic() + options.seconds, options.max_recognised_pages, options.page_seconds)

    @property
    def is_over(self) -> bool:
        """Whether the file's time has run out."""
        return monotonic() >= self.deadline

    def recognise(self, pixels: Grey, segmentation: int = 3) -> list[tesseract.Word]:
        """Recognise within what is left. Raises LimitExceeded."""
        left = self.deadline - monotonic()
        if left <= 0 or self.recognitions <= 0:
            raise LimitExceeded("not read, the file is too long: look at the original")
        return tesseract.recognise(pixels, timeout_s=min(left, self.page_seconds), segmentation=segmentation)


def read_page(scan: Scan, own_text: str, hidden_text: str, options: ReadOptions, patience: Patience) -> ReadPage:
    """What one page says. `own_text` is a PDF's visible text, `hidden_text` what only a program sees in it."""
    sheet = square(scan)
    grey = levelled(sheet)
    if is_blank(grey) and not own_text:
        return _blank(scan.index, hidden_text)
    symbols = find_codes(grey, options.keys)
    rotation = rotation_of(symbols[0]) if symbols else 0
    if rotation:
        grey = turn(grey, rotation)
        symbols = find_codes(grey, options.keys)
    form, form_doubts = _form(grey, symbols, scan.index, options)
    doubts = _code_doubts(symbols) + form_doubts
    codes = tuple(symbol.code for symbol in symbols)
    page = Page(scan.index, own_text, Origin.TEXT if own_text else None, codes, rotation=rotation)
    if not hidden_text and (own_text or (form is not None and form.is_settled)):
        return ReadPage(page, form, doubts)
    return _recognised(ReadPage(page, form, doubts), grey, hidden_text, patience, is_bilevel=sheet.is_bilevel)


def _blank(index: int, hidden_text: str) -> ReadPage:
    """A page with nothing on it, unless a program would read something there."""
    disagrees = bool(hidden_text.strip())
    doubts = (f"page {index + 1} shows nothing but holds hidden text",) if disagrees else ()
    return ReadPage(Page(index, is_blank=True), None, doubts, text_disagrees=disagrees)


def _form(
    grey: Grey, symbols: list[Symbol], index: int, options: ReadOptions
) -> tuple[FormReading | None, tuple[str, ...]]:
    first = [symbol for symbol in symbols if symbol.code.page == 1]
    if not first:
        return None, ()
    try:
        spec = load_form(first[0].code.version)
    except (LookupError, OSError, ValueError):
        return None, (f"page {index + 1} is a form of version {first[0].code.version}, which is not known here",)
    form = read_form(grey, first, spec, index, options)
    if form is None and len(first) == 1:  # the other code may place it
        form = read_form(grey, find_codes(grey, options.keys, wants_both=True), spec, index, options)
    if form is None:
        return None, (f"page {index + 1} carries a form's code, but its boxes were not found",)
    return form, form.doubts


def _code_doubts(symbols: list[Symbol]) -> tuple[str, ...]:
    if len({(symbol.code.number, symbol.code.transmission, symbol.code.page) for symbol in symbols}) > 1:
        return ("the codes on one page disagree",)
    return ()


def _recognised(read: ReadPage, grey: Grey, hidden_text: str, patience: Patience, *, is_bilevel: bool) -> ReadPage:
    """The page with its pixels recognised, and a hidden layer held against them."""
    page = read.page
    if is_bilevel:
        grey = without_streaks(grey)
    try:
        seen = _seen(read, grey, patience, is_bilevel=is_bilevel, is_hiding=bool(hidden_text))
    except ParseError as error:
        return replace(read, page=replace(page, error=str(error)), text_disagrees=bool(hidden_text))
    disagrees = bool(hidden_text) and not _shows(seen.text + " " + page.text, hidden_text)
    doubt = f"page {page.index + 1} holds hidden text that says other than its picture"
    return replace(
        read,
        page=replace(
            page,
            text=page.text or seen.text,
            origin=page.origin or Origin.OCR,
            rotation=(page.rotation + seen.turned) % 360,
            is_head_only=seen.is_head_only and not page.text,
            places=() if page.text else seen.places,
        ),
        sureness=SURE_THROUGHOUT if page.text else seen.sureness,
        doubts=(*read.doubts, doubt) if disagrees else read.doubts,
        text_disagrees=disagrees,
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """The text of pixels; `turned` degrees clockwise made them upright."""

    text: str
    sureness: Sureness
    places: tuple[Box | None, ...]
    turned: int
    is_head_only: bool = False

    @classmethod
    def of(cls, said: PageText, level: Level, index: int, turned: int, *, is_head_only: bool = False) -> "_Seen":
        """With the places as fractions of the upright page that a person sees."""
        places = (cell and Box(index, *level.before(cell.x, cell.y, cell.w, cell.h)) for cell in said.places)
        return cls(said.text, said.sureness, tuple(places), turned, is_head_only)


def _seen(read: ReadPage, grey: Grey, patience: Patience, *, is_bilevel: bool, is_hiding: bool) -> _Seen:
    """What stands on a page: its head line by line, and all of it where that is not enough. Raises ParseError."""
    index, is_upright = read.page.index, bool(read.page.codes)
    if read.form is not None:  # its words are our own print, and name nobody
        words, turned, level = _recognise_upright(grey, patience, is_upright=is_upright, is_bilevel=is_bilevel)
        lines = lines_of(words)
        return _Seen.of(joined(lines, first_look(lines)), level, index, turned)
    head, turned = _upright_head(grey, is_upright=is_upright, is_bilevel=is_bilevel)
    if head is None:
        words, turned, level = _recognise_upright(grey, patience, is_upright=False, is_bilevel=is_bilevel)
        head = Head.of(level)
    else:
        if not is_hiding:
            head.read_on()
        if head.is_enough:
            return _Seen.of(head.text, head.level, index, turned, is_head_only=True)
        patience.recognitions -= 1
        if head.is_nearly_enough:
            again = patience.recognise(head.level.pixels[: head.foot + _BELOW_HEAD])
            return _Seen.of(head.checked(again), head.level, index, turned, is_head_only=True)
        if head.is_sure and head.is_nearly_all:
            head.read_to_end()
            return _Seen.of(head.text, head.level, index, turned)
        if head.is_sure:
            below = patience.recognise(head.level.pixels[head.foot :])
            return _Seen.of(head.with_rest(below), head.level, index, turned)
        words = patience.recognise(head.level.pixels)
    lines = arranged(words, head.lines, head.level.pixels.shape[0])
    return _Seen.of(joined(lines, told(lines, head.strips)), head.level, index, turned)


def _upright_head(grey: Grey, *, is_upright: bool, is_bilevel: bool) -> tuple[Head | None, int]:
    """The head of a page that is surely upright, and the degrees it was turned; None where neither way is sure."""
    looks: list[tuple[float, int, Head]] = []
    for degrees in (0,) if is_upright else (0, 180):
        head = Head.of(for_recognition(turn(grey, degrees), is_bilevel=is_bilevel))
        if is_upright or head.sureness >= _SURE_HEAD:
            return head, degrees
        looks.append((head.sureness, degrees, head))
    (other, *_), (sureness, degrees, head) = sorted(looks, key=lambda look: look[0])
    return (head, degrees) if sureness >= _HARDLY_SURE_HEAD and sureness >= _SURER * other else (None, 0)


def _shows(seen: str, hidden: str) -> bool:
    """Whether most words of a hidden layer are in what the pixels show."""
    words = {word.lower() for word in _WORD.findall(hidden)}
    visible = {word.lower() for word in _WORD.findall(seen)}
    return not words or len(words & visible) >= _HIDDEN_WORDS_SEEN * len(words)


def _recognise_upright(
    grey: Grey, patience: Patience, *, is_upright: bool, is_bilevel: bool
) -> tuple[list[tesseract.Word], int, Level]:
    """Words, the degrees the page had to be turned, and it as recognised. A sure upright page costs one recognition."""
    patience.recognitions -= 1
    is_portrait = grey.shape[0] >= grey.shape[1]
    words: list[tesseract.Word] = []
    level = Level(grey)
    if is_upright or is_portrait:
        level = for_recognition(grey, is_bilevel=is_bilevel)
        words = patience.recognise(level.pixels)
        if is_upright or tesseract.mean_confidence(words) >= _SURE_UPRIGHT:
            return words, 0, level
    best, best_score = 0, 0.0
    for degrees in (0, 180, 90, 270):
        band = _busiest_band(for_recognition(turn(grey, degrees), is_bilevel=is_bilevel).pixels)
        found = patience.recognise(band, tesseract.BLOCK)
        score = tesseract.mean_confidence(found) * min(1.0, sum(len(word.text) for word in found) / 60)
        if score > best_score:
            best, best_score = degrees, score
        if degrees in (180, 270) and best_score >= _SURE_UPRIGHT:
            break
    if best == 0 and words:
        return words, 0, level
    level = for_recognition(turn(grey, best), is_bilevel=is_bilevel)
    return patience.recognise(level.pixels), best, level


def _busiest_band(grey: Grey) -> Grey:
    """The strip of a page with the most changes from dark to light along its lines."""
    edges = np.abs(np.diff((grey < 128).astype(np.int8), axis=1)).sum(axis=1).astype(np.int64)
    sums = np.convolve(edges, np.ones(_BAND_PIXELS, dtype=np.int64), mode="valid")
    top = int(np.argmax(sums)) if sums.size else 0
    return grey[top : top + _BAND_PIXELS]
