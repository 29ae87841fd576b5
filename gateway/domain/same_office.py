"""Which entries of a directory are likely one office, and why. Pure.

Thousands of entries are compared by what they share (a number, an address, a word of the name), never each with each.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from gateway.domain.directory import Recipient
from gateway.domain.matching.names import distance, folded

_SAYS_NOTHING = frozenset(
    [
        "and",
        "associates",
        "center",
        "centre",
        "clinic",
        "co",
        "company",
        "department",
        "dept",
        "do",
        "dr",
        "group",
        "health",
        "inc",
        "jr",
        "llc",
        "llp",
        "md",
        "medical",
        "medicine",
        "of",
        "office",
        "offices",
        "pa",
        "pc",
        "physicians",
        "practice",
        "pllc",
        "services",
        "specialists",
        "the",
    ]
)
_MOST_WITH_A_WORD = 40  # a word that more names share tells none of them apart
_FEWEST_LETTERS = 4
_EDITS_A_LETTER = 10  # one slip in so many letters


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two entries, the older first, and what speaks for their being one."""

    one: Recipient
    other: Recipient
    reasons: tuple[str, ...]


def likely_same(recipients: Sequence[Recipient]) -> list[Likeness]:
    """Pairs that may be one office, those with most reasons first."""
    by_id = {one.id: one for one in recipients}
    reasons: dict[tuple[int, int], list[str]] = defaultdict(list)
    for why, pairs in _shared(recipients):
        for pair in pairs:
            reasons[pair].append(why)
    found = [Likeness(by_id[one], by_id[other], tuple(why)) for (one, other), why in reasons.items()]
    return sorted(found, key=lambda pair: (-len(pair.reasons), pair.one.name.casefold(), pair.one.id, pair.other.id))


def _shared(recipients: Sequence[Recipient]) -> Iterator[tuple[str, Iterable[tuple[int, int]]]]:
    yield "the same fax number", _pairs((one.fax, one.id) for one in recipients)
    yield "the same NPI", _pairs((one.npi, one.id) for one in recipients)
    yield "the same email address", _pairs((one.email.casefold(), one.id) for one in recipients)
    yield "the same phone number", _pairs((one.phone, one.id) for one in recipients)
    yield "names that are alike", _alike(recipients)


def _pairs(told: Iterable[tuple[str, int]]) -> list[tuple[int, int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for key, recipient_id in told:
        if key:
            groups[key].append(recipient_id)
    return [pair for group in groups.values() for pair in combinations(sorted(group), 2)]


def _alike(recipients: Sequence[Recipient]) -> list[tuple[int, int]]:
    words = {one.id: _telling(one.name) for one in recipients}
    holding: dict[str, list[int]] = defaultdict(list)
    for recipient_id, own in words.items():
        for word in set(own) | {word[:_FEWEST_LETTERS] for word in own if len(word) > _FEWEST_LETTERS}:
            holding[word].append(recipient_id)
    near = {
        pair for ids in holding.values() if len(ids) <= _MOST_WITH_A_WORD for pair in combinations(sorted(set(ids)), 2)
    }
    return sorted(pair for pair in near if _is_one_name(words[pair[0]], words[pair[1]]))


def _telling(name: str) -> tuple[str, ...]:
    """The words of a name that tell it from others; all of them if none does."""
    every = folded(name.replace(",", " ").replace(".", " ")).split()
    return tuple(
        sorted(word for word in every if word not in _SAYS_NOTHING and (len(word) > 1 or word.isdigit()))
    ) or tuple(sorted(every))


def _is_one_name(one: Sequence[str], other: Sequence[str]) -> bool:
    """The same words in any order, but for a slip of the pen; digits never slip."""
    x, y = "".join(one), "".join(other)
    if [char for char in x if char.isdigit()] != [char for char in y if char.isdigit()]:
        return False
    return bool(x and y) and distance(x, y) <= max(len(x), len(y)) // _EDITS_A_LETTER
