"""What an office tells us besides names and dates: why it declines, what it misses, how long the wait is.

Owns the sentences to look for; each finding is the office's own sentence, shortened.
"""

import re
from collections.abc import Iterator

from parsers.reading import Field, Origin

_LONGEST = 240
_REASON_LABEL = re.compile(
    r"(?:reason (?:for|of) (?:decline|denial|declining|rejection)|declined because)\s*[:\-]\s*(.+)", re.I
)
_DECLINE = re.compile(
    r"unable to (?:accept|see|accommodate|schedule|take)|not (?:currently )?(?:accept|tak)ing|(?:cannot"
    r"|can't|can not|do not|don't|does not"
    r"|doesn't|no longer) (?:accept|see|treat|accommodate|take|participate|provide)|(?:must|have to"
    r"|respectfully|regretfully|we) decline"
    r"|declin(?:ed|ing)|out[- ]of[- ]network|not (?:in|within) (?:our )?(?:scope|network)"
    r"|outside (?:of )?(?:our|the) scope"
    r"|not (?:a|an) (?:appropriate|suitable)|(?:closed|not open) to new|no capacity|full(?:y)? booked until|refus",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"(?:please|kindly|pls|plz|could you|can you|would you)\s+(?:also\s+)?(?:re)?(?:send|fax|provide"
    r"|forward|include|submit|attach|email)\b(?:\s+(?:us|over|along)\b)?(?P<a>\W.*)"
    r"|(?:we|our office|dr\.? \w+)\s+(?:still\s+|also\s+|will\s+)?(?:need|require|are missing|is missing"
    r"|request)s?\s+(?P<b>.+)"
    r"|(?:missing|needed|required|outstanding|requested)(?: (?:items?|information|documents?"
    r"|records))?(?: (?:is|are))?\s*[:\-]\s*(?P<c>.+)"
    r"|(?:is|are) missing\s+(?P<d>.+)|did not (?:receive|include|contain)\s+(?P<e>.+)"
    r"|(?:waiting (?:for|on)|without)\s+(?P<f>(?:the |a |an |recent |your )*(?:records|labs?|notes?|imaging"
    r"|insurance|authorization|referral).*)",
    re.IGNORECASE,
)
_LIST_HEAD = re.compile(r"(?:the following|these)\b.*:?\s*$|:\s*$", re.IGNORECASE)
_ITEM = re.compile(r"\s*(?:[-*•·o]\s+|\d{1,2}[.)]\s+|\[[ xX]?\]\s*|☐\s*|□\s*)(.+)")
_NUMBER = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a few|several|a couple of)"
_WAIT = re.compile(
    rf"(?:wait(?:ing)?|book(?:ing|ed)? (?:out|into)|schedul\w+ (?:out|into)|next available|first available"
    rf"|backlog|about|approximately|within)"
    rf"[^.\n]{{0,50}}?(?P<wait>{_NUMBER}(?:\s*(?:-|–|to)\s*{_NUMBER})?\s*(?:business )?(?:day|week|month|wk|mo)s?)\b"
    rf"|(?P<wait2>{_NUMBER}(?:\s*(?:-|–|to)\s*{_NUMBER})?\s*(?:day|week|month|wk)s?)\s+(?:wait|out\b)",
    re.IGNORECASE,
)
_IS_WAIT = re.compile(
    r"wait|book|schedul|available|backlog|appointment|call (?:him|her|the patient)|contact", re.IGNORECASE
)
_NO_SHOW = re.compile(
    r"no[\s-]?show(?:ed)?\b|did(?: not|n't) (?:show|attend|keep|come|arrive|present for)|failed to (?:show"
    r"|attend|keep|appear|present)"
    r"|missed (?:his|her|their|the|an?|scheduled|your)?\s*(?:\w+ )?(?:appointment|appt|visit)|\bDNA\b"
    r"|never (?:showed|came|arrived)",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """Sentences of running text, without their ends."""
    parts = re.split(r"(?<=[a-z\d)\"][.!?])(?<!\b[DM]r\.)(?<!\b[MD]rs\.)(?<!\b[MS][st]\.)\s+|\n+", text)
    return [part.strip(" \t.") for part in parts if part.strip(" \t.")]


def _shorten(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip(" .;:,-")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _missing(lines: list[str]) -> str:
    """Items asked for: the rest of the sentence, or the list that follows it."""
    found: list[str] = []
    for number, line in enumerate(lines):
        for part in sentences(line):
            match = _ASKED.search(part)
            asked = next((value for value in match.groups() if value), "") if match else ""
            if not asked:
                continue
            items = _list_below(lines, number) if _LIST_HEAD.search(asked) or line.rstrip().endswith(":") else []
            found += items or [asked]
    return _shorten("; ".join(dict.fromkeys(found)))


def _list_below(lines: list[str], number: int) -> list[str]:
    items: list[str] = []
    for line in lines[number + 1 : number + 14]:
        if match := _ITEM.match(line):
            items.append(match[1].strip(" .;"))
        elif line.strip() or items:
            break
    return items


def find_notices(lines: list[str], flowed: str) -> Iterator[Field]:
    """decline_reason, missing_items, expected_wait and no_show, where the text speaks of them."""
    parts = sentences(flowed)
    label = next((match for line in lines if (match := _REASON_LABEL.search(line))), None)
    declined = next((part for part in parts if _DECLINE.search(part)), None)
    if label:
        yield Field("decline_reason", _shorten(label[1]), 0.9, Origin.TEXT)
    elif declined:
        yield Field("decline_reason", _shorten(declined), 0.7, Origin.TEXT)
    if missing := _missing(flowed.split("\n") if not any(_ITEM.match(line) for line in lines) else lines):
        yield Field("missing_items", missing, 0.7, Origin.TEXT)
    for part in parts:
        if (match := _WAIT.search(part)) and _IS_WAIT.search(part):
            yield Field("expected_wait", (match["wait"] or match["wait2"]).strip(), 0.8, Origin.TEXT)
            break
    if no_show := next((part for part in parts if _NO_SHOW.search(part)), None):
        yield Field("no_show", _shorten(no_show), 0.8, Origin.TEXT)
