"""A person's name taken apart: family, given, middle, suffix.

Owns the ways names are written (`LAST, First M`, `First de la Last`, two surnames, all capitals) and
the slips recognition makes in them. Says nothing of who the person is.
"""

import re
import unicodedata
from dataclasses import dataclass, replace

from config.lexicon import load_lexicon

_WORDS = load_lexicon().names
CREDENTIALS = _WORDS.credentials
_SUFFIXES = {"jr": "Jr", "sr": "Sr", "ii": "II", "iii": "III", "iv": "IV", "2nd": "II", "3rd": "III", "esq": "Esq"}
_THIRD = re.compile(r"(?=.*[IlJ])[IiJl1|]{3}|ll|I1|1I|I?IU|1U1")
"""What recognition makes of `III` and `II`; `Il` may be somebody's name."""
_JUNIOR = frozenset({"ir", "lr", "1r", "jt"})
"""What it makes of `Jr`."""
_WORD = re.compile(r"[^\W_](?:[^\W_]|['’`´\-‐‑|](?=[^\W_]))*\.?|\|[^\W\d_]+")
_TAIL = re.compile(r"((?:[^\W\d_](?:[\w'’.\-]*),?[ ]+){1,6}[^\W\d_][\w'’.\-]*)[\s,(|/\-–—]*$")
_END = re.compile(r"[;()\[\]{}<>:=_#*•·\\/\"“”@\t\n]|\s{2,}|\s[-–—]\s|\s\||\d{2,}|--|–|—")
_TO_LETTERS = str.maketrans("01|58", "OIISB")
_TO_SMALL = str.maketrans("OISB", "olsb")
_CAPITALS_BUT_I = re.compile(r"(?=(?:[^A-Z]*[A-Z]){3})[A-Zil'’\-]*[il][A-Zil'’\-]*")
"""`DMITRi`, `MARlE`: among capitals these are an I."""
_SMALL_TO_I = str.maketrans("il", "II")
_SMALL_L = re.compile(r"l(?=[bdgkmnrsvz][a-z])")
"""For the capital I of Ivan, Ibrahim and Inés: no name begins with an L and one of these."""
_SMALL_L_FOR_I = re.compile(r"l(?:an|o[^\W\d_]+|ul[^\W\d_]+)(?!\w)")
_CAPITALISED = re.compile(r"\b[A-Z][a-z]")
"""Ioana, Iulia and Ian: among names with capitals a small l at the beginning is an I, for the L looks like neither."""
_NO_NAMES = _WORDS.stops | _WORDS.particles
_POINTED = re.compile(r"(?=.*[aeiouyAEIOUY])[^\W\d_][\w'’\-]{3,}\.")
"""A name of four letters and more with a point behind it: short ones are shortened (`Wm.`, `Geo.`)."""
_SHORT_FAMILIES = frozenset("an do he ho hu ko le li lu ma ng oh vo wu xu yu".split())  # noqa: SIM905 - a list of words
_ENGLISH_MAC = re.compile(r"^Mc([a-z])")


@dataclass(frozen=True, slots=True)
class Name:
    """The parts of a name; `credentials` tells that it is a clinician's (`Ann Lee, MD`)."""

    family: str
    given: str = ""
    middle: str = ""
    suffix: str = ""
    title: str = ""
    credentials: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Family and given for comparing, without case, marks or hyphens."""
        return fold(self.family), fold(self.given)


def fold(text: str) -> str:
    """Letters only, lower case, without accents: for comparing two spellings."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if char.isalpha()).lower()


def _mend(word: str) -> str:
    """`0'BRIEN`, `SM1TH` and `lvan` as they were printed: digits inside a word of letters are its letters."""
    if _SMALL_L.match(word):
        return "I" + word[1:]
    if _CAPITALS_BUT_I.fullmatch(word):
        return word.translate(_SMALL_TO_I)
    letters = sum(char.isalpha() for char in word)
    if not re.search(r"[\d|]", word) or letters < 2 or letters * 2 < len(word):
        return word
    mended = word.translate(_TO_LETTERS)
    return mended if word.isupper() else mended[:1] + mended[1:].translate(_TO_SMALL)


