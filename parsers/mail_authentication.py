"""Whether the mail server that took a mail in says that its sender is not who it claims to be.

Owns reading Authentication-Results (RFC 8601) of one trusted server. Believes the topmost line of that name alone: a
server strips lines that strangers wrote in its name (section 5), and what stands further down came with the mail.
"""

import re
from email.message import Message

from parsers.mail_headers import values

_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"^\s*(dmarc|dkim|spf)\s*=\s*([a-z]+)", re.IGNORECASE)
_FAILURES = {"dmarc": {"fail"}, "dkim": {"fail"}, "spf": {"fail", "softfail"}}


def failed_check(message: Message, trusted_server: str) -> str:
    """The check that failed, as `dmarc=fail`; empty if none did, or nobody trusted has checked.

    DMARC decides where it was asked. Without it a good signature or a good server vouches for the sender.
    """
    if not trusted_server:
        return ""
    told = [_COMMENT.sub(" ", line) for line in values(message, "Authentication-Results")]
    ours = next((line for line in told if _server(line) == trusted_server.lower()), "")
    results = [match.groups() for part in ours.split(";")[1:] if (match := _RESULT.match(part))]
    found = {check: {said.lower() for name, said in results if name.lower() == check} for check in _FAILURES}
    if found["dmarc"]:
        return "dmarc=fail" if "fail" in found["dmarc"] else ""
    if "pass" in found["dkim"] | found["spf"]:
        return ""
    return next((f"{check}=fail" for check, failures in _FAILURES.items() if found[check] & failures), "")


def is_checked_by(message: Message, trusted_server: str) -> bool:
    """Whether the trusted server says that it checked: then nothing needs to be checked again."""
    told = [_COMMENT.sub(" ", line) for line in values(message, "Authentication-Results")]
    return bool(trusted_server) and any(_server(line) == trusted_server.lower() for line in told)


def _server(line: str) -> str:
    """The authserv-id, without the version number that may follow it."""
    words = line.partition(";")[0].split()
    return words[0].lower() if words else ""
