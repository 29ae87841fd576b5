"""The sender's own words in a mail: without what is quoted, signed or disclaimed.

Owns the marks by which mail programs set off quoted text. A mail that is nothing but a forward is its forwarded
text. Removes no line it does not know.
"""

import re
from dataclasses import dataclass

_MAX_TEXT = 300_000
_WROTE = re.compile(
    r"^\W{0,3}(?:On|Am|Le|El|Il)\b.{4,300}\b(?:wrote|schrieb|a écrit|escribió|ha scritto)\s*:\s*$", re.IGNORECASE
)
_ORIGINAL = re.compile(
    r"^\s*-{2,}\s*(?:original message|mensaje original|reply above|please reply above)\b.*$",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"^\s*(?:-{2,}\s*forwarded (?:message|by)|begin forwarded message|-{2,}\s*fwd)\b.*$",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s*_{8,}\s*$")
_HEADER = re.compile(r"^\W{0,3}(?:From|Sent|Date|To|Cc|Subject|Von|De)\*?\s*:\*?\s+\S", re.IGNORECASE)
_FROM = re.compile(r"^\W{0,3}(?:From|Von|De)\*?\s*:\*?\s+\S", re.IGNORECASE)
_DELIMITER = re.compile(r"^-- ?$")
_DEVICE = re.compile(
    r"^\s*(?:sent from (?:my|mail|yahoo|outlook)|get outlook for|sent via|sent with)\b.{0,60}$",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^\s*(?:(?:many |kind |best |warm |with )*(?:thanks|thank you|thx|regards|wishes|sincerely"
    r"|respectfully|cordially|cheers|best)"
    r"(?: (?:so much|again|very much|you|yours))?|yours (?:truly|sincerely)|sincerely yours|v/r)\s*[,.!\-]*\s*$",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"confidential(?:ity)? (?:notice|statement|note|communication)|(?:this|the) (?:e-?mail|message"
    r"|communication|transmission|information)"
    r"\b.{0,160}\b(?:confidential|intended (?:only|solely)|privileged|protected)|if you (?:are not"
    r"|have received|received)\b.{0,60}"
    r"(?:intended|in error|mistake)|please consider the environment|hipaa (?:notice|privacy|disclaimer)|virus[- ]free"
    r"|^\W*(?:\[?external\]?|caution:|warning:).{0,160}(?:sender|email|e-mail|outside|links)"
    r"|^\W*\[?external(?: email)?\]?\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The body without additions; `signature` is what stood under the closing."""

    text: str
    signature: str = ""
    is_forward: bool = False


def own_words(body: str, subject: str) -> OwnWords:
    """What the sender wrote in this mail, or forwarded if nothing else."""
    lines = _join_wrapped(body[:_MAX_TEXT].replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    cut, is_forward = _quoted_from(lines, re.match(r"\W*(?:fwd?|tr|wg)\s*:", subject, re.IGNORECASE) is not None)
    own, rest = lines[:cut], lines[cut:]
    text, signature = _unsigned(_unquoted(own))
    if is_forward and len(text) < 400:
        text = f"{text}\n\n{_forwarded(rest)}".strip()
        return OwnWords(text, signature, is_forward=True)
    if cut < len(lines) and _WROTE.match(lines[cut]):
        below, more = _unsigned(_unquoted(_after_quote(rest[1:])))
        text, signature = f"{text}\n\n{below}".strip(), signature or more
    if not text and any(line.lstrip().startswith(">") for line in own):
        return OwnWords("", signature)
    return OwnWords(text, signature)


def _join_wrapped(lines: list[str]) -> list[str]:
    """`On … <address>` broken over lines before `wrote:` made one line again."""
    joined: list[str] = []
    for line in lines:
        start = next((back for back in (1, 2) if len(joined) >= back and re.match(r"\W{0,3}On\b", joined[-back])), 0)
        if start and re.search(r"wrote\s*:\s*$", line) and not _WROTE.match(line):
            whole = " ".join([*joined[-start:], line])
            if len(whole) < 320 and _WROTE.match(whole):
                joined[-start:] = [whole]
                continue
        joined.append(line)
    return joined


def _quoted_from(lines: list[str], subject_forwards: bool) -> tuple[int, bool]:
    """The line where quoted or forwarded text begins, and whether it is a forward."""
    for number, line in enumerate(lines):
        if _FORWARD.match(line):
            return number, True
        if _WROTE.match(line) or _ORIGINAL.match(line):
            return number, subject_forwards
        window = lines[number + 1 : number + 6]
        if _FROM.match(line) and sum(bool(_HEADER.match(one)) for one in window) >= 2:
            return number, subject_forwards
        if _RULE.match(line) and any(_FROM.match(one) for one in lines[number + 1 : number + 4]):
            return number, subject_forwards
    return len(lines), False


def _after_quote(lines: list[str]) -> list[str]:
    """What is written below a quotation marked with `>`; nothing where the quotation is not marked."""
    first = next((line for line in lines if line.strip()), "")
    return lines if first.lstrip().startswith(">") else []


def _unquoted(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.lstrip().startswith(">")]


def _forwarded(lines: list[str]) -> str:
    """A forwarded mail's own text, without its header lines and quote marks."""
    plain = [re.sub(r"^\s*(?:>\s?)+", "", line) for line in lines]
    start = 1
    while start < len(plain) and (not plain[start].strip() or _HEADER.match(plain[start])):
        start += 1
    text, _ = _unsigned(plain[start:] if start < len(plain) else [])
    return text


def _unsigned(lines: list[str]) -> tuple[str, str]:
    """The text without signature, device line and disclaimers; and the signature."""
    lines = _without_disclaimers(lines)
    signature: list[str] = []
    end = next((number for number, line in enumerate(lines) if _DELIMITER.match(line)), len(lines))
    lines, signature = lines[:end], lines[end + 1 :]
    closing = _closing(lines)
    if closing is not None:
        lines, signature = lines[:closing], lines[closing + 1 :] + signature
    kept = [line for line in lines if not _DEVICE.match(line)]
    return _tidy(kept), _tidy(signature)


def _closing(lines: list[str]) -> int | None:
    """The line of `Thanks,` above a signature: something stands before it, and little and short below."""
    for number, line in enumerate(lines):
        below = [one for one in lines[number + 1 :] if one.strip()]
        if _CLOSING.match(line) and any(one.strip() for one in lines[:number]):
            is_signature = len(below) <= 12 and all(len(one) < 110 for one in below)
            return number if is_signature else None
    return None


def _without_disclaimers(lines: list[str]) -> list[str]:
    kept: list[str] = []
    paragraph: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            paragraph.append(line)
            continue
        if not _is_disclaimer(paragraph):
            kept += [*paragraph, ""]
        paragraph = []
    return kept


def _is_disclaimer(paragraph: list[str]) -> bool:
    return bool(paragraph) and bool(_DISCLAIMER.search(" ".join(paragraph)[:600]))


def _tidy(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()
