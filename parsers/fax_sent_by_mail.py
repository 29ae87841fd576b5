"""What a fax-by-mail service mails back about a fax that it was to send for us: to whom, and whether it got there.

Only services that the clinic names are heard, and only in mails that bring nothing: one with an attachment may be a fax
that came in. What is not clearly a yes is a no where the mail says so, else nothing.
"""

import re
from collections.abc import Collection
from email.message import Message

from parsers.mail_headers import addresses
from parsers.phones import find_phones
from parsers.reading import FaxSent

_NOT_SENT = re.compile(
    r"\b(?:fail(?:ed|ure|s)?|unsuccessful(?:ly)?|undeliver(?:ed|able)|rejected|(?:could|was|were|has|have|did) ?n[o']t"
    r"(?: been)? (?:be )?(?:sent|send|delivered|deliver|transmitted|completed?)|could not be|unable to"
    r"|line (?:was )?busy|no answer|not delivered|not sent|cancell?ed)\b",
    re.IGNORECASE,
)
_SENT = re.compile(
    r"\b(?:success(?:ful(?:ly)?)?|delivered|(?:has|have|was|were) (?:been )?(?:sent|transmitted|completed)"
    r"|(?:fax|transmission|delivery)(?: has been| was)? (?:sent|complete[d]?)|sent to)\b",
    re.IGNORECASE,
)
_UNDER_WAY = re.compile(
    r"\b(?:queued|being (?:sent|processed)|in progress|has been (?:accepted|submitted)|will (?:be|try|retry))\b",
    re.IGNORECASE,
)
_HEAD_CHARS = 4000
_WORDS_CHARS = 160


def find_fax_sent(message: Message, subject: str, text: str, services: Collection[str]) -> FaxSent | None:
    """What the mail says of our fax; None if it is not from one of the services, or says neither yes nor no."""
    domains = {address.rpartition("@")[2].casefold() for address in addresses(message, "From")}
    if len(domains) != 1 or not any(_is_below(domain, services) for domain in domains):
        return None
    head = f"{subject}\n{text[:_HEAD_CHARS]}"
    numbers = tuple(dict.fromkeys(phone.e164 for phone in find_phones(head)))
    if not_sent := _NOT_SENT.search(head):
        return FaxSent(is_delivered=False, numbers=numbers, words=_sentence(head, not_sent.start()))
    if _UNDER_WAY.search(head) or not (sent := _SENT.search(head)):
        return None
    return FaxSent(is_delivered=True, numbers=numbers, words=_sentence(head, sent.start()))


def _is_below(domain: str, services: Collection[str]) -> bool:
    return any(domain == service or domain.endswith(f".{service}") for service in map(str.casefold, services))


def _sentence(text: str, place: int) -> str:
    """The line around a place."""
    start = text.rfind("\n", 0, place) + 1
    return " ".join(text[start:].partition("\n")[0].split())[:_WORDS_CHARS]
