"""The sender's own words in a mail: without what is quoted, signed or disclaimed.

Owns whose words are whose. A mail that is nothing but a forward is its forwarded text, unless that is our own mail
coming back. Removes no line it does not know.
"""

import re
from dataclasses import dataclass

from parsers.mail_quotes import Cut, date_in, find_quotation, is_marked, join_wrapped, sender_in, unmarked, without_head
from parsers.mail_trimmings import untrimmed

_MAX_TEXT = 300_000
_BARE_FORWARD = 400  # own words above a forward that are longer than this are the answer themselves
_MOST_FORWARDS = 5
_FORWARDS = re.compile(r"\W*(?:\[[^\]]{1,40}\]\s*)?(?:fwd?|tr|wg|rv|enc|i)\s*:", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"\b(?:see|my|our|answers?|answered|comments?|responses?|replies|responded|notes?)\b.{0,40}"
    r"\b(?:below in|inline|in[- ]line|in (?:red|blue|green|bold|caps|yellow)|highlighted)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The body without additions.

    `signature` stood under the closing; `forwarded_from` and `forwarded_at` are what the head of a forwarded mail says.
    `answers_in_quote` tells that the sender points into the quoted text, where nobody can tell whose words are whose.
    """

    text: str
    signature: str = ""
    is_forward: bool = False
    forwarded_from: str = ""
    forwarded_at: str = ""
    answers_in_quote: bool = False


def own_words(body: str, subject: str, ours: str = "") -> OwnWords:
    """What the sender wrote in this mail, or forwarded if nothing else.

    `ours` is our reply address: what is forwarded from it is our own mail, not an answer.
    """
    return _own(body[:_MAX_TEXT].replace("\r\n", "\n").replace("\r", "\n").split("\n"), subject, ours, _MOST_FORWARDS)


def _own(lines: list[str], subject: str, ours: str, forwards_left: int) -> OwnWords:
    lines = join_wrapped(lines)
    subject_forwards = _FORWARDS.match(subject) is not None
    found = find_quotation(lines, subject_forwards=subject_forwards)
    own, rest = lines[: found.start], lines[found.start :]
    text, signature = untrimmed([line for line in own if not is_marked(line)])
    if found.cut is Cut.MARKED:
        below, more = untrimmed([line for line in _after_quote(rest[1:]) if not is_marked(line)])
        text, signature = f"{text}\n\n{below}".strip(), signature or more
    is_forward = found.cut is Cut.FORWARD or (found.cut is Cut.MARKED and subject_forwards and not text)
    if is_forward and len(text) < _BARE_FORWARD and forwards_left:
        return _with_forwarded(text, signature, rest, ours, forwards_left)
    points = found.cut is not Cut.NOTHING and _ELSEWHERE.search(text) is not None
    return OwnWords(text, signature, answers_in_quote=points)


def _with_forwarded(text: str, signature: str, rest: list[str], ours: str, forwards_left: int) -> OwnWords:
    """The sender's few words and those of the mail forwarded with them, which may hold quotations of its own."""
    inner, head = without_head(unmarked(rest))
    sender = sender_in(head)
    if _is_ours(sender, ours):
        return OwnWords(text, signature, is_forward=True, forwarded_from=sender)
    told = _own(inner, "", ours, forwards_left - 1)
    whole = f"{text}\n\n{told.text}".strip()
    return OwnWords(
        whole,
        signature,
        is_forward=True,
        forwarded_from=told.forwarded_from or sender,
        forwarded_at=told.forwarded_at or date_in(head),
        answers_in_quote=told.answers_in_quote,
    )


def _is_ours(sender: str, ours: str) -> bool:
    local, _, domain = ours.lower().partition("@")
    if not local or not domain:
        return False
    pattern = rf"(?<![\w.+\-]){re.escape(local.partition('+')[0])}(?:\+[\w\-]+)?@{re.escape(domain)}(?![\w\-])"
    return re.search(pattern, sender.lower()) is not None


def _after_quote(lines: list[str]) -> list[str]:
    """What is written below a quotation marked with `>`; nothing where the quotation is not marked."""
    first = next((line for line in lines if line.strip()), "")
    return lines if is_marked(first) else []
