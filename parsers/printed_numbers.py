"""Referral numbers in a recognised text, the misread ones too where a label says that one follows.

A misreading is mended by one likely slip, and only if a single number with a good check character comes of it. A
number that no referral carries harms nothing; one that a referral carries does not come of chance.
"""

import re
from collections.abc import Iterator

from config.reference import find_numbers, parse_number

_LABELLED = re.compile(
    r"\b(?:refer\w*|re[ft]|rcf)\b\W{0,2}(?:no\b|num\w*|id\b|code\b|[4Ht]\b)?\W{0,5}"
    r"([0-9A-Za-z¢€£$&]{3,6})(?:\s?[-–—.~=]\s?|\s)([0-9A-Za-z¢€£$&]{3,6})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_IMPOSSIBLE = str.maketrans({"¢": "C", "€": "C", "£": "E", "$": "S", "&": "8", "U": "V"})
_TORN = ("II", "LI", "IL", "1I", "I1")
"""What an H falls into when its bar is lost."""
_LIKELY = {
    "S": "5", "5": "S", "Z": "2", "2": "Z", "B": "8", "8": "B", "6": "G", "G": "6", "0": "QD", "Q": "0", "D": "0",
    "T": "1", "A": "4", "4": "A",
}  # fmt: skip
"""What even good lines make of one another."""
_SLIPS = {
    "S": "5", "5": "S", "Z": "27", "2": "Z", "B": "8", "8": "B", "6": "G", "G": "6C", "C": "G", "0": "QD", "Q": "0",
    "D": "0", "7": "TZ", "T": "7", "4": "A", "A": "4", "V": "Y", "Y": "V", "M": "N", "N": "M", "1": "7TH", "I": "H",
    "E": "F", "F": "EP", "P": "F", "K": "X", "X": "K", "9": "4", "3": "8", "R": "K", "H": "N",
}  # fmt: skip


def find_printed_numbers(text: str) -> list[str]:
    """Referral numbers with a good check character, in order, each once."""
    found = dict.fromkeys(find_numbers(text))
    for match in _LABELLED.finditer(text):
        if number := _meant(match[1], match[2]):
            found[number] = None
    return list(found)


def _meant(first: str, second: str) -> str | None:
    """The number that was printed, if one slip at most lies between it and what was read, or two very likely ones."""
    raw = (first + second).upper().translate(_IMPOSSIBLE)
    if not any(char.isdigit() or char in "OIL" for char in raw):
        return None
    if number := parse_number(raw):
        return number
    once = set(_slipped(raw, _LIKELY))
    for texts in (once, _torn_or_slipped(raw), {two for one in once for two in _slipped(one, _LIKELY)}):
        may_be = {number for one in texts if (number := parse_number(one))}
        if may_be:
            return may_be.pop() if len(may_be) == 1 else None
    return None


def _torn_or_slipped(raw: str) -> set[str]:
    return {raw.replace(torn, "H", 1) for torn in _TORN} | set(_slipped(raw, _SLIPS))


def _slipped(raw: str, slips: dict[str, str]) -> Iterator[str]:
    """Every text that one of these slips may have made into `raw`."""
    for at, char in enumerate(raw):
        for printed in slips.get(char, ""):
            yield raw[:at] + printed + raw[at + 1 :]
