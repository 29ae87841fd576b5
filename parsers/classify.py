"""What kind of document a text is.

Owns the weighing of the lexicon's cues; the words themselves are in `config/defaults/lexicon.toml`.
A form of ours with a ticked box is a confirmation whatever it says: its answers carry the meaning.
"""

import re
from dataclasses import dataclass
from functools import cache
from math import exp

from config.lexicon import Lexicon, load_lexicon
from config.vocabulary import AnswerId, DocumentKind
from parsers.reading import Answer, Mail

_HEAD_LINES = 14
_SHARPNESS = 1.15
"""How much one more unit of weight counts; chosen so that confidence agrees with the share that is right."""
_NOTHING_SAID = 1.3
"""What the kind `other` weighs before a word is read: a text without cues is nothing we know."""
_FORM_WORDS = (
    "appointment booked",
    "already seen",
    "did not attend",
    "cannot reach|unable to reach",
    "patient declined",
    "we decline",
    "more information",
    "wrong office",
    "not our specialty",
    "no capacity",
    "respond by",
    "expected wait",
)
_FORM = tuple(re.compile(word, re.IGNORECASE) for word in _FORM_WORDS)
_LIMIT_CHARACTERS = 60_000


@dataclass(frozen=True, slots=True)
class _Cue:
    pattern: re.Pattern[str]
    weight: float


def _bounded(pattern: str) -> str:
    """Spaces that match line ends too, and no run of them without a limit: thousands of empty lines cost nothing."""
    held = pattern.replace(r"^\s*", "^[\\t]{0,9}").replace(" ?", r"\s{0,3}").replace(" ", r"\s{1,3}")
    return held.replace("^[\\t]", r"^[ \t]")


@cache
def _cues() -> dict[DocumentKind, tuple[_Cue, ...]]:
    lexicon: Lexicon = load_lexicon()
    flags = re.IGNORECASE | re.MULTILINE
    return {
        kind: tuple(_Cue(re.compile(_bounded(cue.pattern), flags), cue.weight) for cue in cues)
        for kind, cues in lexicon.kinds.items()
    }


def _weigh(text: str, head: str, cues: tuple[_Cue, ...]) -> float:
    total = 0.0
    for cue in cues:
        hits = 0
        for _ in cue.pattern.finditer(text):
            hits += 1
            if hits == 2:
                break
        if hits:
            total += cue.weight * (1.0 if hits == 1 else 1.3) * (1.25 if cue.pattern.search(head) else 1.0)
    return total


def is_our_form(text: str) -> bool:
    """Whether the text is that of our confirmation form, filled or not: most of its printed answers stand in it."""
    return sum(bool(word.search(text)) for word in _FORM) >= 6


def weights(text: str) -> dict[DocumentKind, float]:
    """How much the text speaks for each kind; zero for a kind without cues in it."""
    text = re.sub(r"\n\s*\n", "\n\n", re.sub(r"[ \t]+", " ", text[:_LIMIT_CHARACTERS]))
    head = "\n".join(text.split("\n")[:_HEAD_LINES])
    return {kind: _weigh(text, head, cues) for kind, cues in _cues().items()}


def _share(scores: dict[DocumentKind, float]) -> tuple[DocumentKind, float]:
    best = max(scores, key=lambda kind: scores[kind])
    top = scores[best]
    total = sum(exp(_SHARPNESS * (score - top)) for score in scores.values())
    return best, round(min(0.97, 1 / total), 3)


def classify(text: str, answers: dict[AnswerId, Answer], mail: Mail | None) -> tuple[DocumentKind, float]:
    """The kind of a document and how sure that is (0..1).

    Args:
        text: what was read of it.
        answers: of our form, if it is one.
        mail: the headers, for the body of a mail.
    """
    if mail and mail.fax_sent:
        return (DocumentKind.AUTO_REPLY if mail.fax_sent.is_delivered else DocumentKind.BOUNCE), 0.97
    if (mail and mail.bounced_message_ids + mail.bounced_recipients) or (mail and mail.bounce_is_permanent is not None):
        return DocumentKind.BOUNCE, 0.97
    ticked = [answer.confidence for answer in answers.values() if answer.value]
    if ticked:
        return DocumentKind.CONFIRMATION, round(min(0.99, max(ticked)), 3)
    if answers or is_our_form(text):
        return DocumentKind.CONFIRMATION, 0.75
    if mail and mail.is_auto_reply:
        return DocumentKind.AUTO_REPLY, 0.95
    scores = weights(text)
    scores[DocumentKind.OTHER] = scores.get(DocumentKind.OTHER, 0.0) + _NOTHING_SAID
    return _share(scores)
