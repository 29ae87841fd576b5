"""Phone numbers as E.164, and National Provider Identifiers by their check digit."""

import re
from dataclasses import dataclass

import phonenumbers

_US = re.compile(r"(?<![\d/.\-])(?:\+?1[\s.\-]?)?\(?\d{3}\)?[\s.\-/]{0,3}\d{3}[\s.\-]{0,3}\d{4}(?!\d|[-/]\d)")
_ABROAD = re.compile(r"\+[2-9]\d{0,2}[\d\s.\-()]{6,18}\d")
_NPI = re.compile(r"(?<!\d)[12]\d{9}(?!\d)")


@dataclass(frozen=True, slots=True)
class FoundPhone:
    """A number in text, and its E.164 form."""

    start: int
    end: int
    e164: str


def find_phones(text: str) -> list[FoundPhone]:
    """Every telephone number in `text`, United States unless written with another country's code."""
    found: list[FoundPhone] = []
    for pattern in (_ABROAD, _US):
        for match in pattern.finditer(text):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            if e164 := _e164(match[0]):
                found.append(FoundPhone(match.start(), match.end(), e164))
    return sorted(found, key=lambda one: one.start)


def _e164(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number) or not str(number.national_number)[0] > "1":
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_npi(text: str) -> bool:
    """Whether ten digits are a National Provider Identifier: Luhn over 80840 and the digits."""
    if not _NPI.fullmatch(text):
        return False
    total = 24  # what the prefix 80840 adds to the sum
    for index, char in enumerate(reversed(text)):
        digit = int(char) * (2 if index % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def find_npis(text: str) -> list[str]:
    """Ten-digit runs with a good check digit, in order."""
    return [match[0] for match in _NPI.finditer(text) if is_npi(match[0])]
