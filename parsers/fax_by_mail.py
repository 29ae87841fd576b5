"""Faxes that a service sends on as mail: whose number it names, how many pages, and whether all of them came.

Owns the wording of fax-to-mail services. What such a mail says is the service's, never the office's: the office's
words are the attachment alone.
"""

import re
from dataclasses import dataclass
from email.message import Message

from parsers.mail_headers import addresses, value
from parsers.phones import find_phones

_SERVICES = re.compile(
    r"@(?:[\w\-]+\.)*(?:efax(?:send|corporate)?|j2|myfax|metrofax|rapidfax|srfax|concord(?:fax|now)?|ringcentral"
    r"|hellofax|hellosign|dropbox(?:fax)?|vonage(?:business)?|faxage|medfax|documo|mfax|nextiva(?:fax)?|8x8|fax|faxplus"
    r"|ifaxapp|sfaxme|scrypt|updox|onebox|smartfax|trustfax|interfax|phaxio|biscom|humblefax|fax2mail|easylink"
    r"|opentext|westfax|etherfax|packetfax|telnyx|faxlogic|gotofax|faxpipe|faxback|goto|jive|intermedia|dialpad"
    r"|zoom|ooma|grasshopper|nethosting|axiatel|retarus|consensus)\.(?:com|net|plus|org|io|us|ca)$",
    re.IGNORECASE,
)
_SPEAKS_OF_FAX = re.compile(r"\be?-?fax\b|\bmyfax\b|\bfax(?:es|ed)?\b|\bfacsimile\b", re.IGNORECASE)
_IS_RECEIPT = re.compile(r"\b(?:received|incoming|inbound|new|you have|you've|from|message|arriv\w+)\b", re.IGNORECASE)
_WAS_SENT = re.compile(
    r"\b(?:your|outbound|outgoing) fax\b.{0,60}\b(?:to|sent|delivered|failed)\b|\bfax (?:to|sent|delivery"
    r"|transmission)\b"
    r"|\bsuccessfully (?:sent|transmitted|delivered)\b|\bsend (?:result|confirmation|status)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^\W*(?:caller[ \-]?id|cid|ani|from|to|remote (?:cs)?id|csid|tsid|pages?|(?:number|total|#) of pages|received"
    r"(?: on| at)?|date(?:/time)?|fax (?:number|id|line)|sender|called (?:number|did)|did|duration|job id)\b.{0,4}[:#]",
    re.IGNORECASE | re.MULTILINE,
)
_HEADERS = ("X-Fax-From", "X-Fax-CallerID", "X-Fax-Caller-Id", "X-CallerID", "X-Caller-ID", "X-Fax-Sender", "X-FAX-ANI")
_CALLER = (
    re.compile(
        r"\b(?:caller[ \-]?id|cid|ani|calling (?:number|party))\b\W{0,6}([+\d(][\d\s().\-+]{8,18}\d)", re.IGNORECASE
    ),
    re.compile(
        r"\b(?:fax(?:ed)?(?: (?:message|received))? from|received from|message from|sender(?:'s)?(?: fax)?(?: number)?"
        r"|from(?: (?:fax )?number"
        r"| fax)?)\b\W{0,6}(?:[A-Za-z][^\n\d(+]{0,40}[^\w\n]{1,3})?([+\d(][\d\s().\-+]{8,18}\d)",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:remote (?:cs)?id|csid|tsid|station id)\b\W{0,6}([+\d(][\d\s().\-+]{8,18}\d)", re.IGNORECASE),
)
_STATION = re.compile(r"\b(?:remote (?:cs)?id|csid|tsid|station id)\b\W{0,4}([^\n,;|]{2,30})", re.IGNORECASE)
_SHARE = re.compile(
    r"\b(\d{1,3})\s*(?:of|/|out of)\s*(\d{1,3})\s*page|\bpages?(?: received)?\s*:\s*(\d{1,3})\s*(?:of|/)\s*(\d{1,3})\b",
    re.IGNORECASE,
)
_PAGES = re.compile(
    r"\b(\d{1,3})\s*(?:-\s*)?page(?:\(s\)|s)?\b|\b(?:(?:number|total|#) of )?pages?(?: received"
    r"| count)?\s*[:#]\s*(\d{1,3})\b",
    re.IGNORECASE,
)
_CUT_OFF = re.compile(
    r"\bpartial(?:ly)?\b|\bincomplete\b|\b(?:received|completed|ended) with errors?\b|\bnot all pages\b"
    r"|\bwas (?:interrupted|cut off)\b"
    r"|\b(?:transmission|communication|line) (?:error|failure)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FaxNotice:
    """What the service says: E.164 of the caller, its station's id, pages announced (0 if not), all of them or not."""

    caller: str = ""
    station_id: str = ""
    pages: int = 0
    is_partial: bool = False


def find_fax_notice(message: Message, subject: str, text: str, *, has_attachment: bool) -> FaxNotice | None:
    """What a service says of the fax it sends on, or None where the mail is no such thing.

    A service that is not known by its address is known by its form: a fax attached, and a list of a caller's data.
    """
    head = f"{subject}\n{text[:4000]}"
    if not _SPEAKS_OF_FAX.search(head) or not _IS_RECEIPT.search(head) or _WAS_SENT.search(head):
        return None
    is_known = any(_SERVICES.search(one) for one in addresses(message, "From", "Sender", "Return-Path"))
    is_form = has_attachment and _SPEAKS_OF_FAX.search(subject) is not None and len(_LABEL.findall(text[:4000])) >= 2
    by_header = any(value(message, name) for name in _HEADERS)
    if not (is_known or is_form or by_header):
        return None
    got, whole = _share(head)
    pages = whole or next((int(match[1] or match[2]) for match in _PAGES.finditer(head)), 0)
    return FaxNotice(
        caller=_caller(message, head),
        station_id=_station(head),
        pages=pages,
        is_partial=got < whole or _CUT_OFF.search(head) is not None,
    )


def _caller(message: Message, head: str) -> str:
    """The calling number, from where it is surest; empty if a source names two."""
    stated = "\n".join(value(message, name) for name in _HEADERS)
    for texts in ([stated], *(pattern.findall(head) for pattern in _CALLER)):
        numbers = {phone.e164 for text in texts for phone in find_phones(text)}
        if numbers:
            return numbers.pop() if len(numbers) == 1 else ""
    return ""


def _station(head: str) -> str:
    match = _STATION.search(head)
    told = match[1].strip(" \"'") if match else ""
    return "" if re.fullmatch(r"(?i)unknown|n/a|none|-*", told) else told


def _share(head: str) -> tuple[int, int]:
    """Pages received of pages sent; zeros if nothing is said."""
    match = _SHARE.search(head)
    if match is None:
        return 0, 0
    got, whole = (int(one) for one in match.groups() if one is not None)
    return got, whole