def title_case(word: str) -> str:
    """`O'BRIEN-SMITH` as O'Brien-Smith; a word of mixed case stays as written."""
    if not (word.isupper() and len(word) > 1) and (not word.islower() or word in _WORDS.particles):
        return word
    parts = re.split(r"(['’`´\-‐‑ ])", word)
    cased = "".join(part[:1].upper() + part[1:].lower() for part in parts)
    return _ENGLISH_MAC.sub(lambda match: "Mc" + match[1].upper(), cased)


def _bare(word: str) -> str:
    return word.lower().replace(".", "").replace("’", "'")


def _suffix(word: str) -> str:
    """The suffix a word is, as it is written properly; empty for any other word."""
    if _THIRD.fullmatch(word.rstrip(".")):
        return "II" if len(word.rstrip(".")) == 2 and "U" not in word else "III"
    if _bare(word) in _JUNIOR:
        return "Jr"
    return _SUFFIXES.get(_bare(word), "")


def _is_name_word(word: str, *, any_case: bool) -> bool:
    bare = _bare(word)
    if bare in _WORDS.stops and not (word[:1].isupper() and (len(bare) == 1 or bare in _WORDS.also_names)):
        return False
    if any(char.isdigit() for char in word):
        return False
    return bare in _WORDS.particles or word[0].isupper() or any_case


def _clip(text: str) -> str:
    """Without nicknames in brackets or quotes, up to the first thing that cannot be in a name."""
    text = re.sub(r"\s*[\"“(]\s?[A-Za-z]{2,12}\s?[\"”)]\s*", " ", text)
    text = re.sub(r"^[^\w]+", "", text)
    text = re.sub(r",\s*[.·'’*_]+\s*(?=\w)", ", ", text)
    end = _END.search(text)
    return text[: end.start()] if end else text


def _words(text: str, *, any_case: bool) -> list[str]:
    """Name words and commas from the start of text, until a word that is none."""
    words: list[str] = []
    is_cased = _CAPITALISED.search(text) is not None
    for match in re.finditer(rf",|{_WORD.pattern}|\S", text):
        word = _mend(match[0])
        if any_case and is_cased and _SMALL_L_FOR_I.fullmatch(word) and _bare(word) not in _NO_NAMES:
            word = "I" + word[1:]
        is_credential = bool(words) and _bare(word) in CREDENTIALS
        is_name = _WORD.fullmatch(word) and _is_name_word(word, any_case=any_case)
        if not (word == "," or is_credential or is_name):
            break
        words.append(word)
        if len(words) > 9:
            break
    return words


def _take_suffixes(words: list[str]) -> list[str]:
    """Remove and return the suffixes at the end (and after commas)."""
    taken: list[str] = []
    while len(words) > 1 and (words[-1] == "," or _suffix(words[-1])):
        last = words.pop()
        if last != ",":
            taken.insert(0, last)
    return taken


def _part_behind_suffix(words: list[str]) -> None:
    """`Vasquez III Linda` lost its comma: a suffix stands behind the family name, and given names follow."""
    if "," not in words:
        at = next((at for at in range(1, len(words) - 1) if _suffix(words[at])), None)
        if at is not None:
            words.insert(at + 1, ",")


def _part_at_point(words: list[str]) -> None:
    """`MEHTA. LAKSHMI A` had a comma: no given name is written out with a point behind it."""
    is_family = bool(words) and (_POINTED.fullmatch(words[0]) or _bare(words[0]) in _SHORT_FAMILIES)
    if "," in words or len(words) < 2 or not (is_family and words[0].endswith(".")):
        return
    words[:1] = [words[0].rstrip("."), ","]


