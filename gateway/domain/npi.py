"""The National Provider Identifier's check digit (Luhn over the prefix 80840, 45 CFR 162.406)."""

_PREFIX = "80840"


def is_npi(text: str) -> bool:
    """Whether the text is ten digits, starts with 1 or 2 and has the right check digit."""
    if len(text) != 10 or not (text.isascii() and text.isdigit()) or text[0] not in "12":
        return False
    total = 0
    for place, digit in enumerate(reversed(_PREFIX + text)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
