"""How alike two names are: spelling, swaps, hyphens, nicknames and what recognition confuses. Pure."""

import re
import unicodedata
from functools import lru_cache

_CONFUSED = str.maketrans({"0": "o", "1": "l", "5": "s", "8": "b", "6": "g", "2": "z", "|": "l", "i": "l"})
_LETTERS = {"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
_LOOKS_LIKE = {"ł": "ltif1|", "đ": "dt", "ø": "oe0g", "ß": "b8", "ð": "do", "þ": "pb", "ı": "il1", "ŋ": "n", "ħ": "hb"}
"""Letters that English recognition, and an English keyboard, do not have, and what stands in their place."""
_NICKNAMES = (
    "abigail abby gail",
    "alexander alex sasha al",
    "alexandra alex sandra sasha",
    "andrew andy drew",
    "anthony tony",
    "barbara barb",
    "benjamin ben",
    "catherine katherine kathleen kate katie kathy cathy cat",
    "charles charlie chuck",
    "christina christine chris tina",
    "christopher chris",
    "daniel dan danny",
    "david dave",
    "deborah debra deb debbie",
    "donald don donnie",
    "dorothy dot dottie",
    "edward ed eddie ted ned",
    "elizabeth liz beth betty eliza lisa betsy",
    "eugene gene",
    "frances fran",
    "francis frank",
    "francisco paco frank",
    "frederick fred",
    "gabriel gabe",
    "gerald jerry",
    "gregory greg",
    "henry hank",
    "jacob jake",
    "james jim jimmy",
    "jennifer jen jenny",
    "jessica jess",
    "jonathan jon",
    "john jack johnny",
    "jose pepe",
    "joseph joe joey",
    "joshua josh",
    "judith judy",
    "kenneth ken",
    "kimberly kim",
    "lawrence larry",
    "leonard len leo",
    "margaret maggie meg peggy",
    "maria mary",
    "matthew matt",
    "michael mike mickey",
    "nathaniel nathan nate",
    "nicholas nick",
    "nicole nikki",
    "pamela pam",
    "patricia pat patty trish",
    "patrick pat",
    "peter pete",
    "philip phillip phil",
    "rebecca becky",
    "richard rick rich dick",
    "robert rob bob bobby",
    "ronald ron",
    "samantha sam",
    "samuel sam",
    "stephanie steph",
    "stephen steven steve",
    "susan sue suzanne",
    "theodore ted theo",
    "theresa teresa terry",
    "thomas tom tommy",
    "timothy tim",
    "victoria vicky",
    "vincent vince",
    "virginia ginny",
    "walter walt",
    "william will bill billy",
    "zachary zach",
)
_SAME: dict[str, frozenset[str]] = {}
for _line in _NICKNAMES:
    _group = frozenset(_line.split())
    for _name in _group:
        _SAME[_name] = _SAME.get(_name, frozenset()) | _group


@lru_cache(maxsize=65536)
def folded(name: str) -> str:
    """Lower case, without accents, letters and spaces only; hyphens and apostrophes part nothing."""
    lowered = "".join(_LETTERS.get(char, char) for char in name.casefold())
    plain = unicodedata.normalize("NFKD", lowered)
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^a-z0-9| ]", "", plain.replace("-", " ")).split())


@lru_cache(maxsize=65536)
def as_recognised(name: str) -> str:
    """The folded name with what recognition confuses made one: 0/O, 1/l/I, 5/S, 8/B, rn/m, cl/d, vv/w."""
    joined = folded(name).replace(" ", "").replace("rn", "m").replace("cl", "d").replace("vv", "w")
    return joined.translate(_CONFUSED)


def as_meant(claimed: str, known: str) -> str:
    """The claimed name with the known one's foreign letters put back where a look-alike stands: Tukasz is Łukasz."""
    told, meant = (unicodedata.normalize("NFC", name).lower().split() for name in (claimed, known))
    return " ".join([*map(_restored, told, meant), *told[len(meant) :]])


def _restored(word: str, known: str) -> str:
    if len(word) != len(known):
        return word
    return "".join(k if c in _LOOKS_LIKE.get(k, "") else c for c, k in zip(word, known, strict=True))


@lru_cache(maxsize=65536)
def distance(a: str, b: str) -> int:
    """Edits from one to the other, a swap of neighbours being one (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, char in enumerate(a, start=1):
        last, row, before = row, [i] + [0] * len(b), row if i == 1 else before
        for j, other in enumerate(b, start=1):
            row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (char != other))
            if i > 1 and j > 1 and char == b[j - 2] and a[i - 2] == other:
                row[j] = min(row[j], before[j - 2] + 1)
        before = last
    return row[-1]


def is_nickname(a: str, b: str) -> bool:
    """Whether one is a common short form of the other (or both of a third)."""
    return folded(b) in _SAME.get(folded(a), frozenset())


def is_shared_nickname(name: str) -> bool:
    """Whether it is short for several names: Alex is Alexander and Alexandra."""
    return sum(folded(name) in line.split() for line in _NICKNAMES) > 1


def edits(a: str, b: str) -> int:
    """Edits between two names as recognition sees them; 99 if either is missing."""
    x, y = as_recognised(a), as_recognised(b)
    return distance(x, y) if x and y else 99


def shares_surname(a: str, b: str) -> bool:
    """Whether one of two surnames is the whole of the other: Garcia and Garcia-Lopez."""
    x, y = set(folded(a).split()), set(folded(b).split())
    return bool(x and y) and (x <= y or y <= x) and max(map(len, x & y)) > 2