def _credentials(words: list[str]) -> list[str]:
    """Credentials stand after a comma, or in capitals at the end."""
    kept: list[str] = []
    found: list[str] = []
    names = 0
    for index, word in enumerate(words):
        after_comma = index > 0 and words[index - 1] == ","
        looks = word != "," and _bare(word) in CREDENTIALS and (word.isupper() or "." in word or after_comma)
        if (looks and names >= 2) or (
            looks and names == 1 and after_comma and _bare(word) in {"md", "do", "np", "phd"}
        ):
            found.append(word)
            continue
        names += word != ","
        kept.append(word)
    words[:] = kept
    return found


def parse_name(text: str, *, any_case: bool = False) -> Name | None:
    """The name that stands at the start of `text`, or None if none does.

    Args:
        text: what follows a label or a phrase; only its start is read.
        any_case: accept lower case too, where a label says that a name follows.
    """
    words = _words(_clip(text), any_case=any_case)
    titles: list[str] = []
    while words and (_bare(words[0]) in _WORDS.titles or words[0] == ","):
        titles.append(_bare(words.pop(0)))
    credentials = _credentials(words)
    _part_at_point(words)
    _part_behind_suffix(words)
    suffixes = _take_suffixes(words)
    while words and words[-1] == ",":
        words.pop()
    if not words:
        return None
    name = _comma_name(words) if "," in words else _plain_name(words, has_title=bool(titles))
    if name is None or len(fold(name.family)) < 2:
        return None
    suffix = _suffix(suffixes[0]) if suffixes else name.suffix
    return replace(name, suffix=suffix, title=" ".join(titles).strip(", "), credentials=" ".join(credentials))


def _join(words: list[str]) -> str:
    return " ".join(title_case(word if _bare(word) == "st" else word.rstrip(".")) for word in words)


def _comma_name(words: list[str]) -> Name | None:
    comma = words.index(",")
    family, rest = words[:comma], words[comma + 1 :]
    suffixes = _take_suffixes(family)
    while rest and (_suffix(rest[0]) or rest[0] == ","):
        word = rest.pop(0)
        suffixes += [word] if word != "," else []
    if "," in rest:
        rest = rest[: rest.index(",")]
    suffixes += _take_suffixes(rest)
    while len(rest) > 1 and _bare(rest[0]) in _WORDS.titles:
        rest.pop(0)
    if not family or not rest or len(family) > 4 or len(rest) > 4:
        return None
    suffix = _suffix(suffixes[0]) if suffixes else ""
    return Name(_join(family), _join(rest[:1]), _join(rest[1:]), suffix)


def _plain_name(words: list[str], *, has_title: bool) -> Name | None:
    if len(words) == 1:
        return Name(_join(words)) if has_title else None
    start = len(words) - 1
    while start > 1 and _bare(words[start - 1]) in _WORDS.particles and len(words[start - 1].rstrip(".")) > 1:
        start -= 1
    two = (_bare(words[start]), _bare(words[start - 1]))
    if start >= 2 and all(fold(word) in _WORDS.paired_surnames for word in two):
        start -= 1
        while start > 1 and _bare(words[start - 1]) in _WORDS.particles and len(words[start - 1]) > 1:
            start -= 1
    if len(words) > 6:
        return None
    if has_title and _bare(words[0]) in _WORDS.particles:
        return Name(_join(words))
    return Name(_join(words[start:]), _join(words[:1]), _join(words[1:start]))


def name_ending(text: str) -> Name | None:
    """The name with which a piece of line ends."""
    match = _TAIL.search(text[-80:])
    if not match:
        return None
    words = match[1].split()
    for start in range(len(words) - 1):
        tail = " ".join(words[start:])
        may_begin = words[start][0].isupper() or words[start] in _WORDS.particles
        if may_begin and (name := parse_name(tail)) and name.given and _uses_all(name, tail):
            return name
    return None


def _uses_all(name: Name, text: str) -> bool:
    used = " ".join((name.family, name.given, name.middle, name.suffix, name.title, name.credentials))
    return sorted(fold(used)) == sorted(fold(text))


def whole_line_name(line: str) -> Name | None:
    """The name that a line holds and nothing else."""
    text = line.strip(" \t*_|•-")
    name = parse_name(text)
    return name if name and name.given and _uses_all(name, text) else None
