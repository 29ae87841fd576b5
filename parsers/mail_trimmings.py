"""What stands around a mail's words and is nobody's answer: banners, disclaimers, device lines, signatures.

Takes away only lines it knows, and never a line because of its neighbours alone: an answer that stands in one
paragraph with a banner stays.
"""

import re

_DELIMITER = re.compile(r"^--\s?$")
_DEVICE = re.compile(
    r"^\W{0,3}(?:sent from (?:my|mail|yahoo|outlook|the all new)|get outlook for|sent via|sent with|download outlook"
    r"|von mein\w* .{2,40} gesendet|gesendet (?:von|mit)|enviado (?:desde|do|de) (?:mi|m[ei]u)|envoyé de(?:puis)? mon"
    r"|inviato da|please excuse (?:any |the )?(?:brevity|typos))\b.{0,90}$",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^\s*(?:(?:many |kind |best |warm |with |kindest )*(?:thanks|thank you|thx|regards|wishes|sincerely"
    r"|respectfully|cordially|cheers|best|gracias|saludos|atentamente|mit freundlichen grüßen|cordialement)"
    r"(?: (?:so much|again|very much|you|yours|in advance|and have a \w+ day))?|yours (?:truly|sincerely)"
    r"|sincerely yours|v/r)\s*[,.!\-]*\s*$",
    re.IGNORECASE,
)
_BANNER = re.compile(
    r"^\W*\[?(?:external|extern)(?: e-?mail| sender| message)?\]?\W*$"
    r"|^\W*(?:\[?external\b|caution\b|warning\b|attention\b|notice\b|alert\b).{0,160}"
    r"\b(?:sender|e-?mail|outside|links?|click|external)\b"
    r"|\bthis (?:message|e-?mail) (?:is|was|came|comes|originated|has been sent|was sent) (?:from )?(?:an? )?(?:outside"
    r"|external)\b|\boriginated (?:from )?outside\b|you don'?t often (?:get|receive) e-?mail"
    r"|learn why this is important"
    r"|think before you click|do not (?:click|open|reply to).{0,60}(?:links?|attachments?)|ZjQcmQRYFpfpt"
    r"|report suspicious",
    re.IGNORECASE,
)
_BANNER_GOES_ON = re.compile(
    r"\b(?:click|links?|attachments?|sender|content is safe|recogni[sz]e|phish|organi[sz]ation|suspicious)\b",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"confidential(?:ity)? (?:notice|statement|note|communication)|privileged (?:and|&) confidential"
    r"|(?:this|the) (?:electronic )?(?:e-?mail|message|communication|transmission|information)"
    r"\b.{0,160}\b(?:confidential|intended (?:only|solely)|privileged|protected)|if you (?:are not"
    r"|have received|received)\b.{0,60}(?:intended|in error|mistake)|please consider the environment"
    r"|hipaa (?:notice|privacy|disclaimer)|virus[- ]free|scanned (?:for|by).{0,20}\b(?:virus|malware|antivirus)"
    r"|(?:e-?mail|message) (?:has been|was) scanned|sole use of the (?:intended|addressee)",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"confidential|privileged|recipient|disclos|unauthori[sz]ed|prohibit|delete|notify (?:us|the sender)"
    r"|protected health|hipaa|virus|printing|in error",
    re.IGNORECASE,
)
_PROSE = re.compile(
    r"\b(?:patient|appointment|appt|schedul\w*|booked?|please|pls|dob|declin\w*|unable|records|labs"
    r"|referral (?:was|is|has)"
    r"|we (?:can|will|are|have|need|do|did|cannot|were|had)|she|he|they|her|him|no[- ]show\w*|cancel\w*)\b"
    r"|\b\d{1,2}:\d\d\b|\b\d{1,2}\s?[ap]\.?m\b",
    re.IGNORECASE,
)
_OFFICE_HOURS = re.compile(
    r"\bhours\b|\b(?:mon|m)\w*\s?(?:-|–|to)\s?(?:fri|f)\w*|schedul\w+ (?:coordinator|dep|line|team)", re.I
)
_SENTENCE_END = re.compile(r"[.!?:]\s+")


def untrimmed(lines: list[str]) -> tuple[str, str]:
    """The words without banners, disclaimers and device lines; and the signature that stood below them."""
    lines = _without_disclaimers(_without_banners(lines))
    signature: list[str] = []
    if (end := _end(lines)) is not None:
        lines, signature = lines[:end], lines[end + 1 :]
    if (closing := _closing(lines)) is not None:
        lines, signature = lines[:closing], lines[closing + 1 :] + signature
    kept = [line for line in lines if not _DEVICE.match(line)]
    return _tidy(kept), _tidy([line for line in signature if not _DEVICE.match(line)])


def _end(lines: list[str]) -> int | None:
    """The line of two dashes above a signature. Without its space it may be any rule: then no answer stands below."""
    for number, line in enumerate(lines):
        if _DELIMITER.match(line) and (line.endswith(" ") or not _speaks(lines[number + 1 :])):
            return number
    return None


def _closing(lines: list[str]) -> int | None:
    """The line of `Thanks,` above a signature: something stands before it, and little and no answer below."""
    for number, line in enumerate(lines):
        below = [one for one in lines[number + 1 :] if one.strip()]
        if not _CLOSING.match(line) or not any(one.strip() for one in lines[:number]):
            continue
        if len(below) <= 14 and all(len(one) < 110 for one in below) and not _speaks(below):
            return number
    return None


def _speaks(lines: list[str]) -> bool:
    """Whether something among the lines may be an answer, not a name, an address or the office's hours."""
    return any(_PROSE.search(line) and not _OFFICE_HOURS.search(line) for line in lines)


def _without_banners(lines: list[str]) -> list[str]:
    """A banner is a line of its own, or a few wrapped ones that go on about links and senders."""
    kept: list[str] = []
    was_banner = False
    for line in lines:
        bare = line.strip()
        is_banner = bool(_BANNER.search(bare)) and not _PROSE.search(_BANNER.sub(" ", bare))
        goes_on = was_banner and bool(_BANNER_GOES_ON.search(bare)) and not _PROSE.search(bare)
        was_banner = bool(bare) and (is_banner or goes_on)
        if not was_banner:
            kept.append(line)
    return kept


def _without_disclaimers(lines: list[str]) -> list[str]:
    kept: list[str] = []
    before = ""  # the last line dropped, while a disclaimer runs
    for line in lines:
        if before and line.strip() and _goes_on(before, line):
            before = line
            continue
        before = ""
        match = _DISCLAIMER.search(line[:2000])
        if not match:
            kept.append(line)
            continue
        own = _sentences_before(line, match.start())
        if own:
            kept.append(own)
        before = line
    return kept


def _goes_on(before: str, line: str) -> bool:
    """Whether a line belongs to the disclaimer above it: its sentence was not ended, or the lawyer goes on."""
    is_wrapped = len(before) >= 50 and before.rstrip()[-1:] not in ".!"
    return is_wrapped or (bool(_LEGAL.search(line)) and not _PROSE.search(line))


def _sentences_before(line: str, start: int) -> str:
    """What is said in a line before the sentence in which a disclaimer begins."""
    ends = [match.end() for match in _SENTENCE_END.finditer(line, 0, start)]
    before = line[: ends[-1]].strip() if ends else ""
    return before if _PROSE.search(before) or len(before.split()) > 4 else ""


def _tidy(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()
