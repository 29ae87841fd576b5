"""Which line of a TOML file a key stands on, so that a message can point at it.

Knows tables and plain keys, which is all a settings file needs; anything fancier has no line.
"""

import re

_TABLE = re.compile(r"\s*\[\s*([\w.\- ]+?)\s*\]\s*(?:#.*)?")
_KEY = re.compile(r"\s*([\w.\-]+)\s*=")


def line_of(text: str, key: str) -> int | None:
    """The line, counted from 1, of a dotted key; of its table if only that stands there."""
    table, found = "", None
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _TABLE.fullmatch(line):
            table = match[1] + "."
            if match[1] == key:
                found = number
        elif (match := _KEY.match(line)) and table + match[1] == key:
            return number
    return found
