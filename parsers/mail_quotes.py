"""Where a mail stops being its sender's own: the marks by which mail programs set off what was written before.

Owns the heads of quotations and forwards in the languages offices' programs speak. Knows no signatures.
"""

import re
from dataclasses import dataclass
from enum import Enum

_OPENS = r"(?:On|Am|Le|El|Il|Em|Op|Den|Dnia|W dniu)"
_WROTE_LAST = r"(?:wrote|a écrit|escribió|ha scritto|escreveu|skrev|napisał\(?a?\)?)"
_WROTE = re.compile(
    rf"^\W{{0,8}}{_OPENS}\b(?=.*\d)(?:.{{4,300}}\b{_WROTE_LAST}\s*:|.{{4,120}}\b(?:schrieb|schreef)\b.{{0,200}}:)\s*$",
    re.IGNORECASE,
)
_OPENING = re.compile(rf"\W{{0,8}}{_OPENS}\b(?=.*\d)", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"^[>\s]*(?:-{2,}\s*(?:original(?:e)? (?:message|nachricht)|ursprüngliche nachricht|mensaje original"
    r"|message d'origine|messaggio originale|mensagem original|oorspronkelijk bericht)\b.*)$",
    re.IGNORECASE,
)
_REPLY_ABOVE = re.compile(r"^\W{2,}\s*(?:please )?(?:type |write )?(?:your )?reply above\b.*$", re.IGNORECASE)
_FORWARD = re.compile(
    r"^[>\s]*(?:-{2,}\s*(?:forwarded (?:message|by)|fwd|weitergeleitete nachricht|mensaje reenviado"
    r"|message transféré|messaggio inoltrato|mensagem encaminhada)|begin forwarded message|anfang der weitergeleiteten"
    r"|inicio del mensaje reenviado|début du message)\b.*$",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s*_{8,}\s*$")
_FROM_WORD = r"(?:From|Von|De|Da|Van)"
_HEADER = re.compile(
    rf"^\W{{0,6}}(?:{_FROM_WORD}|Sent|Date|To|Cc|Bcc|Subject|Reply-To|Importance|Attachments|Gesendet|Datum|An|Betreff"
    r"|Enviad[oa](?: e[lm])?|Fecha|Para|Asunto|Assunto|Envoyé|À|Objet|Inviato|Data|Oggetto|Verzonden|Aan|Onderwerp)"
    r"\*?\s*:\*?\s*\S",
    re.IGNORECASE,
)
_FROM = re.compile(rf"^\W{{0,6}}{_FROM_WORD}\*?\s*:\*?\s*(\S.*)$", re.IGNORECASE)
_DATED = re.compile(
    r"^\W{0,6}(?:Date|Sent|Gesendet|Datum|Enviado(?: el)?|Fecha|Envoyé|Inviato|Data)\*?\s*:", re.IGNORECASE
)
_JOINED_LINES = 3
_LONGEST_HEAD = 420


class Cut(Enum):
    """What begins where the sender's own words end."""

    NOTHING = "nothing"
    MARKED = "marked"  # a quotation whose lines carry `>`: what follows it without one is the sender's again
    REST = "rest"  # all that follows is quoted
    FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class Quotation:
    """The line number at which it begins, and what it is."""

    start: int
    cut: Cut


def join_wrapped(lines: list[str]) -> list[str]:
    """`On … <address>` that was broken over lines before `wrote:` made one line again."""
    joined: list[str] = []
    for line in lines:
        back = _lines_back(joined, line) if line.rstrip().endswith(":") and not _WROTE.match(line) else 0
        if back:
            joined[-back:] = [" ".join(one.strip() for one in [*joined[-back:], line])]
        else:
            joined.append(line)
    return joined


def _lines_back(before: list[str], line: str) -> int:
    """How many lines before this one belong to the same head of a quotation; 0 if it ends none."""
    for back in range(1, _JOINED_LINES + 1):
        if len(before) < back or not before[-back].strip():
            return 0
        if _OPENING.match(before[-back]):
            whole = " ".join(one.strip() for one in [*before[-back:], line])
            return back if len(whole) < _LONGEST_HEAD and _WROTE.match(whole) else 0
    return 0


def find_quotation(lines: list[str], *, subject_forwards: bool) -> Quotation:
    """Where quoted or forwarded text begins in lines that `join_wrapped` has joined."""
    for number, line in enumerate(lines):
        if _FORWARD.match(line):
            return Quotation(number, Cut.FORWARD)
        if _WROTE.match(line):
            return Quotation(number, Cut.MARKED)
        if _REPLY_ABOVE.match(line):
            return Quotation(number, Cut.REST)
        if _ORIGINAL.match(line) or _is_head(lines, number):
            return Quotation(number, Cut.FORWARD if subject_forwards else Cut.REST)
    return Quotation(len(lines), Cut.NOTHING)


def _is_head(lines: list[str], number: int) -> bool:
    """Whether the headers of an older mail begin here, with or without a rule above them."""
    if _RULE.match(lines[number]):
        return any(_FROM.match(one) for one in lines[number + 1 : number + 4])
    window = [one for one in lines[number + 1 : number + 12] if one.strip()][:5]
    return bool(_FROM.match(lines[number])) and sum(bool(_HEADER.match(one)) for one in window) >= 2


def is_marked(line: str) -> bool:
    """Whether the line carries a quotation's `>`."""
    return line.lstrip().startswith(">")


def unmarked(lines: list[str]) -> list[str]:
    """The lines without the marks of a quotation."""
    return [re.sub(r"^\s*(?:>\s?)+", "", line) for line in lines]


def without_head(lines: list[str]) -> tuple[list[str], list[str]]:
    """A forwarded mail's text without its head, and the lines of that head."""
    start = 1
    while start < len(lines) and (not lines[start].strip() or _HEADER.match(lines[start])):
        start += 1
    return lines[start:], lines[:start]


def sender_in(head: list[str]) -> str:
    """What a head says of the mail's writer; a `… wrote:` line as a whole."""
    named = next((match[1].strip() for line in head if (match := _FROM.match(line))), "")
    return named or next((line.strip() for line in head if _WROTE.match(line)), "")


def date_in(head: list[str]) -> str:
    """What a head says of when the mail was written."""
    dated = next((line for line in head if _DATED.match(line)), "")
    return dated.partition(":")[2].strip() or next((line for line in head if _WROTE.match(line)), "")
