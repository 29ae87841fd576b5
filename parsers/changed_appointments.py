"""Appointments that were taken back or moved: which of the days in a sentence no longer holds.

Owns the words of moving and cancelling, and of what is only offered or asked. Says nothing of what day is meant.
"""

import re

from config.vocabulary import DocumentKind

_NOTICES = frozenset({DocumentKind.APPOINTMENT_NOTICE, DocumentKind.CONFIRMATION, DocumentKind.OTHER})
_END = re.compile(r"(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\b[ap]\.m)[.;!?]+\s+(?=[A-Z\"(])|\n")
_MOVE = r"(?:re-?sched\w*|moved?|moving|chang\w+|bumped|pushed|switched|shifted|transferred)"
_FROM_TO = re.compile(rf"\b{_MOVE}\b[^\n]{{0,40}}?\bfrom\b(?P<old>[^\n]{{3,70}}?)\b(?:to|until)\b", re.IGNORECASE)
_TO_FROM = re.compile(
    rf"\b{_MOVE}\b[^\n]{{0,20}}?\b(?:to|until)\b[^\n]{{3,60}}?\bfrom\b(?P<old>[^\n]{{3,50}})", re.IGNORECASE
)
_BEFORE_MOVE = re.compile(rf"(?P<old>.+?)\b{_MOVE}\b[^\n]{{0,25}}?\b(?:to|until|for)\b", re.IGNORECASE)
_ASIDE = re.compile(
    r"(?:\(\s*(?:was|were|previously|formerly|originally|not|from)\b(?P<a>[^)\n]{3,60})\)"
    r"|\b(?:instead of|rather than|in place of|replac(?:es|ing)|not on|originally (?:scheduled |booked )?(?:for|on)?"
    r"|previously (?:scheduled |booked )?(?:for|on)?)\s"
    r"(?P<b>[^\n,;(]{3,45}?)(?=[,;(\n]|\bto\b|\bshe\b|\bhe\b|\bis\b|\bwe\b|$))",
    re.IGNORECASE,
)
_CANCEL = re.compile(
    r"\bcancel\w*|\bcalled off\b|\bno longer (?:works?|available|scheduled)\b|\b(?:cannot|can't|can not|could not"
    r"|couldn't|unable to|not able to) (?:make|keep|attend|be kept|come)\b|\bremoved from (?:the|our) schedule\b",
    re.IGNORECASE,
)
_POLICY = re.compile(
    r"\bcancel\w*\s+(?:policy|fee|list|or (?:re-?sched|chang))|(?:need to|to|must|if you|without|please) cancel"
    r"|cancel\w* "
    r"(?:within|at least|less than)|\b(?:is|are|was|were|not|n't|been) not (?:been )?cancel",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"\bre-?book\w*|\bre-?sched\w*|\bmoved\b|\bso we (?:put|have|booked)|\bnew (?:appointment|appt|date|time)\b"
    r"|\bis now\b"
    r"|\b(?:and|but) (?:is )?(?:now )?(?:booked|scheduled)\b|\bwill (?:now )?(?:come|be seen)\b|\bshe will\b"
    r"|\bhe will\b",
    re.IGNORECASE,
)
_UNSETTLED = re.compile(
    r"\btentative\w*|\boffer\w*|\bopenings?\b|\bavailab\w*|\bpropos\w*|\bpending\b|\brequest(?:ed)? for\b"
    r"|\bwait ?list\w*"
    r"|\bwould (?:you|she|he|like|work)\b|\bcould (?:we|she|he|see|be)\b|\bif (?:she|he|the patient|pt|you|that"
    r"|this|not)\b"
    r"|\bunless\b|\bwhich (?:works|one)\b|\blet us know\b|\bwill confirm\b|\b(?:not|un)[ -]?(?:yet )?confirm\w*"
    r"|\bto be confirmed\b|\btbc\b|\bon hold\b|\bholding\b|\bdo you want\b|\btried to\b|\battempted\b|\bcould not be\b"
    r"|\buntil\b|\bno earlier than\b|\bbetween\b|\bmaybe\b|\bperhaps\b|\bpossibly\b|\bmight\b|\bor\s+(?:\d|mon"
    r"|tue|wed|thu|fri)"
    r"|\?",
    re.IGNORECASE,
)
_SENTENCE = 240
"""As far as the words of a sentence are looked for on either side of its day."""


def clauses(text: str) -> list[tuple[int, int]]:
    """Where each sentence of a text begins and ends."""
    found: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        found.append((start, match.end()))
        start = match.end()
    return [*found, (start, len(text))] if start < len(text) else found


def without_withdrawn(text: str) -> str:
    """The text, as long as before, with blanks where it speaks of an appointment that no longer holds."""
    pieces = [_standing(text[start:end]) for start, end in clauses(text)]
    return "".join(pieces)


def _standing(clause: str) -> str:
    for pattern in (_FROM_TO, _TO_FROM, _ASIDE):
        clause = pattern.sub(_blanked, clause)
    if (cancel := _CANCEL.search(clause)) and not _POLICY.search(clause):
        again = _AGAIN.search(clause, cancel.end())
        clause = " " * again.start() + clause[again.start() :] if again else _without_digits(clause)
    elif (moved := _BEFORE_MOVE.match(clause)) and re.search(r"\d", clause[moved.end() :]):
        clause = _without_digits(clause[: moved.end("old")]) + clause[moved.end("old") :]
    return clause


def _blanked(match: re.Match[str]) -> str:
    name = next(name for name, value in match.groupdict().items() if value is not None)
    start, end = match.start(name) - match.start(), match.end(name) - match.start()
    return match[0][:start] + " " * (end - start) + match[0][end:]


def _without_digits(clause: str) -> str:
    """A sentence whose words stay and whose days are gone: weekdays and `tomorrow` too."""
    days = r"\d|\b(?:mon|tue|wed|thu|fri|sat|sun)\w*|\btomorrow\b|\btoday\b"
    return re.sub(days, lambda match: " " * len(match[0]), clause, flags=re.IGNORECASE)


def cancels(text: str) -> str:
    """The sentence that takes an appointment back without naming another; empty if there is none."""
    for start, end in clauses(text):
        clause = text[start:end]
        is_about = re.search(r"\bapp(?:ointmen)?ts?\b|\bvisit\b|\bconsult\w*|\bschedul\w*", clause, re.IGNORECASE)
        if is_about and _CANCEL.search(clause) and not _POLICY.search(clause) and not _AGAIN.search(clause):
            return clause.strip()
    return ""


def cancel_doubts(text: str, kind: DocumentKind, *, has_appointment: bool) -> tuple[str, ...]:
    """Why a person must look at a notice that takes an appointment back; a note may tell of earlier ones."""
    if has_appointment or kind not in _NOTICES or not cancels(text):
        return ()
    return ("it takes an appointment back and names no other",)


def is_unsettled(text: str, start: int, end: int) -> bool:
    """Whether the sentence around a day only offers it, asks for it or waits for someone's yes."""
    first = max(0, start - _SENTENCE)
    window = text[first : end + _SENTENCE]
    start, end = start - first, end - first
    return any(
        _UNSETTLED.search(window[begins:ends]) is not None
        for begins, ends in clauses(window)
        if begins <= start < ends or begins < end <= ends
    )
