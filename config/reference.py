"""The referral number and the code printed on every page.

Owns their alphabet, check character and message authentication code (MAC), because the writer
of the page and its reader must agree to the letter. Holds no patient data and reads no clock.

A referral number is seven random characters and a check character of Crockford's base 32
(no I, L, O, U), printed in two groups: `4K7M-92XQ`. The check is a weighted sum over GF(32) with
distinct powers of a generator as weights, so any one wrong character and any two neighbours
swapped are found (as with Reed-Solomon; Luhn mod 32 misses some swaps).

A page code is `RL1-4K7M92XQ-01-02-05-<MAC>`: form version, number, transmission (ordinal within the
referral), page n of m, and 40 bits of HMAC-SHA256. Every character is in QR's alphanumeric set.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBER_LENGTH = 8
MAC_LENGTH = 8
SAMPLE_KEY = b"referloop sample pages, no clinic's key"
"""Signs invented sample pages where no clinic's key is at hand; a daemon never accepts it."""

_VALUE = {char: value for value, char in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_CODE = re.compile(
    r"RL(?P<version>\d)-(?P<number>[0-9A-HJKMNP-TV-Z]{8})-(?P<transmission>\d\d)"
    r"-(?P<page>\d\d\d?)-(?P<pages>\d\d\d?)-(?P<mac>[0-9A-HJKMNP-TV-Z]{8})"
)
_PRINTED = re.compile(r"(?<![0-9A-Za-z])([0-9A-Za-z]{4})[-\u2010-\u2014 ]?([0-9A-Za-z]{4})(?![0-9A-Za-z])")


def _times(a: int, b: int) -> int:
    """Multiply in GF(32) modulo x^5 + x^2 + 1."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 0b100000:
            a ^= 0b100101
        b >>= 1
    return product


def check_character(body: str) -> str:
    """The check character for the first seven characters of a number."""
    total, weight = 0, 2
    for char in body:
        total ^= _times(_VALUE[char], weight)
        weight = _times(weight, 2)
    return ALPHABET[total]


def mint_number(choose: Iterable[int] | None = None) -> str:
    """A fresh referral number; `choose` yields seven values of 0..31, for samples and tests.

    A fresh one holds a digit: `find_numbers` takes no run of letters only, which may be two words.
    """
    values = list(choose) if choose is not None else _seven_with_a_digit()
    body = "".join(ALPHABET[value] for value in values)
    return body + check_character(body)


def _seven_with_a_digit() -> list[int]:
    while True:
        values = [secrets.randbelow(32) for _ in range(7)]
        if min(values) < 10:
            return values


def parse_number(text: str) -> str | None:
    """The number a person typed or printed, normalised; None if its check character is wrong."""
    plain = re.sub(r"[\s\u2010-\u2014-]", "", text).upper()
    if len(plain) != NUMBER_LENGTH or any(char not in _VALUE for char in plain):
        return None
    number = "".join(ALPHABET[_VALUE[char]] for char in plain)
    return number if check_character(number[:-1]) == number[-1] else None


def format_number(number: str) -> str:
    """The number as printed for people: two groups of four."""
    return f"{number[:4]}-{number[4:]}"


def find_numbers(text: str) -> list[str]:
    """Referral numbers printed in text with a good check character, in order, each once.

    An eight-digit all-numeric run is taken only in its printed form with a hyphen: dates and
    phone numbers would pass the check character one time in 32.
    """
    found: dict[str, None] = {}
    for match in _PRINTED.finditer(text):
        raw = match.group(0)
        if raw.replace("-", "").replace(" ", "").isdigit() and "-" not in raw:
            continue
        if " " in raw or not any(char.isdigit() for char in raw):
            continue
        if number := parse_number(raw):
            found[number] = None
    return list(found)


@dataclass(frozen=True, slots=True)
class PageCode:
    """What one printed code says. `verified` tells whether the MAC held under a known key."""

    version: int
    number: str
    transmission: int
    page: int
    pages: int
    verified: bool = False


def _mac(body: str, key: bytes) -> str:
    digest = int.from_bytes(hmac.digest(key, body.encode(), hashlib.sha256)[:5], "big")
    return "".join(ALPHABET[(digest >> shift) & 31] for shift in range(35, -1, -5))


def encode_page(code: PageCode, key: bytes) -> str:
    """The text inside the printed symbols of one page, signed with `key`."""
    body = f"RL{code.version}-{code.number}-{code.transmission:02d}-{code.page:02d}-{code.pages:02d}"
    return f"{body}-{_mac(body, key)}"


def decode_page(text: str, keys: Iterable[bytes]) -> PageCode | None:
    """Read a symbol's text; None unless it is exactly one of our codes with a good check character."""
    match = _CODE.fullmatch(text.strip())
    if match is None or parse_number(match["number"]) is None:
        return None
    body = text.strip()[: -MAC_LENGTH - 1]
    verified = any(hmac.compare_digest(_mac(body, key), match["mac"]) for key in keys)
    return PageCode(
        version=int(match["version"]),
        number=match["number"],
        transmission=int(match["transmission"]),
        page=int(match["page"]),
        pages=int(match["pages"]),
        verified=verified,
    )
